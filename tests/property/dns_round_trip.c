/* What is built is read back the same, directly and after it went through strip, prepare and emit;
 * and no proper prefix of it is taken for a message. Random, with a fixed seed. */
#include "tests/test.h"
#include "wire/dns_answer.h"
#include "wire/dns_build.h"
#include "wire/dns_ech.h"
#include "wire/dns_svcb.h"

enum { ROUNDS = 3000, RECORDS_MAX = 40, AGE = 5, DATA_SIZE_MAX = 64 };

struct made {
	enum dns_section section;
	uint16_t type;
	uint32_t ttl;
	struct dname owner, target; /* target: of CNAME */
	uint8_t data[DATA_SIZE_MAX];
	size_t size;
};

static uint64_t seed = 1;

static uint32_t random_below(uint32_t limit)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33) % limit;
}

/* Few labels in many orders, so that suffixes are shared; sometimes long ones. */
static struct dname random_name(void)
{
	static const char *const labels[] = {"a",   "b",          "www", "example",
	                                     "com", "xn--fiqs8s", "long"};
	struct dname name = {0};
	size_t at = 0;
	for (uint32_t left = random_below(7); left; left--) {
		const char *label = labels[random_below(7)];
		size_t size = label[0] == 'l' ? 40 : strlen(label);
		name.bytes[at] = (uint8_t)size;
		if (label[0] == 'l')
			memset(name.bytes + at + 1, 'l', size);
		else
			memcpy(name.bytes + at + 1, label, size);
		at += size + 1;
		name.labels++;
	}
	name.size = (uint8_t)(at + 1);
	return name;
}

/* HTTPS data with `ech`, `mandatory`, both or neither. */
static size_t random_https(uint8_t *data)
{
	struct writer w = writer_open(data, DATA_SIZE_MAX);
	bool ech = random_below(2);
	write_u16(&w, 1);
	write_u8(&w, 0);
	if (ech && random_below(2))
		write_bytes(&w, "\0\0\0\4\0\1\0\5", 8);
	write_bytes(&w, "\0\1\0\3\2h2", 7);
	if (ech)
		write_bytes(&w, "\0\5\0\4ABCD", 8);
	return writer_size(&w);
}

static void make_record(struct made *m, enum dns_section section, const struct dname *asked)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_CNAME, DNS_TYPE_TXT,
	                                 DNS_TYPE_HTTPS};
	m->section = section;
	m->type = types[random_below(5)];
	m->ttl = 10 + random_below(100000);
	m->owner = random_below(2) ? *asked : random_name();
	m->target = random_name();
	m->size = m->type == DNS_TYPE_A ? 4 : m->type == DNS_TYPE_AAAA ? 16 : 1 + random_below(40);
	for (size_t i = 0; i < m->size; i++)
		m->data[i] = (uint8_t)random_below(256);
	if (m->type == DNS_TYPE_HTTPS)
		m->size = random_https(m->data);
}

static size_t make_records(struct made *made, const struct dname *asked)
{
	size_t count = 0;
	for (enum dns_section section = DNS_ANSWER; section <= DNS_ADDITIONAL; section++) {
		for (uint32_t left = random_below(RECORDS_MAX / 3); left; left--)
			make_record(&made[count++], section, asked);
	}
	return count;
}

static struct view build(const struct dns_query *q, const struct made *made, size_t count,
                         uint8_t *room)
{
	struct dns_builder b;
	dns_build_open(&b, room, DNS_MESSAGE_SIZE_MAX, q, DNS_RCODE_NOERROR, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct made *m = &made[i];
		if (m->type == DNS_TYPE_CNAME && m->section == DNS_ANSWER)
			dns_build_cname(&b, &m->owner, m->ttl, &m->target);
		else if (m->type == DNS_TYPE_CNAME)
			dns_build_record(&b, m->section, &m->owner, m->type, m->ttl,
			                 dname_view(&m->target));
		else
			dns_build_record(&b, m->section, &m->owner, m->type, m->ttl,
			                 view_of(m->data, m->size));
	}
	int size = dns_build_close(&b);
	assert_true(size > 0);
	assert_false(b.truncated);
	return view_of(room, (size_t)size);
}

