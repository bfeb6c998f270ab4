#include <errno.h>

#include "gate/dns/core_internal.h"
#include "gate/dns/inspect.h"
#include "net/datagram.h"

int dns_core_new(const struct dns_core_setup *setup, struct dns_core **ret)
{
	cleanup(dns_core) struct dns_core *core = calloc(1, sizeof(*core));
	if (!core)
		return -ENOMEM;
	core->options = setup->options;
	core->stats = setup->stats;
	core->ring = setup->ring;
	core->tap = setup->tap;
	core->names = setup->names;
	core->hits_told = dns_counted(core->stats, DNS_CACHE_HITS);
	core->seed = setup->seed;
	memcpy(core->reference_key, setup->reference_key, sizeof(core->reference_key));
	cookie_jar_init(&core->cookies, setup->cookie_key);
	uint32_t stale_s = (uint32_t)(setup->options->cache.stale_max_us / SECOND_US);
	int r = cache_new(setup->cache_size, stale_s, setup->seed, &core->cache);
	if (r >= 0)
		r = core_limits_open(core);
	if (r >= 0)
		r = core_renewals_open(core);
	if (r < 0)
		return r;
	designated_init(&core->designated, setup->options);
	dns_core_set_policy(core, setup->policy);
	dns_core_count_cache(core);
	*ret = take_ptr(core);
	return OK;
}

void dns_core_free(struct dns_core *core)
{
	if (!core)
		return;
	cache_free(core->cache);
	core_limits_close(core);
	renewals_free(core->renewals);
	top_free(core->watch.top);
	free(core);
}

void dns_core_set_policy(struct dns_core *core, const struct policy *policy)
{
	core->policy = policy;
	core->policy_version = policy_version(policy);
	tally_begin(&core->stats->tally, core->policy_version);
	core->epoch++;
	if (core->tap)
		tap_set_policy(core->tap, policy);
	block_texts_clear(&core->texts);
	place_memory_clear(&core->places);
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
	return (int)dns_reply_error(&t->reply, rcode, ede, text, t->room, t->size_max);
}

static int answer_fresh(struct dns_core *core, const struct turn *t, const struct known *known,
                        uint32_t age_s)
{
	struct dns_emit emit = {.age = age_s, .keep_ad = true, .opt = t->reply.opt};
	int size = dns_answer_emit(&known->answer, t->query, &emit, t->room, t->size_max);
	return core_sized(core, t, size > 0 ? (size_t)size : 0);
}

/* The signatures of what is stale may be over as well: nothing is said to be authenticated. */
static int answer_stale(struct dns_core *core, const struct turn *t, const struct known *known)
{
	bool has_name = known->answer.rcode != DNS_RCODE_NXDOMAIN;
	uint16_t ede = has_name ? DNS_EDE_STALE_ANSWER : DNS_EDE_STALE_NXDOMAIN;
	struct dns_opt opt;
	struct dns_emit emit = {.is_stale = true};
	if (t->reply.opt) {
		opt = dns_reply_opt_ede(t->reply.opt, ede, (struct view){0});
		emit.opt = &opt;
	}
	dns_count(core->stats, DNS_CACHE_STALE);
	int size = dns_answer_emit(&known->answer, t->query, &emit, t->room, t->size_max);
	return core_sized(core, t, size > 0 ? (size_t)size : 0);
}

int core_answer_known(struct dns_core *core, const struct turn *t, const struct known *known,
                      const struct cache_found *found)
{
	struct inspected in;
	in.name.size = 0; /* no more of it: this is the way of every query */
	if (known->is_failure)
		return core_error(core, t, DNS_RCODE_SERVFAIL, known->ede, NULL);
	if (!known->is_clean) {
		struct facts who = {.at_us = t->now->wall_us,
		                    .place = t->client->place,
		                    .client = t->client->address};
		inspect_answer(known_message(known), core->policy, &who, &in);
		if (in.worst.action == VERDICT_BLOCK)
			return core_block(core, t, &in.worst, t->query->name.labels);
		if (in.worst.action == VERDICT_OBSERVE)
			(void)core_record(core, t, &in.worst, &t->query->name);
	}
	if (core->names)
		core_tell_names(core, t, known, found, &in.name);
	return found->left_s ? answer_fresh(core, t, known, found->age_s)
	                     : answer_stale(core, t, known);
}

void core_judge_name(const struct dns_core *core, struct turn *t, struct verdict *ret)
{
	struct facts facts = {.at_us = t->now->wall_us,
	                      .place = t->client->place,
	                      .client = t->client->address,
	                      .name = &t->query->name};
	policy_decide(core->policy, &facts, ret);
	t->is_listed = ret->reason != REASON_UNLISTED;
}

/* A canary is answered as such unless somebody permitted what it asks for. */
static bool keeps_client(const struct dns_core *core, const struct turn *t,
                         const struct verdict *verdict)
{
	return verdict->reason != REASON_UNLISTED && verdict->reason != REASON_EXEMPT &&
	       core->options->canaries && policy_is_canary(core->policy, &t->query->name);
}

