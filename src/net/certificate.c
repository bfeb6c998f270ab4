#include "net/certificate.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/timestamp.h"

enum { CHAIN_MAX = 16 };

DEFINE_CLEANUP(bio, BIO *, BIO_free);
DEFINE_CLEANUP(key, EVP_PKEY *, EVP_PKEY_free);
DEFINE_CLEANUP(context, SSL_CTX *, SSL_CTX_free);

static int fault(struct certificate_fault *f, bool is_of_key, unsigned line, const char *text)
{
	*f = (struct certificate_fault){.is_of_key = is_of_key, .line = line};
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
	return ERR_INVALID;
}

/* The line on which the so-many-th block of a kind begins; 0 when there are fewer. */
static unsigned line_of_block(struct view pem, const char *kind, unsigned number)
{
	for (unsigned line = 1; pem.bytes; line++) {
		struct view text = view_split(&pem, '\n');
		if (view_starts_with(text, view_text("-----BEGIN ")) &&
		    memmem(text.bytes, text.size, kind, strlen(kind)) && number-- == 0)
			return line;
	}
	return 0;
}

/* Nobody is there to be asked. */
static int no_password(char *room, int size, int is_writing, void *context)
{
	(void)room, (void)size, (void)is_writing;
	*(bool *)context = true;
	return -1;
}

static bool is_at_end(void)
{
	unsigned long error = ERR_peek_last_error();
	return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static int use_chain(SSL_CTX *c, struct view chain, struct certificate_fault *f)
{
	cleanup(bio) BIO *in = BIO_new_mem_buf(chain.bytes, (int)chain.size);
	bool asked = false;
	for (unsigned count = 0; in; count++) {
		ERR_clear_error();
		X509 *x = PEM_read_bio_X509(in, NULL, no_password, &asked);
		if (!x && count && is_at_end())
			return OK;
		if (!x && is_at_end())
			return fault(f, false, 0, "no certificate is in it, expected PEM");
		if (!x)
			return fault(f, false, line_of_block(chain, "CERTIFICATE", count),
			             "the certificate cannot be read");
		bool taken = count == 0 ? SSL_CTX_use_certificate(c, x) == 1
		                        : SSL_CTX_add1_chain_cert(c, x) == 1;
		X509_free(x);
		if (!taken || count == CHAIN_MAX)
			return fault(f, false, line_of_block(chain, "CERTIFICATE", count),
			             taken ? "there are too many certificates above the first"
			                   : "the certificate is not accepted: its key is too "
			                     "weak, or of an unknown kind");
	}
	return -ENOMEM;
}

static int use_key(SSL_CTX *c, struct view pem, struct certificate_fault *f)
{
	cleanup(bio) BIO *in = BIO_new_mem_buf(pem.bytes, (int)pem.size);
	bool asked = false;
	ERR_clear_error();
	cleanup(key) EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, no_password, &asked);
	unsigned line = line_of_block(pem, "PRIVATE KEY", 0);
	if (!line)
		return fault(f, true, 0, "no private key is in it, expected PEM");
	if (!key)
		return fault(f, true, line,
		             asked ? "the key has a password, expected none"
		                   : "the private key cannot be read");
	if (X509_check_private_key(SSL_CTX_get0_certificate(c), key) != 1 ||
	    SSL_CTX_use_PrivateKey(c, key) != 1)
		return fault(f, true, 0, "the key is not that of the certificate");
	return OK;
}

int certificate_use(SSL_CTX *c, struct view chain, struct view key, struct certificate_fault *ret)
{
	int code = use_chain(c, chain, ret);
	if (code == OK)
		code = use_key(c, key, ret);
	ERR_clear_error();
	return code;
}

static int check_time(const X509 *x, int64_t now_us, struct certificate_fault *f)
{
	time_t now = (time_t)(now_us / SECOND_US);
	const ASN1_TIME *from = X509_get0_notBefore(x), *until = X509_get0_notAfter(x);
	bool is_early = X509_cmp_time(from, &now) > 0, is_late = X509_cmp_time(until, &now) < 0;
	struct tm when;
	if (!is_early && !is_late)
		return OK;
	if (ASN1_TIME_to_tm(is_early ? from : until, &when) != 1)
		return fault(f, false, 0, "the time of the certificate cannot be read");
	*f = (struct certificate_fault){.is_of_time = true};
	size_t size = (size_t)snprintf(f->text, sizeof(f->text), "the certificate %s ",
	                               is_early ? "is not valid before" : "has expired:");
	(void)strftime(f->text + size, sizeof(f->text) - size, "%Y-%m-%d %H:%M:%S UTC", &when);
	return ERR_INVALID;
}

int certificate_check(struct view chain, struct view key, int64_t now_us, struct buffer *ret_pem,
                      struct certificate_fault *ret_fault)
{
	cleanup(context) SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	if (!c)
		return -ENOMEM;
	int code = certificate_use(c, chain, key, ret_fault);
	if (code < 0)
		return code;
	buffer_add_view(ret_pem, chain);
	buffer_add_text(ret_pem, "\n");
	buffer_add_view(ret_pem, key);
	return ret_pem->failed ? -ENOMEM
	                       : check_time(SSL_CTX_get0_certificate(c), now_us, ret_fault);
}
