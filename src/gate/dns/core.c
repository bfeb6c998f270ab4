#include "gate/dns/core.h"

#include <errno.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "gate/dns/block.h"
#include "gate/dns/cache.h"
#include "gate/dns/inspect.h"
#include "gate/dns/limit.h"
#include "gate/dns/reply.h"
#include "net/udp_batch.h"

enum { PLACES = 256 };

struct dns_core {
	const struct dns_options *options;
	const struct policy *policy;
	struct dns_stats *stats;
	struct ring *ring;
	struct cache *cache;
	struct limit *limit;
	uint64_t seed;
	uint8_t reference_key[EVENT_REFERENCE_KEY_SIZE];
	uint64_t policy_version;
	uint32_t epoch; /* counts policies */
	struct {
		struct address client;
		uint32_t place;
	} places[PLACES]; /* of clients seen lately */
	struct block_texts texts;
	struct known_room learned;
};

/* One query on its way through. */
struct turn {
	const struct dns_query *query;
	const struct dns_client *client;
	const struct dns_moment *now;
	uint8_t *room;
	size_t size_max;
};

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

/* Counts it and writes it down; returns the reference that the client may be given. */
static uint64_t record(struct dns_core *core, const struct turn *t, const struct verdict *verdict,
                       const struct dname *name)
{
	bool is_block = verdict->action == VERDICT_BLOCK;
	dns_count(core->stats, is_block ? DNS_BLOCKED : DNS_OBSERVED);
	if (!core->ring)
		return 0;
	const struct image_rule *rule = policy_rule(core->policy, verdict->rule);
	const struct image_place *place = policy_place(core->policy, t->client->place);
	const struct address *address = &t->client->address;
	struct event_record event = {
		.time_us = t->now->wall_us,
		.policy_version = core->policy_version,
		.identifier = verdict->identifier,
		.obligation = rule ? rule->obligation : EVENT_NONE,
		.exemption = verdict->exemption,
		.unit = place ? place->unit : EVENT_NONE,
		.reason = (uint16_t)verdict->reason,
		.qtype = t->query->type,
		.gate = EVENT_GATE_DNS,
		.verdict = is_block ? EVENT_BLOCK : EVENT_OBSERVE,
		.transport = (uint8_t)dns_transports[t->client->transport].event,
		.family = address->size == 4 ? EVENT_FAMILY_IP4 : EVENT_FAMILY_IP6,
		.name_size = name->size};
	memcpy(event.address, address->bytes, address->size);
	memcpy(event.name, name->bytes, name->size);
	event.reference = event_reference(&event, core->reference_key);
	bool is_kept = ring_put(core->ring, &event);
	dns_count(core->stats, is_kept ? DNS_EVENTS : DNS_EVENTS_LOST);
	return is_kept ? event.reference : 0;
}

static int sized(struct dns_core *core, const struct turn *t, size_t size)
{
	enum { FLAGS_AT = 2 };
	if (size && t->room[FLAGS_AT] & DNS_FLAG_TC >> 8)
		dns_count(core->stats, DNS_TRUNCATED);
	return (int)size;
}

static int block(struct dns_core *core, const struct turn *t, const struct verdict *verdict,
                 unsigned zone_labels, uint64_t reference)
{
	const struct image_rule *rule = policy_rule(core->policy, verdict->rule);
	struct block b = {.zone_labels = zone_labels,
	                  .ede = rule && rule->ede ? rule->ede : DNS_EDE_BLOCKED,
	                  .text = block_texts_get(&core->texts, core->policy, verdict->rule),
	                  .reference = reference};
	return sized(core, t,
	             block_answer(&core->options->block, t->query, &b, t->room, t->size_max));
}

static int error(struct dns_core *core, const struct turn *t, uint16_t rcode, int ede,
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
		return error(core, t, DNS_RCODE_SERVFAIL, known->ede, NULL);
	if (!known->is_clean) {
		struct inspected found;
		struct facts who = {.at_us = t->now->wall_us,
		                    .place = t->client->place,
		                    .client = t->client->address};
		inspect_answer(known_message(known), core->policy, &who, &found);
		uint64_t reference = 0;
		if (found.worst.action != VERDICT_ALLOW)
			reference = record(core, t, &found.worst, &t->query->name);
		if (found.worst.action == VERDICT_BLOCK)
			return block(core, t, &found.worst, t->query->name.labels, reference);
	}
	struct dns_opt opt = reply_opt(t->query);
	if (!dns_transports[t->client->transport].has_limit && t->query->edns.has_keepalive) {
		opt.has_keepalive = true;
		opt.keepalive_100ms = (uint16_t)(core->options->tcp.idle_us * 10 / SECOND_US);
	}
	struct dns_emit emit = {
		.age = age_s, .keep_ad = true, .opt = t->query->edns.is_present ? &opt : NULL};
	int size = dns_answer_emit(&known->answer, t->query, &emit, t->room, t->size_max);
	return sized(core, t, size > 0 ? (size_t)size : 0);
}

