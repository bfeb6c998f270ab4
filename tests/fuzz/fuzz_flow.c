/* Packets, each behind what the gate knows of it: time in 64 ms, flags, size. Whatever they are, what the judge
 * refused is not forwarded, limits hold, and nothing is left of flows that are forgotten. */
#include "check.h"
#include "flow/flow.h"
#include "wire/ip.h"

enum { HEADER_SIZE = 4, HELD = 512 * 1024 };
enum { CHECKSUM_IS_OPEN = 1, SET_IP_SUM = 2, TICK = 4, IS_REPLY = 8, IS_AWAITED = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct seen {
	bool is_refused;
	unsigned calls;
};

static enum flow_ruling judge(void *context, const struct flow_key *key,
                              const struct flow_claim *claim)
{
	struct seen *seen = context;
	CHECK(key->client.size == key->server.size);
	CHECK(claim->protocol < FLOW_PROTOCOLS);
	char ja4[FLOW_JA4_SIZE];
	CHECK(!flow_claim_ja4(claim, ja4) || memchr(ja4, 0, sizeof(ja4)));
	seen->calls++;
	unsigned sum = 0;
	for (size_t i = 0; i < claim->name.size; i++)
		sum += claim->name.bytes[i];
	for (size_t i = 0; i < claim->message.size; i++)
		sum += claim->message.bytes[i];
	(void)sum;
	if (claim->name.size == 0 || !memmem(claim->name.bytes, claim->name.size, "bad", 3))
		return FLOW_ALLOWED;
	seen->is_refused = true;
	return FLOW_REFUSED;
}

static void check_outcome(const struct flow_outcome *o, const struct seen *seen)
{
	CHECK(o->action <= FLOW_REFUSE && o->why < FLOW_WHYS);
	if (seen->is_refused)
		CHECK((o->action == FLOW_REFUSE || o->action == FLOW_DROP) &&
		      o->why == FLOW_WHY_RULED);
	CHECK(seen->calls <= 4096);
}

static void take(struct flow_table *t, struct seen *seen, const uint8_t *header, struct view bytes,
                 int64_t now_us)
{
	static uint8_t room[65536];
	memcpy(room, bytes.bytes, bytes.size);
	size_t ip_size = (room[0] & 15) * 4u;
	if (header[1] & SET_IP_SUM && room[0] >> 4 == 4 && ip_size >= 20 && ip_size <= bytes.size)
		ip4_set_checksum(room, ip_size);
	struct flow_packet p = {.bytes = view_of(room, bytes.size),
	                        .now_us = now_us,
	                        .checksum_is_open = header[1] & CHECKSUM_IS_OPEN,
	                        .is_reply = header[1] & IS_REPLY,
	                        .is_awaited = header[1] & IS_AWAITED};
	*seen = (struct seen){0};
	struct flow_outcome o = flow_take(t, &p);
	check_outcome(&o, seen);
	if (header[1] & TICK)
		flow_tick(t, now_us);
	struct flow_table_state s = flow_table_state(t);
	CHECK(s.flows <= s.flows_max && s.held <= s.held_max);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct seen seen;
	static struct flow_table *t;
	static int64_t now_us;
	struct flow_limits limits = {.flows = 8,
	                             .held_bytes = HELD,
	                             .hello_size = 4096,
	                             .packets = 32,
	                             .judge_us = 10000000,
	                             .idle_us = 60000000,
	                             .readings = 64,
	                             .on_limit = FLOW_RELEASE,
	                             .on_middle = FLOW_RELEASE};
	struct flow_judge j = {judge, &seen};
	if (!t && flow_table_new(&limits, 1, &j, &t) != OK)
		abort();
	for (unsigned n = 0; size >= HEADER_SIZE && n < 128; n++) {
		size_t length = (size_t)bytes[2] << 8 | bytes[3];
		if (length > size - HEADER_SIZE)
			length = size - HEADER_SIZE;
		now_us += bytes[0] * 64000;
		if (length)
			take(t, &seen, bytes, view_of(bytes + HEADER_SIZE, length), now_us);
		bytes += HEADER_SIZE + length;
		size -= HEADER_SIZE + length;
	}
	now_us += limits.idle_us * 10;
	flow_tick(t, now_us);
	struct flow_table_state s = flow_table_state(t);
	CHECK(s.flows == 0 && s.held == 0);
	return 0;
}
