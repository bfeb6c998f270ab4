#include "daemon/authority_files.h"

#include <errno.h>
#include <string.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/timestamp.h"
#include "daemon/directory.h"
#include "daemon/log_line.h"
#include "net/authority.h"
#include "net/certificate.h"
#include "net/certificate_facts.h"
#include "source/file.h"

enum { FOLDER_MODE = 0755, PUBLIC_MODE = 0644, SECRET_MODE = 0600, PEM_SIZE_MAX = 256 * 1024 };

#define AUTHORITY_KEY_FILE "authority.key"
#define SERVER_FILE        "server.pem"

/* What is being opened. */
struct opening {
	const struct authority_request *request;
	struct problems *of_time, *problems;
	char *key_path, *certificate_path, *server_path;
	struct buffer authority; /* authority.key */
	bool is_expired;         /* that, or not valid yet */
	struct address addresses[DNS_SERVER_ADDRESSES_MAX];
	struct authority_leaf leaf;
};

static int refuse(struct opening *o, const char *path, const char *text)
{
	problem_add(o->problems, path, 0, 0, "%s", text);
	return ERR_INVALID;
}

static int refuse_use(struct opening *o, const char *verb, const char *path, int code)
{
	problem_add(o->problems, path, 0, 0, "cannot %s it: %s", verb, err_text(code));
	return code;
}

static int write_file(struct opening *o, const char *path, struct view bytes, unsigned mode)
{
	int code = file_replace(path, bytes, mode);
	return code < 0 ? refuse_use(o, "write", path, code) : OK;
}

/* The authority's certificate stands behind its key. */
static struct view certificate_of(struct view both)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	const uint8_t *at = memmem(both.bytes, both.size, begin, sizeof(begin) - 1);
	return at ? view_skip(both, (size_t)(at - both.bytes)) : view_of(NULL, 0);
}

static int make_authority(struct opening *o)
{
	struct buffer certificate = {0};
	if (access(o->certificate_path, F_OK) == 0)
		return refuse(o, o->key_path,
		              "it is missing, but " AUTHORITY_CERTIFICATE_FILE
		              " is there: put it back, or take that away for a new authority");
	int code = authority_make(o->request->organisation, o->request->now_us, &certificate,
	                          &o->authority);
	buffer_add_view(&o->authority, buffer_view(&certificate));
	if (code < 0 || o->authority.failed)
		code = refuse_use(o, "make", o->key_path, -ENOMEM);
	else
		code = write_file(o, o->key_path, buffer_view(&o->authority), SECRET_MODE);
	buffer_done(&certificate);
	if (code == OK)
		log_line(LOG_LEVEL_NOTICE,
		         "made the organisation's own authority %s: keep it secret", o->key_path);
	return code;
}

/* A certificate that clients were given is not changed under their hands. */
static int publish(struct opening *o)
{
	struct buffer text = {0};
	struct view certificate = certificate_of(buffer_view(&o->authority));
	struct certificate_facts mine, given;
	int code = file_read(o->certificate_path, PEM_SIZE_MAX, &text);
	if (code == -ENOENT) {
		code = write_file(o, o->certificate_path, certificate, PUBLIC_MODE);
		if (code == OK)
			log_line(
				LOG_LEVEL_NOTICE,
				"clients must trust the authority in %s: see `writ authority show`",
				o->certificate_path);
	} else if (code < 0) {
		code = refuse_use(o, "read", o->certificate_path, code);
	} else if (certificate_facts_read(buffer_view(&text), 0, &given) < 0) {
		code = refuse(o, o->certificate_path, "no certificate can be read, expected PEM");
	} else if (certificate_facts_read(certificate, 0, &mine) < 0 ||
	           memcmp(mine.sha256, given.sha256, sizeof(mine.sha256)) != 0) {
		code = refuse(o, o->certificate_path,
		              "it is not the certificate in " AUTHORITY_KEY_FILE " beside it");
	}
	buffer_done(&text);
	return code;
}

/* Whether a text has a certificate and its key. OK when nothing but the time is wrong, with that in *ret. */
static int check(struct opening *o, const char *path, const struct buffer *text,
                 struct certificate_fault *ret)
{
	struct buffer copy = {0};
	struct view pem = buffer_view(text);
	*ret = (struct certificate_fault){0};
	int code = certificate_check(pem, pem, o->request->now_us, &copy, ret);
	authority_wipe(&copy);
	if (ret->is_of_time)
		return OK;
	if (code == ERR_INVALID)
		problem_add(o->problems, path, ret->line, ret->line ? 1 : 0, "%s", ret->text);
	return code;
}

static int read_authority(struct opening *o)
{
	struct certificate_fault fault;
	int code = check(o, o->key_path, &o->authority, &fault);
	if (code == OK && fault.is_of_time)
		problem_add(o->of_time, o->key_path, 0, 0, "%s", fault.text);
	o->is_expired = fault.is_of_time;
	return code;
}

