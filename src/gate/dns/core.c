#include <errno.h>

#include "base/hash.h"
#include "gate/dns/core_internal.h"
#include "gate/dns/inspect.h"
#include "gate/dns/reply.h"
#include "net/udp_batch.h"

int dns_core_new(const struct dns_core_setup *setup, struct dns_core **ret)
{
	const struct dns_rate_options *rate = &setup->options->rate;
	struct limit_rule rule = {(uint32_t)rate->responses_per_second, (uint32_t)rate->slip};
	cleanup(dns_core) struct dns_core *core = calloc(1, sizeof(*core));
	if (!core)
		return -ENOMEM;
	core->options = setup->options;
	core->stats = setup->stats;
	core->ring = setup->ring;
	core->tap = setup->tap;
	core->hits_told = dns_counted(core->stats, DNS_CACHE_HITS);
	core->seed = setup->seed;
	memcpy(core->reference_key, setup->reference_key, sizeof(core->reference_key));
	int r = cache_new(setup->cache_size, setup->seed, &core->cache);
	if (r >= 0)
		r = limit_new(&rule, (uint32_t)rate->networks, setup->seed, &core->limit);
	if (r < 0)
		return r;
	dns_core_set_policy(core, setup->policy);
	*ret = take_ptr(core);
	return OK;
}

void dns_core_free(struct dns_core *core)
{
	if (!core)
		return;
	cache_free(core->cache);
	limit_free(core->limit);
	free(core);
}

void dns_core_set_policy(struct dns_core *core, const struct policy *policy)
{
	core->policy = policy;
	core->policy_version = policy_version(policy);
	core->epoch++;
	if (core->tap)
		tap_set_policy(core->tap, policy);
	block_texts_clear(&core->texts);
	memset(core->places, 0, sizeof(core->places));
}

static uint32_t place_of(struct dns_core *core, const struct address *client)
{
	uint64_t hash = hash_bytes(client->bytes, client->size, core->seed);
	__typeof__(core->places[0]) *row = &core->places[hash % PLACES];
	if (!address_equal(&row->client, client)) {
		row->client = *client;
		row->place = policy_place_of(core->policy, client);
	}
	return row->place;
}

int core_sized(struct dns_core *core, const struct turn *t, size_t size)
{
	enum { FLAGS_AT = 2 };
	if (size && t->room[FLAGS_AT] & DNS_FLAG_TC >> 8)
		dns_count(core->stats, DNS_TRUNCATED);
	return (int)size;
}

int core_error(struct dns_core *core, const struct turn *t, uint16_t rcode, int ede,
               const char *text)
{
	if (rcode == DNS_RCODE_SERVFAIL)
		dns_count(core->stats, DNS_SERVFAIL);
	return (int)reply_error(t->query, rcode, ede, text, t->room, t->size_max);
}

/* What is known goes out as it is, or blocked for what it leads to. */
static int answer(struct dns_core *core, const struct turn *t, const struct known *known,
                  uint32_t age_s)
{
	if (known->is_failure)
		return core_error(core, t, DNS_RCODE_SERVFAIL, known->ede, NULL);
	if (!known->is_clean) {
		struct inspected found;
		struct facts who = {.at_us = t->now->wall_us,
		                    .place = t->client->place,
		                    .client = t->client->address};
		inspect_answer(known_message(known), core->policy, &who, &found);
		if (found.worst.action == VERDICT_BLOCK)
			return core_block(core, t, &found.worst, t->query->name.labels);
		if (found.worst.action == VERDICT_OBSERVE)
			(void)core_record(core, t, &found.worst, &t->query->name);
	}
	struct dns_opt opt = reply_opt(t->query);
	if (!dns_transports[t->client->transport].has_limit && t->query->edns.has_keepalive) {
		opt.has_keepalive = true;
		opt.keepalive_100ms = (uint16_t)(core->options->tcp.idle_us * 10 / SECOND_US);
	}
	struct dns_emit emit = {
		.age = age_s, .keep_ad = true, .opt = t->query->edns.is_present ? &opt : NULL};
	int size = dns_answer_emit(&known->answer, t->query, &emit, t->room, t->size_max);
	return core_sized(core, t, size > 0 ? (size_t)size : 0);
}

/* A canary is answered as such unless somebody permitted what it asks for. */
static bool keeps_client(const struct dns_core *core, const struct turn *t,
                         const struct verdict *verdict)
{
	return verdict->reason != REASON_UNLISTED && verdict->reason != REASON_EXEMPT &&
	       core->options->canaries && policy_is_canary(core->policy, &t->query->name);
}

static int ask(struct dns_core *core, const struct turn *t)
{
	core->asked.question.name = t->query->name;
	core->asked.question.type = t->query->type;
	core->asked.question.class = t->query->class;
	core->asked.redirect.is_set = false;
	return DNS_CORE_ASK;
}

const struct dns_asked *dns_core_asked(const struct dns_core *core)
{
	return &core->asked;
}

