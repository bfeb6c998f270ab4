#include "daemon/certificates.h"

#include <sodium.h>

#include "base/buffer.h"
#include "daemon/protocol.h"
#include "net/certificate.h"
#include "source/file.h"

enum { PEM_SIZE_MAX = 256 * 1024 };

#define MEMORY_NAME "writ-certificate"

/* Where a certificate comes from. */
struct origin_files {
	const char *certificate, *key; /* NULL: of the organisation's own authority */
	struct config_place certificate_place, key_place;
};

static struct origin_files files_of_tls(const struct dns_options *o)
{
	const char *certificate = o->tls.certificate;
	return (struct origin_files){
		certificate, o->tls.key ? o->tls.key : certificate,
		config_place_of(&dns_tls_schema, &o->tls, "certificate"),
		config_place_of(&dns_tls_schema, &o->tls, o->tls.key ? "key" : "certificate")};
}

static struct origin_files files_of_https(const struct dns_options *o)
{
	const char *certificate = o->https.certificate;
	if (!certificate)
		return files_of_tls(o);
	return (struct origin_files){certificate, o->https.key ? o->https.key : certificate,
	                             config_place_of(&dns_https_schema, &o->https, "certificate"),
	                             config_place_of(&dns_https_schema, &o->https,
	                                             o->https.key ? "key" : "certificate")};
}

static void forget(struct buffer *text)
{
	if (text->bytes)
		sodium_memzero(text->bytes, text->capacity);
	buffer_done(text);
}

static int read_file(const char *path, const struct config_place *at, struct problems *problems,
                     struct buffer *ret)
{
	int code = file_read(path, PEM_SIZE_MAX, ret);
	if (code < 0)
		problem_add(problems, at->file, at->line, at->column,
		            "cannot read %s: %s, expected a PEM file", path, err_text(code));
	return code < 0 ? ERR_INVALID : OK;
}

/* Makes one text of both files; *ret is empty on failure. */
static int read_pair(const struct origin_files *f, int64_t now_us, struct problems *of_time,
                     struct problems *problems, struct buffer *ret)
{
	struct buffer chain = {0}, key = {0};
	struct certificate_fault fault = {0};
	int code = read_file(f->certificate, &f->certificate_place, problems, &chain);
	if (code == OK)
		code = read_file(f->key, &f->key_place, problems, &key);
	if (code == OK) {
		code = certificate_check(buffer_view(&chain), buffer_view(&key), now_us, ret,
		                         &fault);
		if (code == ERR_INVALID)
			problem_add(fault.is_of_time ? of_time : problems,
			            fault.is_of_key ? f->key : f->certificate, fault.line,
			            fault.line ? 1 : 0, "%s", fault.text);
	}
	if (fault.is_of_time && of_time != problems)
		code = OK;
	forget(&chain);
	forget(&key);
	return code;
}

static int load_files(const struct origin_files *f, int64_t now_us, struct problems *of_time,
                      struct problems *problems, struct memory *ret)
{
	struct buffer pem = {0};
	int code = read_pair(f, now_us, of_time, problems, &pem);
	if (code == OK)
		code = memory_copy(MEMORY_NAME, buffer_view(&pem), ret);
	forget(&pem);
	return code;
}

static int load_own(const struct certificates_request *r, enum dns_transport transport,
                    struct problems *of_time, struct problems *problems, struct certificates *ret)
{
	const struct authority_request request = {r->server, r->organisation, r->now_us};
	struct buffer pem = {0};
	int code = authority_files_open(&request, of_time, problems, &pem, &ret->renew_at_us);
	if (code == OK)
		code = memory_copy(MEMORY_NAME, buffer_view(&pem), &ret->pem[transport]);
	ret->is_own[transport] = code == OK;
	forget(&pem);
	return code;
}

struct certificates certificates_none(void)
{
	struct certificates c = {.renew_at_us = TIME_MAX};
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++)
		c.pem[i] = MEMORY_NONE;
	return c;
}

int certificates_load(const struct certificates_request *r, struct problems *of_time,
                      struct problems *problems, struct certificates *ret)
{
	const struct dns_options *o = r->options;
	struct certificates c = certificates_none();
	const struct {
		enum dns_transport transport;
		size_t listeners;
		struct origin_files files;
	} offered[] = {{DNS_OVER_TLS, o->tls.listen.count, files_of_tls(o)},
	               {DNS_OVER_HTTPS, o->https.listen.count, files_of_https(o)}};
	int code = OK;
	for (size_t i = 0; code == OK && i < sizeof(offered) / sizeof(*offered); i++) {
		if (offered[i].listeners == 0)
			continue;
		if (offered[i].files.certificate)
			code = load_files(&offered[i].files, r->now_us, of_time, problems,
			                  &c.pem[offered[i].transport]);
		else
			code = load_own(r, offered[i].transport, of_time, problems, &c);
	}
	if (code < 0)
		certificates_done(&c);
	else
		*ret = c;
	return code;
}

int certificates_renew(const struct certificates *c, const struct certificates_request *r,
                       struct problems *problems, struct certificates *ret)
{
	struct certificates next = certificates_none();
	int code = OK;
	for (unsigned i = 0; code == OK && i < DNS_TRANSPORTS; i++) {
		if (c->is_own[i])
			code = load_own(r, i, problems, problems, &next);
	}
	if (code < 0)
		certificates_done(&next);
	else
		*ret = next;
	return code;
}

void certificates_replace(struct certificates *c, struct certificates *next)
{
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++) {
		if (!next->pem[i].bytes)
			continue;
		memory_close(&c->pem[i]);
		c->pem[i] = next->pem[i];
		c->is_own[i] = next->is_own[i];
		c->renew_at_us = next->renew_at_us;
		next->pem[i] = MEMORY_NONE;
	}
}

int certificates_send(const struct certificates *c, int fd)
{
	int code = OK;
	for (unsigned i = 0; code == OK && i < DNS_TRANSPORTS; i++) {
		if (c->pem[i].bytes)
			code = protocol_send_certificate(fd, (uint8_t)i, c->pem[i].fd);
	}
	return code;
}

void certificates_done(struct certificates *c)
{
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++)
		memory_close(&c->pem[i]);
}
