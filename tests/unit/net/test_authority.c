#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/timestamp.h"
#include "net/authority.h"
#include "net/certificate_facts.h"
#include "tests/test.h"

#define NOW (INT64_C(1767225600) * SECOND_US) /* 2026-01-01 */

static struct buffer root, root_key;

static int make_authority(void **state)
{
	(void)state;
	return authority_make("Ministry of Examples 範例部", NOW, &root, &root_key);
}

static int lose_authority(void **state)
{
	(void)state;
	buffer_done(&root);
	authority_wipe(&root_key);
	return 0;
}

static X509 *first_of(const struct buffer *pem)
{
	BIO *in = BIO_new_mem_buf(pem->bytes, (int)pem->size);
	X509 *certificate = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIO_free(in);
	assert_non_null(certificate);
	return certificate;
}

/* As a client would, at that time. */
static int verify(const struct buffer *chain, const char *host, const char *address, int64_t at_us)
{
	X509 *leaf = first_of(chain), *anchor = first_of(&root);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *check = X509_STORE_CTX_new();
	assert_int_equal(X509_STORE_add_cert(store, anchor), 1);
	assert_int_equal(X509_STORE_CTX_init(check, store, leaf, NULL), 1);
	X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(check);
	X509_VERIFY_PARAM_set_time(rules, (time_t)(at_us / SECOND_US));
	assert_int_equal(X509_STORE_CTX_set_purpose(check, X509_PURPOSE_SSL_SERVER), 1);
	if (host)
		assert_int_equal(X509_VERIFY_PARAM_set1_host(rules, host, 0), 1);
	if (address)
		assert_int_equal(X509_VERIFY_PARAM_set1_ip_asc(rules, address), 1);
	(void)X509_verify_cert(check);
	int result = X509_STORE_CTX_get_error(check);
	X509_STORE_CTX_free(check);
	X509_STORE_free(store);
	X509_free(leaf);
	X509_free(anchor);
	return result;
}

static int issue(const struct authority_leaf *leaf, struct buffer *chain)
{
	struct buffer key = {0};
	int code = authority_issue(buffer_view(&root), buffer_view(&root_key), leaf, chain, &key);
	authority_wipe(&key);
	return code;
}

static const char *const hosts[] = {"dns.agency.example", "解析.agency.example"};
static const struct address addresses[] = {{4, {192, 0, 2, 53}},
                                           {16, {0x20, 0x01, 0x0d, 0xb8, [15] = 0x53}}};
static const struct authority_leaf usual = {hosts, 2, addresses, 2, NOW, 90 * DAY_US};

static void clients_accept_its_names_and_addresses_and_no_others(void **state)
{
	(void)state;
	struct buffer chain = {0};
	assert_int_equal(issue(&usual, &chain), OK);
	assert_int_equal(verify(&chain, "dns.agency.example", NULL, NOW), X509_V_OK);
	assert_int_equal(verify(&chain, "xn--3svy77e.agency.example", NULL, NOW), X509_V_OK);
	assert_int_equal(verify(&chain, NULL, "192.0.2.53", NOW), X509_V_OK);
	assert_int_equal(verify(&chain, NULL, "2001:db8::53", NOW), X509_V_OK);
	assert_int_equal(verify(&chain, "www.agency.example", NULL, NOW),
	                 X509_V_ERR_HOSTNAME_MISMATCH);
	assert_int_equal(verify(&chain, NULL, "192.0.2.54", NOW), X509_V_ERR_IP_ADDRESS_MISMATCH);
	buffer_done(&chain);
}

static void it_ends_when_it_says(void **state)
{
	(void)state;
	struct buffer chain = {0};
	assert_int_equal(issue(&usual, &chain), OK);
	assert_int_equal(verify(&chain, NULL, NULL, NOW - 1800 * SECOND_US), X509_V_OK);
	assert_int_equal(verify(&chain, NULL, NULL, NOW + 89 * DAY_US), X509_V_OK);
	assert_int_equal(verify(&chain, NULL, NULL, NOW + 91 * DAY_US),
	                 X509_V_ERR_CERT_HAS_EXPIRED);
	buffer_done(&chain);
}

static void no_leaf_outlives_the_authority(void **state)
{
	(void)state;
	struct buffer chain = {0};
	struct authority_leaf late = usual;
	late.now_us = NOW + (AUTHORITY_DAYS - 10) * DAY_US;
	assert_int_equal(issue(&late, &chain), OK);
	X509 *leaf = first_of(&chain), *anchor = first_of(&root);
	assert_true(ASN1_TIME_compare(X509_get0_notAfter(leaf), X509_get0_notAfter(anchor)) <= 0);
	X509_free(leaf);
	X509_free(anchor);
	buffer_done(&chain);
	late.now_us = NOW + (AUTHORITY_DAYS + 1) * DAY_US;
	assert_int_equal(issue(&late, &chain), ERR_INVALID);
	assert_int_equal(chain.size, 0);
}

