/* fuzz_dns_gate.c - the gate's core: a query and an upstream's answer, both of a stranger.
 *
 * Input: one byte (bit 0: TCP), two bytes with the query's size, the query, and what is left is the
 * upstream's packet. Whatever it is, an answer is a well-formed message that fits, and no address or alias
 * of a listed product comes through. */
#include "base/reader.h"
#include "base/timestamp.h"
#include "gate/dns/core.h"
#include "tests/gate_dns/fixture.h"
#include "wire/dns_rdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define CHECK(condition)          \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static struct arena arena;
static struct dns_options options;
static struct buffer image;
static struct policy policy;
static uint8_t room[65535];

static void prepare(void)
{
	fixture_options("rate: {networks: 16}", &arena, &options);
	fixture_image("strip", "enforce", &image);
	CHECK(policy_open(buffer_view(&image), &policy) == OK);
}

static void check_record(struct view message, const struct dns_record *r,
                         const struct dname *listed)
{
	static const uint8_t address[] = {198, 51, 100, 7};
	struct dname name;
	if (r->section != DNS_ANSWER)
		return;
	CHECK(r->type != DNS_TYPE_A || !view_equal(r->rdata, view_of(address, sizeof(address))));
	if (r->type == DNS_TYPE_CNAME && dns_rdata_name(message, r, &name) >= 0)
		CHECK(!dname_is_under(&name, listed));
}

static void check_answer(struct view query, int size, bool is_tcp)
{
	struct dns_walk w;
	struct dns_record r;
	struct view message = view_of(room, (size_t)size);
	struct dname listed = fixture_name("cdn.delivery.example");
	CHECK(size >= DNS_HEADER_SIZE && (is_tcp || size <= 1232));
	CHECK(dns_walk_open(message, &w) == OK);
	CHECK(w.header.flags & DNS_FLAG_QR);
	CHECK(w.header.id == (query.bytes[0] << 8 | query.bytes[1]));
	int more;
	while ((more = dns_walk_next(&w, &r)) > 0)
		check_record(message, &r, &listed);
	CHECK(more == 0);
}

/* First for who asked, then from the cache. */
static void run(struct dns_core *core, struct view packet, struct view upstream, bool is_tcp)
{
	struct dns_moment now = {FIXTURE_NOW_US, SECOND_US};
	struct dns_client client = {.address = fixture_address("127.0.0.1"),
	                            .transport = is_tcp ? DNS_OVER_TCP : DNS_OVER_UDP};
	struct dns_query query;
	int size = dns_core_query(core, packet, &client, &now, &query, room, sizeof(room));
	if (size == DNS_CORE_ASK) {
		struct upstream_answer answer = {.packet = upstream};
		struct dns_question question = {
			.name = query.name, .type = query.type, .class = query.class};
		const struct known *known = dns_core_learn(core, &question, &answer, &now);
		size = dns_core_finish(core, known, &query, &client, &now, room, sizeof(room));
		CHECK(size != DNS_CORE_ASK);
	}
	if (size > 0)
		check_answer(packet, size, is_tcp);
	now.steady_us += SECOND_US;
	size = dns_core_query(core, packet, &client, &now, &query, room, sizeof(room));
	if (size > 0)
		check_answer(packet, size, is_tcp);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct dns_stats stats;
	struct reader r = reader_open(bytes, size);
	bool is_tcp = read_u8(&r) & 1;
	struct reader query = read_block(&r, 2);
	if (r.failed || query.failed)
		return 0;
	if (!image.size)
		prepare();
	struct dns_core_setup setup = {.options = &options,
	                               .policy = &policy,
	                               .stats = &stats,
	                               .cache_size = 1 << 16,
	                               .seed = 1};
	cleanup(dns_core) struct dns_core *core = NULL;
	CHECK(dns_core_new(&setup, &core) == OK);
	run(core, view_of(query.at, reader_left(&query)), view_of(r.at, reader_left(&r)), is_tcp);
	return 0;
}