static int open_authority(struct opening *o)
{
	int code = directory_make(o->request->server->authority_directory, FOLDER_MODE);
	if (code < 0)
		return refuse_use(o, "use", o->request->server->authority_directory, code);
	code = file_read(o->key_path, PEM_SIZE_MAX, &o->authority);
	if (code == -ENOENT)
		code = make_authority(o);
	else if (code == OK)
		code = read_authority(o);
	else
		code = refuse_use(o, "read", o->key_path, code);
	return code < 0 ? code : publish(o);
}

static void describe_leaf(struct opening *o)
{
	const struct dns_server_options *server = o->request->server;
	const struct prefix *addresses = server->addresses.items;
	for (size_t i = 0; i < server->addresses.count; i++)
		o->addresses[i] = address_from_bytes(addresses[i].bytes,
		                                     addresses[i].family == ADDRESS_V4 ? 4 : 16);
	o->leaf = (struct authority_leaf){.names = server->names.items,
	                                  .name_count = server->names.count,
	                                  .addresses = o->addresses,
	                                  .address_count = server->addresses.count,
	                                  .now_us = o->request->now_us,
	                                  .life_us = server->certificate_life_us};
}

/* TIME_MAX when the authority ends with it. */
static int64_t renewal_of(const struct opening *o, struct view pem)
{
	struct certificate_facts server, authority;
	if (certificate_facts_read(pem, 0, &server) < 0 ||
	    certificate_facts_read(buffer_view(&o->authority), 0, &authority) < 0 ||
	    server.until_us >= authority.until_us)
		return TIME_MAX;
	return server.until_us - o->leaf.life_us / 3;
}

static int issue(struct opening *o, struct buffer *ret)
{
	struct buffer key = {0};
	struct view authority = buffer_view(&o->authority);
	if (o->leaf.name_count + o->leaf.address_count == 0)
		return refuse(o, o->server_path,
		              "there is no name and no address for it, expected dns.server.names");
	int code = authority_issue(authority, authority, &o->leaf, ret, &key);
	buffer_add_view(ret, buffer_view(&key));
	authority_wipe(&key);
	if (code == ERR_INVALID)
		return refuse(
			o, o->certificate_path,
			"the authority has expired: take the folder's files away for a new one");
	if (code < 0 || ret->failed)
		return refuse_use(o, "make", o->server_path, -ENOMEM);
	code = write_file(o, o->server_path, buffer_view(ret), SECRET_MODE);
	if (code == OK)
		log_line(LOG_LEVEL_NOTICE, "made the server's certificate %s", o->server_path);
	return code;
}

/* Whether another one is needed and can be had. */
static bool is_due(const struct opening *o, struct view pem)
{
	return !authority_has_issued(buffer_view(&o->authority), pem, &o->leaf) ||
	       renewal_of(o, pem) <= o->request->now_us;
}

static int open_server(struct opening *o, struct buffer *ret)
{
	struct certificate_fault fault;
	int code = file_read(o->server_path, PEM_SIZE_MAX, ret);
	if (code == -ENOENT)
		return issue(o, ret);
	if (code < 0)
		return refuse_use(o, "read", o->server_path, code);
	code = check(o, o->server_path, ret, &fault);
	if (code == OK && !o->is_expired && is_due(o, buffer_view(ret))) {
		authority_wipe(ret);
		*ret = (struct buffer){0};
		return issue(o, ret);
	}
	if (code == OK && fault.is_of_time)
		problem_add(o->of_time, o->server_path, 0, 0, "%s", fault.text);
	return code;
}

int authority_files_open(const struct authority_request *r, struct problems *of_time,
                         struct problems *problems, struct buffer *ret_pem,
                         int64_t *ret_renew_at_us)
{
	const char *folder = r->server->authority_directory;
	struct opening o = {.request = r, .of_time = of_time, .problems = problems};
	struct buffer pem = {0};
	cleanup(free) char *key_path = NULL, *certificate_path = NULL, *server_path = NULL;
	if (asprintf(&key_path, "%s/" AUTHORITY_KEY_FILE, folder) < 0 ||
	    asprintf(&certificate_path, "%s/" AUTHORITY_CERTIFICATE_FILE, folder) < 0 ||
	    asprintf(&server_path, "%s/" SERVER_FILE, folder) < 0)
		return -ENOMEM;
	o.key_path = key_path;
	o.certificate_path = certificate_path;
	o.server_path = server_path;
	describe_leaf(&o);
	int code = open_authority(&o);
	if (code == OK)
		code = open_server(&o, &pem);
	if (code == OK) {
		buffer_add_view(ret_pem, buffer_view(&pem));
		*ret_renew_at_us = renewal_of(&o, buffer_view(&pem));
	}
	authority_wipe(&pem);
	authority_wipe(&o.authority);
	return code == OK && ret_pem->failed ? -ENOMEM : code;
}