static void what_is_wrong_is_refused_and_nothing_is_written(void **state)
{
	(void)state;
	static const char *const bad[] = {"two..dots.example"};
	struct buffer chain = {0}, key = {0}, other = {0}, other_key = {0};
	struct authority_leaf leaf = usual;
	leaf.name_count = leaf.address_count = 0;
	assert_int_equal(issue(&leaf, &chain), ERR_INVALID);
	leaf = (struct authority_leaf){bad, 1, NULL, 0, NOW, 90 * DAY_US};
	assert_int_equal(issue(&leaf, &chain), ERR_INVALID);
	assert_int_equal(
		authority_issue(view_text("no PEM"), buffer_view(&root_key), &usual, &chain, &key),
		ERR_MALFORMED);
	assert_int_equal(authority_make("Other", NOW, &other, &other_key), OK);
	assert_int_equal(
		authority_issue(buffer_view(&root), buffer_view(&other_key), &usual, &chain, &key),
		ERR_INVALID);
	assert_int_equal(chain.size + key.size, 0);
	buffer_done(&other);
	authority_wipe(&other_key);
}

static void a_leaf_cannot_sign(void **state)
{
	(void)state;
	struct buffer chain = {0};
	assert_int_equal(issue(&usual, &chain), OK);
	X509 *leaf = first_of(&chain);
	assert_int_equal(X509_check_ca(leaf), 0);
	assert_int_equal(X509_get_extension_flags(leaf) & EXFLAG_CA, 0);
	X509_free(leaf);
	buffer_done(&chain);
}

static void what_it_has_issued_is_known_again_by_its_names_and_signature(void **state)
{
	(void)state;
	struct buffer chain = {0}, other = {0}, other_key = {0};
	assert_int_equal(issue(&usual, &chain), OK);
	struct view pem = buffer_view(&chain), authority = buffer_view(&root);
	assert_true(authority_has_issued(authority, pem, &usual));
	struct authority_leaf leaf = usual;
	leaf.name_count = 1;
	assert_false(authority_has_issued(authority, pem, &leaf));
	leaf = usual;
	leaf.address_count = 1;
	assert_false(authority_has_issued(authority, pem, &leaf));
	leaf = usual;
	leaf.life_us = DAY_US; /* which does not matter */
	assert_true(authority_has_issued(authority, pem, &leaf));
	assert_int_equal(authority_make("Another", NOW, &other, &other_key), OK);
	assert_false(authority_has_issued(buffer_view(&other), pem, &usual));
	assert_false(authority_has_issued(authority, view_text("hello"), &usual));
	buffer_done(&chain);
	buffer_done(&other);
	authority_wipe(&other_key);
}

static void facts_of_each_certificate_in_a_text_are_read(void **state)
{
	(void)state;
	struct buffer chain = {0};
	struct certificate_facts leaf, above, alone;
	assert_int_equal(issue(&usual, &chain), OK);
	struct view pem = buffer_view(&chain);
	assert_int_equal(certificate_facts_read(pem, 0, &leaf), OK);
	assert_int_equal(certificate_facts_read(pem, 1, &above), OK);
	assert_int_equal(certificate_facts_read(buffer_view(&root), 0, &alone), OK);
	assert_int_equal(leaf.from_us, NOW - 3600 * SECOND_US);
	assert_int_equal(leaf.until_us, NOW + 90 * DAY_US);
	assert_int_equal(above.until_us, NOW + AUTHORITY_DAYS * DAY_US);
	assert_memory_equal(above.sha256, alone.sha256, sizeof(alone.sha256));
	assert_memory_not_equal(leaf.sha256, alone.sha256, sizeof(alone.sha256));
	char text[CERTIFICATE_FINGERPRINT_SIZE];
	assert_int_equal(strlen(certificate_fingerprint(&leaf, text)),
	                 CERTIFICATE_SHA256_SIZE * 3 - 1);
	assert_int_equal(certificate_facts_read(pem, 2, &leaf), ERR_MISSING);
	assert_int_equal(certificate_facts_read(view_text(""), 0, &leaf), ERR_MISSING);
	static const char torn[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
	assert_int_equal(certificate_facts_read(view_text(torn), 0, &leaf), ERR_MALFORMED);
	buffer_done(&chain);
}

static void lives_shorter_than_a_day_are_kept_to_the_second(void **state)
{
	(void)state;
	struct buffer chain = {0};
	struct certificate_facts facts;
	struct authority_leaf leaf = usual;
	leaf.life_us = 10 * SECOND_US;
	assert_int_equal(issue(&leaf, &chain), OK);
	assert_int_equal(certificate_facts_read(buffer_view(&chain), 0, &facts), OK);
	assert_int_equal(facts.until_us, NOW + 10 * SECOND_US);
	buffer_done(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_accept_its_names_and_addresses_and_no_others),
		cmocka_unit_test(it_ends_when_it_says),
		cmocka_unit_test(no_leaf_outlives_the_authority),
		cmocka_unit_test(what_is_wrong_is_refused_and_nothing_is_written),
		cmocka_unit_test(a_leaf_cannot_sign),
		cmocka_unit_test(what_it_has_issued_is_known_again_by_its_names_and_signature),
		cmocka_unit_test(facts_of_each_certificate_in_a_text_are_read),
		cmocka_unit_test(lives_shorter_than_a_day_are_kept_to_the_second),
	};
	return cmocka_run_group_tests(tests, make_authority, lose_authority);
}