static int answer_or_ask(struct dns_core *core, const struct turn *t)
{
	struct cache_key key = {&t->query->name, t->query->type};
	struct cache_found found;
	struct known *known = core_cached(core, &key, t->now, &found);
	if (known && core_is_hidden(known, t->query))
		known = NULL;
	if (known && found.left_s) {
		dns_count(core->stats, DNS_CACHE_HITS);
		/* the last tenth of its time */
		if (found.left_s * UINT64_C(9) < found.age_s)
			core_renew(core, t, known, &found);
		return core_answer_known(core, t, known, &found);
	}
	dns_count(core->stats, DNS_CACHE_MISSES);
	if (core->watch.top)
		core_watch_name(core, TOP_MISSES, t);
	if (known && !core_may_renew(t->now, known))
		return core_answer_known(core, t, known, &found);
	int size = core_ask(core, t);
	return size != DNS_CORE_ASK && known ? core_answer_known(core, t, known, &found) : size;
}

static int answer_designated(struct dns_core *core, const struct turn *t)
{
	dns_count(core->stats, DNS_DESIGNATED);
	return core_sized(core, t,
	                  designated_answer(&core->designated, &t->reply, t->room, t->size_max));
}

int core_decide(struct dns_core *core, struct turn *t)
{
	struct verdict verdict;
	core_judge_name(core, t, &verdict);
	if (verdict.action == VERDICT_BLOCK)
		return core_block(core, t, &verdict, verdict.labels);
	if (verdict.action == VERDICT_OBSERVE)
		(void)core_record(core, t, &verdict, &t->query->name);
	if (keeps_client(core, t, &verdict))
		return core_canary(core, t, t->query->name.labels);
	if (t->query->type == DNS_TYPE_ANY)
		return (int)dns_reply_any(&t->reply, t->room, t->size_max);
	if (!(t->query->flags & DNS_FLAG_RD)) {
		dns_count(core->stats, DNS_NOT_OFFERED);
		return core_error(core, t, DNS_RCODE_REFUSED, DNS_EDE_NOT_AUTHORITATIVE, NULL);
	}
	return answer_or_ask(core, t);
}

static int decide_new(struct dns_core *core, struct turn *t)
{
	int size;
	if ((core->limits.clients && core_limit_client(core, t, &size)) ||
	    core_not_offered(core, t, &size))
		return size;
	if (designated_concerns(&core->designated, t->query))
		return answer_designated(core, t);
	return core_decide(core, t);
}

static size_t size_max_of(const struct dns_query *query, enum dns_transport transport,
                          size_t room_size)
{
	size_t size = dns_transports[transport].has_limit
	                      ? dns_query_udp_size_max(query, UDP_ANSWER_SIZE_MAX)
	                      : (size_t)DNS_MESSAGE_SIZE_MAX;
	return size < room_size ? size : room_size;
}

/* What every answer to this query says beside its records. */
static void open_opt(struct dns_core *core, struct turn *t)
{
	const struct dns_edns *asked = &t->query->edns;
	t->reply = (struct dns_reply){t->query, asked->is_present ? &t->opt : NULL};
	if (!asked->is_present)
		return;
	t->opt = (struct dns_opt){.udp_size = UDP_ANSWER_SIZE_MAX, .dnssec = asked->wants_dnssec};
	if (asked->has_padding && dns_transports[t->client->transport].is_private)
		t->opt.padding_block =
			DNS_PADDING_BLOCK; /* also when the option was too long to be kept */
	if (asked->options.size == 0)
		return;
	if (asked->has_nsid)
		t->opt.nsid = view_text(core->options->nsid);
	if (asked->cookie.size && core->options->cookies) {
		cookie_make(&core->cookies, asked->cookie, &t->client->address, turn_wall_s(t),
		            t->cookie);
		t->opt.cookie = view_of(t->cookie, sizeof(t->cookie));
	}
	if (asked->has_keepalive && t->client->idle_us) {
		t->opt.has_keepalive = true;
		t->opt.keepalive_100ms = (uint16_t)(t->client->idle_us * 10 / SECOND_US);
	}
}

void core_turn(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
               const struct dns_moment *now, uint8_t *room, size_t room_size, struct turn *t)
{
	client->place =
		place_memory_find(&core->places, core->policy, &client->address, core->seed);
	t->query = query;
	t->client = client;
	t->now = now;
	t->room = room;
	t->is_listed = false;
	t->size_max = size_max_of(query, client->transport, room_size);
	open_opt(core, t);
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
	struct turn t;
	core_turn(core, query, client, now, room, room_size, &t);
	if (core->watch.top && parsed == DNS_QUERY_OK)
		core_watch_query(core, &t);
	if (client->place == NONE)
		return core_refuse(core, &t, parsed);
	return parsed == DNS_QUERY_OK ? decide_new(core, &t) : core_malformed(core, &t, parsed);
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
