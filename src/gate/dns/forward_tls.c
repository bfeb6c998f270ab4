#include "gate/dns/forward_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

enum { CHUNK = 16384 };

struct forward_tls {
	SSL_CTX *context;
};

struct forward_tls_session {
	SSL *ssl;
	BIO *in, *out; /* of `ssl` */
	struct forward_ticket **ticket;
};

/* A struct forward_ticket is an SSL_SESSION. */
static SSL_SESSION *session_of(struct forward_ticket *t)
{
	return (SSL_SESSION *)(void *)t;
}

void forward_ticket_free(struct forward_ticket *t)
{
	SSL_SESSION_free(session_of(t));
}

/* Keeps the newest. */
static int on_ticket(SSL *ssl, SSL_SESSION *session)
{
	struct forward_tls_session *s = SSL_get_app_data(ssl);
	forward_ticket_free(*s->ticket);
	*s->ticket = (struct forward_ticket *)(void *)session;
	return 1; /* it is ours now */
}

static int trust(SSL_CTX *context, const char *ca_file)
{
	int done = ca_file ? SSL_CTX_load_verify_file(context, ca_file)
	                   : SSL_CTX_set_default_verify_paths(context);
	ERR_clear_error();
	return done == 1 ? OK : ERR_INVALID;
}

int forward_tls_new(const char *ca_file, struct forward_tls **ret)
{
	static const unsigned char dot[] = "\x03"
					   "dot";
	cleanup(forward_tls) struct forward_tls *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->context = SSL_CTX_new(TLS_client_method());
	if (!t->context)
		return -ENOMEM;
	SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION);
	SSL_CTX_set_verify(t->context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(t->context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(t->context,
	                               SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(t->context, on_ticket);
	if (SSL_CTX_set_alpn_protos(t->context, dot, sizeof(dot) - 1) != 0)
		return -ENOMEM;
	int r = trust(t->context, ca_file);
	if (r < 0)
		return r;
	*ret = take_ptr(t);
	return OK;
}

void forward_tls_free(struct forward_tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->context);
	free(t);
}

static int prepare(struct forward_tls_session *s, const char *name)
{
	s->in = BIO_new(BIO_s_mem());
	s->out = BIO_new(BIO_s_mem());
	if (!s->in || !s->out) {
		BIO_free(s->in);
		BIO_free(s->out);
		return -ENOMEM;
	}
	SSL_set_bio(s->ssl, s->in, s->out);
	SSL_set_app_data(s->ssl, s);
	SSL_set_connect_state(s->ssl);
	SSL_set_hostflags(s->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (SSL_set1_host(s->ssl, name) != 1 || SSL_set_tlsext_host_name(s->ssl, name) != 1)
		return -ENOMEM;
	if (*s->ticket && SSL_SESSION_is_resumable(session_of(*s->ticket)))
		SSL_set_session(s->ssl, session_of(*s->ticket));
	return OK;
}

int forward_tls_open(struct forward_tls *t, const char *name, struct forward_ticket **ticket,
                     struct forward_tls_session **ret)
{
	struct forward_tls_session *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->ticket = ticket;
	s->ssl = SSL_new(t->context);
	int r = s->ssl ? prepare(s, name) : -ENOMEM;
	if (r < 0)
		forward_tls_close(s);
	else
		*ret = s;
	return r;
}

void forward_tls_close(struct forward_tls_session *s)
{
	if (!s)
		return;
	/* else OpenSSL takes the session for broken, and it would not be resumed */
	if (s->ssl)
		SSL_set_shutdown(s->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(s->ssl);
	free(s);
}

bool forward_tls_is_established(const struct forward_tls_session *s)
{
	return SSL_is_init_finished(s->ssl);
}

/* Moves what OpenSSL wants to send. */
static int drain(struct forward_tls_session *s, struct buffer *wire)
{
	size_t waiting = BIO_ctrl_pending(s->out);
	uint8_t *at = waiting ? buffer_space(wire, waiting) : NULL;
	if (waiting && !at)
		return -ENOMEM;
	if (waiting && BIO_read(s->out, at, (int)waiting) != (int)waiting)
		return ERR_MALFORMED;
	return OK;
}

static int failure_of(const struct forward_tls_session *s, int result)
{
	int error = SSL_get_error(s->ssl, result);
	ERR_clear_error();
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return OK;
	if (error == SSL_ERROR_ZERO_RETURN)
		return ERR_MISSING;
	return SSL_get_verify_result(s->ssl) == X509_V_OK ? ERR_MALFORMED : ERR_DENIED;
}

static int read_all(struct forward_tls_session *s, struct buffer *plain)
{
	uint8_t chunk[CHUNK];
	int size;
	ERR_clear_error();
	while ((size = SSL_read(s->ssl, chunk, sizeof(chunk))) > 0)
		buffer_add(plain, chunk, (size_t)size);
	return plain->failed ? ERR_LIMIT : failure_of(s, size);
}

int forward_tls_take(struct forward_tls_session *s, struct view bytes, struct buffer *plain,
                     struct buffer *wire)
{
	if (bytes.size && BIO_write(s->in, bytes.bytes, (int)bytes.size) != (int)bytes.size)
		return -ENOMEM;
	int r = read_all(s, plain);
	int sent = drain(s, wire); /* also an alert that says why */
	return r < 0 ? r : sent;
}

int forward_tls_say(struct forward_tls_session *s, struct view plain, struct buffer *wire)
{
	ERR_clear_error();
	if (plain.size && SSL_write(s->ssl, plain.bytes, (int)plain.size) != (int)plain.size)
		return ERR_MALFORMED;
	return drain(s, wire);
}