/* Answers kept from an earlier policy are judged anew; from those that it may have stripped nothing can
 * be put back, so they are fetched again. */
static struct known *cached(struct dns_core *core, const struct turn *t, uint32_t *ret_age_s)
{
	struct cache_key key = {&t->query->name, t->query->type};
	uint32_t now_s = (uint32_t)(t->now->steady_us / SECOND_US);
	struct known *known = cache_find(core->cache, &key, now_s, ret_age_s);
	if (!known || known->epoch == core->epoch || known->is_failure)
		return known;
	if (key.type == DNS_TYPE_HTTPS || key.type == DNS_TYPE_SVCB)
		return NULL;
	struct inspected found;
	struct facts at_large = {.at_us = t->now->wall_us, .place = NONE};
	inspect_answer(known_message(known), core->policy, &at_large, &found);
	known->is_clean = found.is_clean;
	known->epoch = core->epoch;
	return known;
}

/* What is not offered to anybody. Returns whether that was it, with the answer's size. */
static bool not_offered(struct dns_core *core, const struct turn *t, int *ret_size)
{
	static const struct {
		uint16_t first, last, rcode;
	} types[] = {
		{0, 0, DNS_RCODE_FORMERR},
		{DNS_TYPE_OPT, DNS_TYPE_OPT, DNS_RCODE_FORMERR},
		{DNS_TYPE_IXFR, DNS_TYPE_AXFR, DNS_RCODE_REFUSED},
		{128, 254, DNS_RCODE_NOTIMP}, /* other types that exist only in queries */
	};
	uint16_t rcode = DNS_RCODE_NOERROR;
	if (t->query->has_signature)
		rcode = DNS_RCODE_NOTAUTH;
	else if (t->query->class != DNS_CLASS_IN)
		rcode = DNS_RCODE_REFUSED;
	for (size_t i = 0; rcode == DNS_RCODE_NOERROR && i < sizeof(types) / sizeof(types[0]);
	     i++) {
		if (t->query->type >= types[i].first && t->query->type <= types[i].last)
			rcode = types[i].rcode;
	}
	if (rcode == DNS_RCODE_NOERROR)
		return false;
	dns_count(core->stats, DNS_NOT_OFFERED);
	*ret_size = error(core, t, rcode, DNS_EDE_NOT_SUPPORTED, NULL);
	return true;
}

static int decide(struct dns_core *core, const struct turn *t)
{
	int size;
	if (not_offered(core, t, &size))
		return size;
	struct facts facts = {.at_us = t->now->wall_us,
	                      .place = t->client->place,
	                      .client = t->client->address,
	                      .name = &t->query->name};
	struct verdict verdict;
	uint64_t reference = 0;
	policy_decide(core->policy, &facts, &verdict);
	if (verdict.action != VERDICT_ALLOW)
		reference = record(core, t, &verdict, &t->query->name);
	if (verdict.action == VERDICT_BLOCK)
		return block(core, t, &verdict, verdict.labels, reference);
	if (t->query->type == DNS_TYPE_ANY)
		return (int)reply_any(t->query, t->room, t->size_max);
	if (!(t->query->flags & DNS_FLAG_RD)) {
		dns_count(core->stats, DNS_NOT_OFFERED);
		return error(core, t, DNS_RCODE_REFUSED, DNS_EDE_NOT_AUTHORITATIVE, NULL);
	}
	uint32_t age_s;
	struct known *known = cached(core, t, &age_s);
	dns_count(core->stats, known ? DNS_CACHE_HITS : DNS_CACHE_MISSES);
	return known ? answer(core, t, known, age_s) : DNS_CORE_ASK;
}

/* A client that we do not serve learns so, at a bounded rate: its address may be forged. */
static int refuse(struct dns_core *core, const struct turn *t, enum dns_query_verdict parsed)
{
	dns_count(core->stats, DNS_UNSERVED);
	enum limit_verdict limit = LIMIT_ANSWER;
	if (dns_transports[t->client->transport].has_limit)
		limit = limit_ask(core->limit, &t->client->address, t->now->steady_us);
	switch (limit) {
	case LIMIT_DROP: dns_count(core->stats, DNS_LIMIT_DROPPED); return DNS_CORE_SILENT;
	case LIMIT_TRUNCATE:
		dns_count(core->stats, DNS_LIMIT_TRUNCATED);
		return (int)reply_truncated(t->query, t->room, t->size_max);
	case LIMIT_ANSWER: break;
	}
	if (parsed != DNS_QUERY_OK && parsed != DNS_QUERY_COOKIE)
		return error(core, t, dns_query_rcode(parsed), REPLY_NO_EDE, NULL);
	return error(core, t, DNS_RCODE_REFUSED, DNS_EDE_PROHIBITED,
	             "Only networks of the organisation are served.");
}