static int decide(struct dns_core *core, const struct turn *t)
{
	int size;
	if (core_not_offered(core, t, &size))
		return size;
	struct facts facts = {.at_us = t->now->wall_us,
	                      .place = t->client->place,
	                      .client = t->client->address,
	                      .name = &t->query->name};
	struct verdict verdict;
	policy_decide(core->policy, &facts, &verdict);
	if (verdict.action == VERDICT_BLOCK)
		return core_block(core, t, &verdict, verdict.labels);
	if (verdict.action == VERDICT_OBSERVE)
		(void)core_record(core, t, &verdict, &t->query->name);
	if (keeps_client(core, t, &verdict))
		return core_canary(core, t, t->query->name.labels);
	if (t->query->type == DNS_TYPE_ANY)
		return (int)reply_any(t->query, t->room, t->size_max);
	if (!(t->query->flags & DNS_FLAG_RD)) {
		dns_count(core->stats, DNS_NOT_OFFERED);
		return core_error(core, t, DNS_RCODE_REFUSED, DNS_EDE_NOT_AUTHORITATIVE, NULL);
	}
	uint32_t age_s;
	struct cache_key key = {&t->query->name, t->query->type};
	struct known *known = core_cached(core, &key, t->now, &age_s);
	dns_count(core->stats, known ? DNS_CACHE_HITS : DNS_CACHE_MISSES);
	return known ? answer(core, t, known, age_s) : ask(core, t);
}

static size_t size_max_of(const struct dns_query *query, enum dns_transport transport,
                          size_t room_size)
{
	size_t size = dns_transports[transport].has_limit
	                      ? dns_query_udp_size_max(query, UDP_ANSWER_SIZE_MAX)
	                      : (size_t)DNS_MESSAGE_SIZE_MAX;
	return size < room_size ? size : room_size;
}

/* The policy may be another than before. */
struct turn core_turn(struct dns_core *core, const struct dns_query *query,
                      struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                      size_t room_size)
{
	client->place = place_of(core, &client->address);
	return (struct turn){query, client, now, room,
	                     size_max_of(query, client->transport, room_size)};
}

void dns_core_expect(const struct dns_core *core, const struct dns_query *query,
                     enum dns_expect step)
{
	struct cache_key key = {&query->name, query->type};
	if (step == DNS_EXPECT_PLACE)
		cache_expect_set(core->cache, &key);
	else
		cache_expect_entry(core->cache, &key);
}

static int answer_query(struct dns_core *core, enum dns_query_verdict parsed,
                        const struct dns_query *query, struct dns_client *client,
                        const struct dns_moment *now, uint8_t *room, size_t room_size)
{
	if (parsed == DNS_QUERY_DROP) {
		dns_count(core->stats, DNS_MALFORMED_SILENT);
		return DNS_CORE_SILENT;
	}
	struct turn t = core_turn(core, query, client, now, room, room_size);
	if (client->place == NONE)
		return core_refuse(core, &t, parsed);
	return parsed == DNS_QUERY_OK ? decide(core, &t) : core_malformed(core, &t, parsed);
}

/* What got silence is not told. It came from the cache when there is one hit more than at the last time. */
static void tell(struct dns_core *core, const struct dns_query *query,
                 const struct dns_client *client, const struct dns_moment *now, const uint8_t *room,
                 int size)
{
	uint64_t hits = dns_counted(core->stats, DNS_CACHE_HITS);
	struct tap_query q = {.query = query,
	                      .client = &client->address,
	                      .transport = client->transport,
	                      .source = hits == core->hits_told ? TAP_FROM_GATE : TAP_FROM_CACHE,
	                      .asked_us = now->steady_us,
	                      .answer = view_of(room, size > 0 ? (size_t)size : 0)};
	core->hits_told = hits;
	if (size != DNS_CORE_SILENT)
		tap_tell(core->tap, &q);
}

int dns_core_answer(struct dns_core *core, enum dns_query_verdict parsed,
                    const struct dns_query *query, struct dns_client *client,
                    const struct dns_moment *now, uint8_t *room, size_t room_size)
{
	int size = answer_query(core, parsed, query, client, now, room, room_size);
	if (core->tap)
		tell(core, query, client, now, room, size);
	return size;
}

int dns_core_query(struct dns_core *core, struct view packet, struct dns_client *client,
                   const struct dns_moment *now, struct dns_query *query, uint8_t *room,
                   size_t room_size)
{
	enum dns_query_verdict parsed = dns_query_parse(packet, query);
	return dns_core_answer(core, parsed, query, client, now, room, room_size);
}

int dns_core_finish(struct dns_core *core, const struct known *known, const struct dns_query *query,
                    struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                    size_t room_size)
{
	struct turn t = core_turn(core, query, client, now, room, room_size);
	return answer(core, &t, known, 0);
}

int dns_core_fail(struct dns_core *core, const struct dns_query *query,
                  const struct dns_client *client, uint16_t ede, uint8_t *room, size_t room_size)
{
	struct turn t = {query, client, NULL, room,
	                 size_max_of(query, client->transport, room_size)};
	return core_error(core, &t, DNS_RCODE_SERVFAIL, ede, NULL);
}
