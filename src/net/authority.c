#include "net/authority.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/cleanup.h"
#include "base/timestamp.h"
#include "wire/dname.h"

enum { SERIAL_BITS = 127, COMMON_NAME_MAX = 64, BACKDATED_S = 3600 };

DEFINE_CLEANUP(certificate, X509 *, X509_free);
DEFINE_CLEANUP(private_key, EVP_PKEY *, EVP_PKEY_free);
DEFINE_CLEANUP(stream, BIO *, BIO_free_all);
DEFINE_CLEANUP(names, GENERAL_NAMES *, GENERAL_NAMES_free);

/* OpenSSL answers 1 for success, and nothing here fails for another reason than memory. */
static int worked(int answer)
{
	return answer == 1 ? OK : -ENOMEM;
}

static int add_extension(X509 *subject, X509 *issuer, int which, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, subject, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, which, value);
	int code = extension ? worked(X509_add_ext(subject, extension, -1)) : -ENOMEM;
	X509_EXTENSION_free(extension);
	return code;
}

static int set_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	int code =
		number ? worked(BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY))
		       : -ENOMEM;
	if (code == OK && !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)))
		code = -ENOMEM;
	BN_free(number);
	return code;
}

/* Clocks of clients may be late: it is valid from an hour ago. */
static int set_times(X509 *certificate, int64_t now_us, int64_t life_us)
{
	time_t now = (time_t)(now_us / SECOND_US);
	long seconds = (long)(life_us % DAY_US / SECOND_US);
	bool worked = ASN1_TIME_adj(X509_getm_notBefore(certificate), now, 0, -BACKDATED_S) &&
	              ASN1_TIME_adj(X509_getm_notAfter(certificate), now, (int)(life_us / DAY_US),
	                            seconds);
	return worked ? OK : -ENOMEM;
}

static int set_subject(X509 *certificate, const char *text, size_t size)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	const unsigned char *bytes = (const unsigned char *)text;
	return worked(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, bytes,
	                                         (int)size, -1, 0));
}

static int begin(X509 **ret_certificate, EVP_PKEY **ret_key)
{
	cleanup(certificate) X509 *certificate = X509_new();
	cleanup(private_key) EVP_PKEY *key = EVP_EC_gen("P-256");
	if (!certificate || !key || X509_set_version(certificate, X509_VERSION_3) != 1 ||
	    X509_set_pubkey(certificate, key) != 1)
		return -ENOMEM;
	int code = set_serial(certificate);
	if (code < 0)
		return code;
	*ret_certificate = take_ptr(certificate);
	*ret_key = take_ptr(key);
	return OK;
}

static int add_stream(BIO *from, struct buffer *to)
{
	const char *bytes;
	long size = BIO_get_mem_data(from, &bytes);
	buffer_add(to, bytes, (size_t)size);
	return to->failed ? -ENOMEM : OK;
}

static int print_certificate(X509 *certificate, struct buffer *ret)
{
	cleanup(stream) BIO *out = BIO_new(BIO_s_mem());
	if (!out || PEM_write_bio_X509(out, certificate) != 1)
		return -ENOMEM;
	return add_stream(out, ret);
}

static int print_key(EVP_PKEY *key, struct buffer *ret)
{
	cleanup(stream) BIO *out = BIO_new(BIO_s_secmem());
	if (!out || PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) != 1)
		return -ENOMEM;
	return add_stream(out, ret);
}

/* Both or none. */
static int print_both(X509 *certificate, EVP_PKEY *key, struct buffer *ret_certificate,
                      struct buffer *ret_key)
{
	size_t before = ret_certificate->size;
	int code = print_certificate(certificate, ret_certificate);
	if (code == OK)
		code = print_key(key, ret_key);
	if (code < 0)
		ret_certificate->size = before;
	return code;
}

static size_t utf8_cut(const char *text, size_t size_max)
{
	size_t size = strlen(text);
	if (size <= size_max)
		return size;
	for (size = size_max; size && ((unsigned char)text[size] & 0xc0) == 0x80;)
		size--;
	return size;
}