static void assert_data(struct view message, const struct dns_record *record, const struct made *m,
                        bool is_stripped)
{
	struct dname name;
	if (record->type == DNS_TYPE_CNAME) {
		assert_int_equal(dns_rdata_name(message, record, &name), OK);
		assert_true(dname_equal(&name, &m->target));
	} else if (record->type != DNS_TYPE_HTTPS || !is_stripped) {
		assert_true(view_equal(record->rdata, view_of(m->data, m->size)));
	} else {
		uint8_t expected[DATA_SIZE_MAX];
		struct writer w = writer_open(expected, sizeof(expected));
		assert_true(dns_svcb_write_without(view_of(m->data, m->size), DNS_SVCB_ECH, &w) >=
		            0);
		assert_true(view_equal(record->rdata, view_of(expected, writer_size(&w))));
	}
}

static void assert_records(struct view message, const struct made *made, size_t count, uint32_t age,
                           bool is_stripped)
{
	struct dns_walk w;
	struct dns_record record;
	assert_int_equal(dns_walk_open(message, &w), OK);
	for (size_t i = 0; i < count; i++) {
		struct dname owner;
		assert_int_equal(dns_walk_next(&w, &record), 1);
		assert_int_equal(record.section, made[i].section);
		assert_int_equal(record.type, made[i].type);
		assert_int_equal(record.ttl, made[i].ttl - age);
		assert_int_equal(dns_record_name(message, &record, &owner), OK);
		assert_true(dname_equal(&owner, &made[i].owner));
		assert_data(message, &record, &made[i], is_stripped);
	}
	assert_int_equal(dns_walk_next(&w, &record), 0);
}

static void assert_no_prefix_is_whole(struct view message)
{
	for (size_t size = 0; size < message.size; size++) {
		struct dns_walk w;
		struct dns_record record;
		int r = dns_walk_open(view_of(message.bytes, size), &w);
		while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0)
			;
		assert_int_equal(r, ERR_TRUNCATED);
	}
}

static uint8_t built_room[DNS_MESSAGE_SIZE_MAX], out_room[DNS_MESSAGE_SIZE_MAX];
static _Alignas(8) uint8_t block[1 << 17];

static void round_trip(void)
{
	struct made made[RECORDS_MAX];
	struct dns_query q = {.id = (uint16_t)random_below(65536), .type = DNS_TYPE_A};
	uint8_t question[DNS_QUESTION_SIZE_MAX];
	struct writer w = writer_open(question, sizeof(question));
	q.name = random_name();
	write_view(&w, dname_view(&q.name));
	write_bytes(&w, "\0\1\0\1", 4);
	q.question = view_of(question, writer_size(&w));
	size_t count = make_records(made, &q.name);
	struct view built = build(&q, made, count, built_room);
	assert_records(built, made, count, 0, false);
	assert_no_prefix_is_whole(built);

	int size = dns_message_strip_ech(built, out_room, sizeof(out_room));
	assert_true(size > 0);
	assert_false(dns_message_has_ech(view_of(out_room, (size_t)size)));
	assert_records(view_of(out_room, (size_t)size), made, count, 0, true);

	assert_true(dns_answer_prepare(built, block, sizeof(block)) > 0);
	const struct dns_prepared *p = (const struct dns_prepared *)(const void *)block;
	struct dns_emit how = {.age = AGE};
	size = dns_answer_emit(p, &q, &how, out_room, sizeof(out_room));
	assert_true(size > 0);
	assert_records(view_of(out_room, (size_t)size), made, count, AGE, false);
}

static void what_is_built_is_read_back_the_same(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++)
		round_trip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_built_is_read_back_the_same)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
