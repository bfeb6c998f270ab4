#include "net/https.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/library.h"

enum {
	REDIRECTS_MAX = 5,
	CONNECT_MS = 15000,
	SLOW_BYTES_PER_S = 64,
	SLOW_S = 30,
	STATUS_OK = 200,
	STATUS_NOT_MODIFIED = 304,
};

/* What is used of libcurl. */
#define FUNCTIONS(X)           \
	X(easy_cleanup)        \
	X(easy_getinfo)        \
	X(easy_header)         \
	X(easy_init)           \
	X(easy_setopt)         \
	X(easy_strerror)       \
	X(global_cleanup)      \
	X(global_init)         \
	X(multi_add_handle)    \
	X(multi_cleanup)       \
	X(multi_info_read)     \
	X(multi_init)          \
	X(multi_perform)       \
	X(multi_poll)          \
	X(multi_remove_handle) \
	X(slist_append)        \
	X(slist_free_all)

struct curl {
#define X(name) __typeof__(curl_##name) *name;
	FUNCTIONS(X)
#undef X
};
static const struct library_symbol functions[] = {
#define X(name) {"curl_" #name, offsetof(struct curl, name)},
	FUNCTIONS(X)
#undef X
};

struct transfer {
	CURL *easy;
	struct curl_slist *headers;
	struct transfer *next;
	void *context;
	struct buffer body;
	bool is_over; /* the limit of bytes */
	char error[CURL_ERROR_SIZE];
};

struct https_client {
	struct curl curl;
	bool is_global;
	CURLM *multi;
	struct transfer *transfers;
	int count; /* of them */
	const char *user_agent;
};

static int code_of(CURLMcode code)
{
	return code == CURLM_OK ? OK : code == CURLM_OUT_OF_MEMORY ? -ENOMEM : -EIO;
}

int https_open(const char *user_agent, struct https_client **ret)
{
	struct https_client *c = calloc(1, sizeof(*c));
	int code = c ? library_open("libcurl.so.4", functions,
	                            sizeof(functions) / sizeof(*functions), &c->curl)
	             : -ENOMEM;
	if (code == OK) {
		c->user_agent = user_agent;
		c->is_global = c->curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
		c->multi = c->is_global ? c->curl.multi_init() : NULL;
		code = c->multi ? OK : -ENOMEM;
	}
	if (code < 0)
		https_close(c);
	else
		*ret = c;
	return code;
}

static void free_transfer(struct https_client *c, struct transfer *t)
{
	for (struct transfer **at = &c->transfers; *at; at = &(*at)->next) {
		if (*at == t) {
			*at = t->next;
			c->count--;
			break;
		}
	}
	if (t->easy)
		(void)c->curl.multi_remove_handle(c->multi, t->easy);
	c->curl.easy_cleanup(t->easy);
	c->curl.slist_free_all(t->headers);
	buffer_done(&t->body);
	free(t);
}

void https_cancel(struct https_client *c)
{
	while (c && c->transfers)
		free_transfer(c, c->transfers);
}

void https_close(struct https_client *c)
{
	if (!c)
		return;
	https_cancel(c);
	if (c->multi)
		(void)c->curl.multi_cleanup(c->multi);
	if (c->is_global)
		c->curl.global_cleanup();
	free(c);
}

static size_t on_body(char *bytes, size_t one, size_t count, void *context)
{
	struct transfer *t = context;
	buffer_add(&t->body, bytes, one * count);
	t->is_over = t->body.failed;
	return t->is_over ? 0 : one * count;
}

static bool add_header(const struct https_client *c, struct transfer *t, const char *name,
                       const char *value)
{
	struct buffer line = {0};
	buffer_printf(&line, "%s: %s", name, value);
	char *text = buffer_take(&line);
	struct curl_slist *longer = text ? c->curl.slist_append(t->headers, text) : NULL;
	free(text);
	if (longer)
		t->headers = longer;
	return longer != NULL;
}