static int malformed(struct dns_core *core, const struct turn *t, enum dns_query_verdict parsed)
{
	static const enum dns_counter counters[] = {[DNS_QUERY_DROP] = DNS_MALFORMED_SILENT,
	                                            [DNS_QUERY_FORMERR] = DNS_MALFORMED_FORMERR,
	                                            [DNS_QUERY_NOTIMP] = DNS_MALFORMED_NOTIMP,
	                                            [DNS_QUERY_BADVERS] = DNS_MALFORMED_BADVERS,
	                                            [DNS_QUERY_COOKIE] = DNS_MALFORMED_FORMERR};
	dns_count(core->stats, counters[parsed]);
	/* a question is missing, and cookies are not offered: RFC 7873 s5.4 then leaves FORMERR */
	uint16_t rcode = parsed == DNS_QUERY_COOKIE ? DNS_RCODE_FORMERR : dns_query_rcode(parsed);
	return error(core, t, rcode, REPLY_NO_EDE, NULL);
}

static size_t size_max_of(const struct dns_query *query, enum dns_transport transport,
                          size_t room_size)
{
	size_t size = dns_transports[transport].has_limit
	                      ? dns_query_udp_size_max(query, UDP_ANSWER_SIZE_MAX)
	                      : (size_t)DNS_MESSAGE_SIZE_MAX;
	return size < room_size ? size : room_size;
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

int dns_core_answer(struct dns_core *core, enum dns_query_verdict parsed,
                    const struct dns_query *query, struct dns_client *client,
                    const struct dns_moment *now, uint8_t *room, size_t room_size)
{
	if (parsed == DNS_QUERY_DROP) {
		dns_count(core->stats, DNS_MALFORMED_SILENT);
		return DNS_CORE_SILENT;
	}
	client->place = place_of(core, &client->address);
	struct turn t = {query, client, now, room,
	                 size_max_of(query, client->transport, room_size)};
	if (client->place == NONE)
		return refuse(core, &t, parsed);
	return parsed == DNS_QUERY_OK ? decide(core, &t) : malformed(core, &t, parsed);
}

int dns_core_query(struct dns_core *core, struct view packet, struct dns_client *client,
                   const struct dns_moment *now, struct dns_query *query, uint8_t *room,
                   size_t room_size)
{
	enum dns_query_verdict parsed = dns_query_parse(packet, query);
	return dns_core_answer(core, parsed, query, client, now, room, room_size);
}

const struct known *dns_core_learn(struct dns_core *core, const struct dns_question *question,
                                   const struct upstream_answer *upstream,
                                   const struct dns_moment *now)
{
	void *at = core->learned.known;
	struct known *known = at;
	bool is_good = known_learn(&core->learned, core->options, core->policy, question, upstream,
	                           now->wall_us);
	known->epoch = core->epoch;
	if (!is_good)
		dns_count(core->stats, known->ede == DNS_EDE_INVALID_DATA ? DNS_UPSTREAM_MALFORMED
		                                                          : DNS_UPSTREAM_FAILURES);
	if (known->is_stripped)
		dns_count(core->stats, DNS_ECH_STRIPPED);
	struct cache_key key = {&question->name, question->type};
	/* too large to be kept is no failure: it is asked for again */
	(void)!cache_add(core->cache, &key, known, known_size(known), known->ttl_s,
	                 (uint32_t)(now->steady_us / SECOND_US));
	return known;
}

int dns_core_finish(struct dns_core *core, const struct known *known, const struct dns_query *query,
                    struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                    size_t room_size)
{
	client->place = place_of(core, &client->address); /* the policy may be another by now */
	struct turn t = {query, client, now, room,
	                 size_max_of(query, client->transport, room_size)};
	return answer(core, &t, known, 0);
}

int dns_core_fail(struct dns_core *core, const struct dns_query *query,
                  const struct dns_client *client, uint16_t ede, uint8_t *room, size_t room_size)
{
	struct turn t = {query, client, NULL, room,
	                 size_max_of(query, client->transport, room_size)};
	return error(core, &t, DNS_RCODE_SERVFAIL, ede, NULL);
}