static int describe_root(X509 *root, const char *organisation, int64_t now_us)
{
	static const struct {
		int which;
		const char *value;
	} extensions[] = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
	                  {NID_key_usage, "critical,keyCertSign,cRLSign"},
	                  {NID_subject_key_identifier, "hash"}};
	int code = set_times(root, now_us, AUTHORITY_DAYS * DAY_US);
	if (code == OK)
		code = set_subject(root, organisation, utf8_cut(organisation, COMMON_NAME_MAX));
	if (code == OK)
		code = worked(X509_set_issuer_name(root, X509_get_subject_name(root)));
	for (size_t i = 0; code == OK && i < sizeof(extensions) / sizeof(*extensions); i++)
		code = add_extension(root, root, extensions[i].which, extensions[i].value);
	return code;
}

int authority_make(const char *organisation, int64_t now_us, struct buffer *ret_certificate,
                   struct buffer *ret_key)
{
	cleanup(certificate) X509 *root = NULL;
	cleanup(private_key) EVP_PKEY *key = NULL;
	int code = begin(&root, &key);
	if (code == OK)
		code = describe_root(root, organisation, now_us);
	if (code == OK && X509_sign(root, key, EVP_sha256()) == 0)
		code = -ENOMEM;
	return code < 0 ? code : print_both(root, key, ret_certificate, ret_key);
}

static X509 *read_certificate(struct view pem)
{
	cleanup(stream) BIO *in = BIO_new_mem_buf(pem.bytes, (int)pem.size);
	return in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
}

/* Nobody is there to be asked for a pass phrase. */
static int no_phrase(char *room, int size, int is_writing, void *context)
{
	(void)room, (void)size, (void)is_writing, (void)context;
	return -1;
}

static EVP_PKEY *read_key(struct view pem)
{
	cleanup(stream) BIO *in = BIO_new_mem_buf(pem.bytes, (int)pem.size);
	return in ? PEM_read_bio_PrivateKey(in, NULL, no_phrase, NULL) : NULL;
}

static int add_general(GENERAL_NAMES *all, int type, const void *bytes, size_t size)
{
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_STRING *value = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
	if (!one || !value || ASN1_STRING_set(value, bytes, (int)size) != 1) {
		GENERAL_NAME_free(one);
		ASN1_STRING_free(value);
		return -ENOMEM;
	}
	GENERAL_NAME_set0_value(one, type, value);
	if (sk_GENERAL_NAME_push(all, one) > 0)
		return OK;
	GENERAL_NAME_free(one);
	return -ENOMEM;
}

static int add_host(GENERAL_NAMES *all, const char *text)
{
	struct dname name;
	char ascii[DNAME_TEXT_SIZE];
	if (dname_parse_text(view_text(text), &name) < 0 || name.labels == 0)
		return ERR_INVALID;
	dname_print(&name, ascii);
	return add_general(all, GEN_DNS, ascii, strlen(ascii));
}

/* *ret_all is the caller's to free, also on failure. */
static int list_names(const struct authority_leaf *leaf, GENERAL_NAMES **ret_all)
{
	GENERAL_NAMES *all = *ret_all = sk_GENERAL_NAME_new_null();
	int code = all ? OK : -ENOMEM;
	if (leaf->name_count + leaf->address_count == 0)
		code = ERR_INVALID;
	for (size_t i = 0; code == OK && i < leaf->name_count; i++)
		code = add_host(all, leaf->names[i]);
	for (size_t i = 0; code == OK && i < leaf->address_count; i++)
		code = add_general(all, GEN_IPADD, leaf->addresses[i].bytes,
		                   leaf->addresses[i].size);
	return code;
}

static int name_leaf(X509 *certificate, const struct authority_leaf *leaf)
{
	cleanup(names) GENERAL_NAMES *all = NULL;
	int code = list_names(leaf, &all);
	if (code < 0)
		return code;
	return worked(X509_add1_ext_i2d(certificate, NID_subject_alt_name, all, 0, 0));
}

