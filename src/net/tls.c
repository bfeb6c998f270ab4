#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>

#include "net/certificate.h"
#include "net/tls_ticket_key.h"

const char *const tls_protocols_dns[] = {"dot", NULL};
const char *const tls_protocols_http[] = {"h2", "http/1.1", NULL};

/* The socket of OpenSSL: reads from what the session was given, writes to its buffer. */

static int bio_read(BIO *bio, char *room, size_t room_size, size_t *ret_size)
{
	struct tls_session *t = BIO_get_data(bio);
	size_t size = t->in.size < room_size ? t->in.size : room_size;
	BIO_clear_retry_flags(bio);
	if (size == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	memcpy(room, t->in.bytes, size);
	t->in = view_skip(t->in, size);
	*ret_size = size;
	return 1;
}

static int bio_write(BIO *bio, const char *bytes, size_t size, size_t *ret_size)
{
	struct tls_session *t = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	buffer_add(t->out, bytes, size);
	*ret_size = size;
	return !t->out->failed;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method;

static void make_bio_method(void)
{
	bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "session");
	if (!bio_method)
		return;
	BIO_meth_set_read_ex(bio_method, bio_read);
	BIO_meth_set_write_ex(bio_method, bio_write);
	BIO_meth_set_ctrl(bio_method, bio_control);
}

static int on_protocols(SSL *ssl, const unsigned char **ret, unsigned char *ret_size,
                        const unsigned char *offered, unsigned offered_size, void *context)
{
	(void)ssl;
	for (const char *const *name = context; *name; name++) {
		struct view rest = view_of(offered, offered_size);
		while (rest.size && rest.size > rest.bytes[0]) {
			struct view offer = view_of(rest.bytes + 1, rest.bytes[0]);
			if (view_is(offer, *name)) {
				*ret = offer.bytes;
				*ret_size = (unsigned char)offer.size;
				return SSL_TLSEXT_ERR_OK;
			}
			rest = view_skip(rest, 1 + offer.size);
		}
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool set_up(SSL_CTX *c, const char *const *protocols, struct tls_tickets *tickets)
{
	static const unsigned char scope[] = "writ";
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
	                               SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(c, TLS_TICKET_PERIOD_S);
	SSL_CTX_set_num_tickets(c, 1);
	SSL_CTX_set_read_ahead(c, 1);
	SSL_CTX_set_alpn_select_cb(c, on_protocols, (void *)(uintptr_t)protocols);
	/* with the shorter key first: as safe, and its hash is the quicker one */
	static const char suites[] =
		"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
	return tls_ticket_key_use(c, tickets) && SSL_CTX_set_ciphersuites(c, suites) == 1 &&
	       SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_session_id_context(c, scope, sizeof(scope) - 1) == 1 &&
	       SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

int tls_context_new(struct view pem, const char *const *protocols, struct tls_tickets *tickets,
                    SSL_CTX **ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_bio_method);
	SSL_CTX *c = bio_method ? SSL_CTX_new(TLS_server_method()) : NULL;
	struct certificate_fault fault;
	int r = c && set_up(c, protocols, tickets) ? certificate_use(c, pem, pem, &fault) : -ENOMEM;
	ERR_clear_error();
	if (r < 0)
		tls_context_free(c);
	else
		*ret = c;
	return r;
}

void tls_context_free(SSL_CTX *c)
{
	SSL_CTX_free(c);
}

int tls_session_init(struct tls_session *t, SSL_CTX *c, struct buffer *out)
{
	BIO *bio = BIO_new(bio_method);
	*t = (struct tls_session){.ssl = SSL_new(c), .out = out};
	if (!bio || !t->ssl) {
		BIO_free(bio);
		tls_session_done(t);
		return -ENOMEM;
	}
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_accept_state(t->ssl);
	return OK;
}

void tls_session_done(struct tls_session *t)
{
	SSL_free(t->ssl);
	*t = (struct tls_session){0};
}

int tls_session_read(struct tls_session *t, uint8_t *room, size_t room_size)
{
	size_t size;
	/* OpenSSL would find the same, but slowly */
	if (t->in.size == 0 && tls_session_is_open(t) && !SSL_has_pending(t->ssl))
		return TLS_MORE;
	ERR_clear_error();
	if (SSL_read_ex(t->ssl, room, room_size, &size) == 1)
		return (int)size;
	int error = SSL_get_error(t->ssl, 0);
	ERR_clear_error();
	if (t->out->failed)
		return -ENOMEM;
	if (error == SSL_ERROR_WANT_READ)
		return TLS_MORE;
	return error == SSL_ERROR_ZERO_RETURN ? TLS_ENDED : ERR_MALFORMED;
}

int tls_session_write(struct tls_session *t, struct view plaintext)
{
	size_t written;
	ERR_clear_error();
	/* the buffer takes all at once: there is no half of it */
	return SSL_write_ex(t->ssl, plaintext.bytes, plaintext.size, &written) == 1 ? OK
	                                                                            : ERR_INVALID;
}

void tls_session_end(struct tls_session *t)
{
	if (tls_session_is_open(t))
		(void)SSL_shutdown(t->ssl);
	ERR_clear_error();
}

bool tls_session_is_open(const struct tls_session *t)
{
	return SSL_is_init_finished(t->ssl);
}

bool tls_session_was_resumed(const struct tls_session *t)
{
	return SSL_session_reused(t->ssl);
}

struct view tls_session_protocol(const struct tls_session *t)
{
	const unsigned char *name;
	unsigned size;
	SSL_get0_alpn_selected(t->ssl, &name, &size);
	return view_of(name, size);
}
