#include "daemon/certificates.h"

#include <sodium.h>

#include "base/buffer.h"
#include "daemon/protocol.h"
#include "net/certificate.h"
#include "source/file.h"

enum { PEM_SIZE_MAX = 256 * 1024 };

/* Where a certificate comes from. */
struct origin_files {
	const char *certificate, *key; /* NULL: not offered */
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

static int load(const struct origin_files *f, int64_t now_us, struct problems *of_time,
                struct problems *problems, struct memory *ret)
{
	struct buffer pem = {0};
	int code = read_pair(f, now_us, of_time, problems, &pem);
	if (code == OK)
		code = memory_copy("writ-certificate", buffer_view(&pem), ret);
	forget(&pem);
	return code;
}

struct certificates certificates_none(void)
{
	struct certificates c;
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++)
		c.pem[i] = MEMORY_NONE;
	return c;
}

int certificates_load(const struct dns_options *o, int64_t now_us, struct problems *of_time,
                      struct problems *problems, struct certificates *ret)
{
	struct certificates c = certificates_none();
	struct origin_files tls = files_of_tls(o), https = files_of_https(o);
	int code = OK;
	if (o->tls.listen.count)
		code = load(&tls, now_us, of_time, problems, &c.pem[DNS_OVER_TLS]);
	if (code == OK && o->https.listen.count)
		code = load(&https, now_us, of_time, problems, &c.pem[DNS_OVER_HTTPS]);
	if (code < 0)
		certificates_done(&c);
	else
		*ret = c;
	return code;
}

void certificates_replace(struct certificates *c, struct certificates *next)
{
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++) {
		if (!next->pem[i].bytes)
			continue;
		memory_close(&c->pem[i]);
		c->pem[i] = next->pem[i];
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
