/* fuzz_dns_gate.c - the gate's core: a query and an upstream's answer, both of a stranger.
 *
 * Input: one byte (bit 0: TCP; bit 1: blocks have an alias), two bytes with the query's size, the query, and what is left is the
 * upstream's packet. Whatever it is, an answer is a well-formed message that fits, and no address or alias
 * of a listed product comes through. */
#include "base/reader.h"
#include "base/timestamp.h"
#include "gate/dns/core.h"
#include "tests/fuzz/check.h"
#include "tests/gate_dns/fixture.h"
#include "wire/dns_rdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct arena arena;
static struct dns_options options;
static const char with_alias[] =
	"organisation: test\n"
	"name: Test\n"
	"jurisdiction: TW\n"
	"classes: [central-agency]\n"
	"contact: it@ministry.example\n"
	"networks: [{prefix: 127.0.0.0/24}]\n"
	"adoptions: [{order: test-order, answer: {cname: portal.example}}]\n";
static struct buffer images[2];
static struct policy policies[2];
static uint8_t room[65535];

static void prepare(void)
{
	fixture_options("rate: {networks: 16}\n"
	                "server: {names: [gate.example], addresses: [192.0.2.53, '2001:db8::53']}\n"
	                "tls: {listen: ['192.0.2.53:853']}\nhttps: {listen: ['[::]:443']}",
	                &arena, &options);
	fixture_image("strip", "enforce", &images[0]);
	fixture_compile(with_alias, (struct view){0}, &images[1]);
	for (size_t i = 0; i < 2; i++)
		CHECK(policy_open(buffer_view(&images[i]), &policies[i]) == OK);
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

/* What an alias of the organisation's choice leads to is not judged. */
static void check_answer(struct view query, int size, bool is_tcp, bool is_alias)
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
	while ((more = dns_walk_next(&w, &r)) > 0) {
		if (!is_alias)
			check_record(message, &r, &listed);
	}
	CHECK(more == 0);
}

/* The upstream says the same to each question that the core has. Returns the answer's size. */
static int resolve(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
                   const struct dns_moment *now, struct view upstream)
{
	struct upstream_answer answer = {.packet = upstream};
	int size = DNS_CORE_ASK;
	for (int rounds = 0; size == DNS_CORE_ASK; rounds++) {
		struct dns_asked asked = *dns_core_asked(core);
		CHECK(rounds < 2);
		const struct known *known = dns_core_learn(core, &asked.question, &answer, now);
		size = asked.redirect.is_set
		               ? dns_core_redirected(core, &asked.redirect, known, query, client,
		                                     now, room, sizeof(room))
		               : dns_core_finish(core, known, query, client, now, room,
		                                 sizeof(room));
	}
	return size;
}

/* First for who asked, then from the cache. */
static void run(struct dns_core *core, struct view packet, struct view upstream, bool is_tcp,
                bool is_alias)
{
	struct dns_moment now = {FIXTURE_NOW_US, SECOND_US};
	struct dns_client client = {.address = fixture_address("127.0.0.1"),
	                            .transport = is_tcp ? DNS_OVER_TCP : DNS_OVER_UDP};
	for (int i = 0; i < 2; i++, now.steady_us += SECOND_US) {
		struct dns_query query;
		int size = dns_core_query(core, packet, &client, &now, &query, room, sizeof(room));
		if (size == DNS_CORE_ASK)
			size = resolve(core, &query, &client, &now, upstream);
		if (size > 0)
			check_answer(packet, size, is_tcp, is_alias);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct dns_stats stats;
	struct reader r = reader_open(bytes, size);
	uint8_t how = read_u8(&r);
	bool is_tcp = how & 1, is_alias = how & 2;
	struct reader query = read_block(&r, 2);
	if (r.failed || query.failed)
		return 0;
	if (!images[0].size)
		prepare();
	struct dns_core_setup setup = {.options = &options,
	                               .policy = &policies[is_alias],
	                               .stats = &stats,
	                               .cache_size = 1 << 16,
	                               .seed = 1};
	cleanup(dns_core) struct dns_core *core = NULL;
	CHECK(dns_core_new(&setup, &core) == OK);
	run(core, view_of(query.at, reader_left(&query)), view_of(r.at, reader_left(&r)), is_tcp,
	    is_alias);
	return 0;
}
