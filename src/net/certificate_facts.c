#include "net/certificate_facts.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/timestamp.h"

DEFINE_CLEANUP(bio, BIO *, BIO_free);
DEFINE_CLEANUP(certificate, X509 *, X509_free);

static X509 *read_one(struct view pem, unsigned number)
{
	cleanup(bio) BIO *in = BIO_new_mem_buf(pem.bytes, (int)pem.size);
	X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	while (x && number--) {
		X509_free(x);
		x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	}
	return x;
}

static bool read_time(const ASN1_TIME *time, int64_t *ret_us)
{
	struct tm when;
	if (ASN1_TIME_to_tm(time, &when) != 1)
		return false;
	int64_t days = timestamp_days(when.tm_year + 1900, when.tm_mon + 1, when.tm_mday);
	int64_t seconds = when.tm_hour * 3600 + when.tm_min * 60 + when.tm_sec;
	*ret_us = days * DAY_US + seconds * SECOND_US;
	return true;
}

int certificate_facts_read(struct view pem, unsigned number, struct certificate_facts *ret)
{
	struct certificate_facts f = {0};
	ERR_clear_error();
	cleanup(certificate) X509 *x = read_one(pem, number);
	unsigned long error = ERR_peek_last_error();
	ERR_clear_error();
	if (!x)
		return ERR_GET_REASON(error) == PEM_R_NO_START_LINE ? ERR_MISSING : ERR_MALFORMED;
	if (!read_time(X509_get0_notBefore(x), &f.from_us) ||
	    !read_time(X509_get0_notAfter(x), &f.until_us) ||
	    X509_digest(x, EVP_sha256(), f.sha256, NULL) != 1)
		return ERR_MALFORMED;
	*ret = f;
	return OK;
}

const char *certificate_fingerprint(const struct certificate_facts *f,
                                    char text[static CERTIFICATE_FINGERPRINT_SIZE])
{
	for (size_t i = 0; i < sizeof(f->sha256); i++)
		(void)snprintf(text + i * 3, 4, "%02X%s", f->sha256[i],
		               i + 1 < sizeof(f->sha256) ? ":" : "");
	return text;
}