/* How long the authority will still be there; 0 when its time is over. */
static int64_t time_left_us(const X509 *root, int64_t now_us)
{
	int days = 0, seconds = 0;
	ASN1_TIME *now = ASN1_TIME_set(NULL, (time_t)(now_us / SECOND_US));
	bool known = now && ASN1_TIME_diff(&days, &seconds, now, X509_get0_notAfter(root)) == 1;
	ASN1_TIME_free(now);
	int64_t left_us = days * DAY_US + seconds * SECOND_US;
	return known && left_us > 0 ? left_us : 0;
}

static int describe_leaf(X509 *certificate, X509 *root, const struct authority_leaf *leaf)
{
	static const struct {
		int which;
		const char *value;
	} extensions[] = {{NID_basic_constraints, "critical,CA:FALSE"},
	                  {NID_key_usage, "critical,digitalSignature"},
	                  {NID_ext_key_usage, "serverAuth"},
	                  {NID_subject_key_identifier, "hash"},
	                  {NID_authority_key_identifier, "keyid:always"}};
	int64_t left_us = time_left_us(root, leaf->now_us);
	if (left_us == 0)
		return ERR_INVALID;
	int code = set_times(certificate, leaf->now_us,
	                     left_us < leaf->life_us ? left_us : leaf->life_us);
	const char *subject = leaf->name_count ? leaf->names[0] : "";
	/* a longer name stands in the extension alone */
	if (code == OK && *subject && strlen(subject) <= COMMON_NAME_MAX)
		code = set_subject(certificate, subject, strlen(subject));
	if (code == OK)
		code = worked(X509_set_issuer_name(certificate, X509_get_subject_name(root)));
	for (size_t i = 0; code == OK && i < sizeof(extensions) / sizeof(*extensions); i++)
		code = add_extension(certificate, root, extensions[i].which, extensions[i].value);
	return code < 0 ? code : name_leaf(certificate, leaf);
}

int authority_issue(struct view certificate, struct view key, const struct authority_leaf *leaf,
                    struct buffer *ret_chain, struct buffer *ret_key)
{
	cleanup(certificate) X509 *root = read_certificate(certificate);
	cleanup(private_key) EVP_PKEY *root_key = read_key(key);
	if (!root || !root_key)
		return ERR_MALFORMED;
	if (X509_check_private_key(root, root_key) != 1)
		return ERR_INVALID;
	cleanup(certificate) X509 *made = NULL;
	cleanup(private_key) EVP_PKEY *made_key = NULL;
	size_t before = ret_chain->size;
	int code = begin(&made, &made_key);
	if (code == OK)
		code = describe_leaf(made, root, leaf);
	if (code == OK && X509_sign(made, root_key, EVP_sha256()) == 0)
		code = -ENOMEM;
	if (code == OK)
		code = print_both(made, made_key, ret_chain, ret_key);
	if (code == OK)
		code = print_certificate(root, ret_chain);
	if (code < 0)
		ret_chain->size = before;
	return code;
}

static bool names_equal(const GENERAL_NAMES *a, const GENERAL_NAMES *b)
{
	unsigned char *a_bytes = NULL, *b_bytes = NULL;
	int a_size = i2d_GENERAL_NAMES(a, &a_bytes), b_size = i2d_GENERAL_NAMES(b, &b_bytes);
	bool equal =
		a_size > 0 && a_size == b_size && memcmp(a_bytes, b_bytes, (size_t)a_size) == 0;
	OPENSSL_free(a_bytes);
	OPENSSL_free(b_bytes);
	return equal;
}

bool authority_has_issued(struct view certificate, struct view chain,
                          const struct authority_leaf *leaf)
{
	cleanup(certificate) X509 *root = read_certificate(certificate);
	cleanup(certificate) X509 *first = read_certificate(chain);
	if (!root || !first || X509_verify(first, X509_get0_pubkey(root)) != 1)
		return false;
	cleanup(names) GENERAL_NAMES *wanted = NULL;
	cleanup(names) GENERAL_NAMES *has =
		X509_get_ext_d2i(first, NID_subject_alt_name, NULL, NULL);
	return has && list_names(leaf, &wanted) == OK && names_equal(has, wanted);
}

void authority_wipe(struct buffer *key)
{
	if (key->bytes)
		OPENSSL_cleanse(key->bytes, key->size);
	buffer_done(key);
}
