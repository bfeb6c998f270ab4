#include "tests/test.h"
#include "wire/dns_build.h"
#include "wire/doh.h"

static struct doh_request request(const char *method, const char *target, const char *type)
{
	return (struct doh_request){view_text(method), view_text(target), view_text(type), 0};
}

static int check(const char *method, const char *target, const char *type)
{
	struct doh_request r = request(method, target, type);
	return doh_check(&r, view_text("/dns-query"));
}

static void requests_are_refused_for_path_method_type_and_size(void **state)
{
	(void)state;
	assert_int_equal(check("GET", "/dns-query?dns=AAAA", ""), OK);
	assert_int_equal(check("POST", "/dns-query", DOH_CONTENT_TYPE), OK);
	assert_int_equal(check("POST", "/dns-query", "Application/DNS-Message; a=b"), OK);
	assert_int_equal(check("GET", "/", ""), 404);
	assert_int_equal(check("GET", "/dns-query/", ""), 404);
	assert_int_equal(check("GET", "/dns-queryx?dns=AAAA", ""), 404);
	assert_int_equal(check("HEAD", "/dns-query?dns=AAAA", ""), 405);
	assert_int_equal(check("get", "/dns-query?dns=AAAA", ""), 405);
	assert_int_equal(check("POST", "/dns-query", ""), 415);
	assert_int_equal(check("POST", "/dns-query", "application/dns-json"), 415);
	struct doh_request large = request("POST", "/dns-query", DOH_CONTENT_TYPE);
	large.body_size = DOH_QUERY_SIZE_MAX + 1;
	assert_int_equal(doh_check(&large, view_text("/dns-query")), 413);
}

static int query(const char *target, struct view *ret)
{
	static uint8_t room[16];
	struct doh_request r = request("GET", target, "");
	return doh_query(&r, view_of(NULL, 0), room, sizeof(room), ret);
}

static void the_query_of_a_get_is_its_one_parameter(void **state)
{
	struct view v;
	(void)state;
	assert_int_equal(query("/q?dns=Zm9v", &v), OK);
	assert_true(view_is(v, "foo"));
	assert_int_equal(query("/q?ct&dns=Zm9v&x=y", &v), OK);
	assert_true(view_is(v, "foo"));
	assert_int_equal(query("/q", &v), 400);
	assert_int_equal(query("/q?", &v), 400);
	assert_int_equal(query("/q?dns=", &v), 400);
	assert_int_equal(query("/q?DNS=Zm9v", &v), 400);
	assert_int_equal(query("/q?xdns=Zm9v", &v), 400);
	assert_int_equal(query("/q?dns=Zm9v&dns=Zm9v", &v), 400);
	assert_int_equal(query("/q?dns=Zm9v==", &v), 400);
	assert_int_equal(query("/q?dns=Zm9vZm9vZm9vZm9vZm9vZm9v", &v), 413);
}

static void the_query_of_a_post_is_its_body(void **state)
{
	struct doh_request r = request("POST", "/q?dns=Zm9v", DOH_CONTENT_TYPE);
	struct view v;
	(void)state;
	assert_int_equal(doh_query(&r, view_text("body"), NULL, 0, &v), OK);
	assert_true(view_is(v, "body"));
	assert_int_equal(doh_query(&r, view_text(""), NULL, 0, &v), 400);
}

/* An answer with addresses of these times, and a SOA record when `minimum` is not 0. */
static uint32_t age_of(const uint32_t *ttls, size_t count, uint32_t soa_ttl, uint32_t minimum)
{
	static const uint8_t packet[] = "\0\1\1\0\0\1\0\0\0\0\0\0\1x\0\0\1\0\1";
	uint8_t room[512], soa[22] = {0};
	struct dns_query q;
	struct dns_builder b;
	struct writer w = writer_open(soa + 18, 4);
	write_u32(&w, minimum);
	assert_int_equal(dns_query_parse(view_of(packet, sizeof(packet) - 1), &q), DNS_QUERY_OK);
	dns_build_open(&b, room, sizeof(room), &q, DNS_RCODE_NOERROR, NULL);
	for (size_t i = 0; i < count; i++)
		dns_build_address(&b, &q.name, ttls[i], view_of("\xc0\0\2\1", 4));
	if (minimum)
		dns_build_record(&b, DNS_AUTHORITY, &q.name, DNS_TYPE_SOA, soa_ttl,
		                 view_of(soa, sizeof(soa)));
	int size = dns_build_close(&b);
	assert_true(size > 0);
	return doh_max_age(view_of(room, (size_t)size));
}

static void an_answer_may_be_kept_for_its_least_time(void **state)
{
	(void)state;
	assert_int_equal(age_of((uint32_t[]){300, 20, 60}, 3, 0, 0), 20);
	assert_int_equal(age_of((uint32_t[]){0}, 1, 0, 0), 0);
	assert_int_equal(age_of(NULL, 0, 0, 0), 0);
	assert_int_equal(age_of(NULL, 0, 100, 40), 40);
	assert_int_equal(age_of(NULL, 0, 30, 40), 30);
	assert_int_equal(doh_max_age(view_text("no message")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_refused_for_path_method_type_and_size),
		cmocka_unit_test(the_query_of_a_get_is_its_one_parameter),
		cmocka_unit_test(the_query_of_a_post_is_its_body),
		cmocka_unit_test(an_answer_may_be_kept_for_its_least_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