/* Remembers the first option that could not be set. */
#define SET(name, value) \
	(code = code == CURLE_OK ? c->curl.easy_setopt(t->easy, CURLOPT_##name, (value)) : code)

static CURLcode set_limits(const struct https_client *c, struct transfer *t,
                           const struct https_request *r)
{
	CURLcode code = CURLE_OK;
	SET(PROTOCOLS_STR, "https,http");
	SET(REDIR_PROTOCOLS_STR, "https");
	SET(FOLLOWLOCATION, 1L);
	SET(MAXREDIRS, (long)REDIRECTS_MAX);
	SET(CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	SET(TIMEOUT_MS, (long)(r->timeout_us / 1000));
	SET(LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_S);
	SET(LOW_SPEED_TIME, (long)SLOW_S);
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(NOSIGNAL, 1L);
	return code;
}

static CURLcode set_request(const struct https_client *c, struct transfer *t,
                            const struct https_request *r)
{
	CURLcode code = CURLE_OK;
	SET(URL, r->url);
	SET(USERAGENT, c->user_agent);
	SET(ACCEPT_ENCODING, "gzip");
	SET(HTTPHEADER, t->headers);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, t);
	SET(ERRORBUFFER, t->error);
	SET(PRIVATE, t);
	if (r->authorities) {
		struct curl_blob pem = {.data = (void *)(uintptr_t)r->authorities,
		                        .len = strlen(r->authorities),
		                        .flags = CURL_BLOB_COPY};
		SET(CAINFO_BLOB, &pem);
		SET(CAPATH, NULL);
	}
	return code;
}

int https_get(struct https_client *c, const struct https_request *r)
{
	struct transfer *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->next = c->transfers;
	c->transfers = t;
	c->count++;
	t->context = r->context;
	t->body.size_max = r->size_max;
	t->easy = c->curl.easy_init();
	bool is_ready = t->easy && (!r->etag || add_header(c, t, "If-None-Match", r->etag)) &&
	                (!r->modified || add_header(c, t, "If-Modified-Since", r->modified)) &&
	                set_limits(c, t, r) == CURLE_OK && set_request(c, t, r) == CURLE_OK;
	int code = is_ready ? code_of(c->curl.multi_add_handle(c->multi, t->easy)) : -ENOMEM;
	if (code < 0)
		free_transfer(c, t);
	return code;
}

int https_wait(struct https_client *c, int fd, int timeout_ms, bool *ret_readable)
{
	struct curl_waitfd other = {.fd = fd, .events = CURL_WAIT_POLLIN};
	int running;
	CURLMcode code = c->curl.multi_perform(c->multi, &running);
	/* one that ended in this very call will not wake anybody */
	if (running < c->count)
		timeout_ms = 0;
	if (code == CURLM_OK)
		code = c->curl.multi_poll(c->multi, &other, 1, timeout_ms, NULL);
	if (code == CURLM_OK)
		code = c->curl.multi_perform(c->multi, &running);
	if (code == CURLM_OK)
		*ret_readable = other.revents != 0;
	return code_of(code);
}

/* A header's value, if it can be kept in a file and sent back: printable, not too long. */
static void copy_tag(const struct https_client *c, CURL *easy, const char *name,
                     char to[static HTTPS_TAG_MAX + 1])
{
	struct curl_header *header;
	to[0] = '\0';
	if (c->curl.easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return;
	size_t size = strlen(header->value);
	for (size_t i = 0; i < size; i++) {
		if (header->value[i] < ' ' || header->value[i] > '~')
			return;
	}
	if (size <= HTTPS_TAG_MAX)
		memcpy(to, header->value, size + 1);
}

static void make_printable(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

static void judge(const struct https_client *c, const struct transfer *t, CURLcode result,
                  struct https_answer *ret)
{
	long status = 0;
	(void)c->curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	ret->outcome = HTTPS_FAILED;
	if (t->is_over)
		(void)snprintf(ret->sentence, sizeof(ret->sentence), "it is longer than %zu bytes",
		               t->body.size_max);
	else if (result != CURLE_OK)
		(void)snprintf(ret->sentence, sizeof(ret->sentence), "%s",
		               t->error[0] ? t->error : c->curl.easy_strerror(result));
	else if (status == STATUS_OK)
		ret->outcome = HTTPS_BODY;
	else if (status == STATUS_NOT_MODIFIED && t->headers)
		ret->outcome = HTTPS_SAME;
	else
		(void)snprintf(ret->sentence, sizeof(ret->sentence), "the server answers %ld",
		               status);
	make_printable(ret->sentence);
}

bool https_next(struct https_client *c, struct https_answer *ret)
{
	int left;
	const CURLMsg *message = c->curl.multi_info_read(c->multi, &left);
	if (!message)
		return false;
	struct transfer *t = NULL;
	(void)c->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
	*ret = (struct https_answer){.context = t->context};
	judge(c, t, message->data.result, ret);
	copy_tag(c, t->easy, "etag", ret->etag);
	copy_tag(c, t->easy, "last-modified", ret->modified);
	if (ret->outcome == HTTPS_BODY) {
		ret->body = t->body;
		t->body = (struct buffer){0};
	}
	free_transfer(c, t);
	return true;
}
