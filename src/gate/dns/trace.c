#include "gate/dns/trace.h"

#include "base/timestamp.h"
#include "gate/dns/core_internal.h"

const char *const dns_trace_cache_names[DNS_TRACE_CACHES] = {"not asked", "miss", "hit", "stale",
                                                             "failure"};

/* What a query leaves traces in. */
struct aside {
	struct dns_stats *stats;
	struct ring *ring;
	struct tap *tap;
	const struct learned *names;
	struct core_limits limits;
	struct renewals *renewals;
	struct dns_watch watch;
};

static struct aside lay_aside(struct dns_core *core, struct dns_stats *stats)
{
	struct aside a = {core->stats,  core->ring,     core->tap,  core->names,
	                  core->limits, core->renewals, core->watch};
	core->stats = stats;
	core->ring = NULL;
	core->tap = NULL;
	core->names = NULL;
	core->limits = (struct core_limits){0};
	core->renewals = NULL;
	core->watch = (struct dns_watch){0};
	return a;
}

static void put_back(struct dns_core *core, const struct aside *a)
{
	core->stats = a->stats;
	core->ring = a->ring;
	core->tap = a->tap;
	core->names = a->names;
	core->limits = a->limits;
	core->renewals = a->renewals;
	core->watch = a->watch;
}

static void look_into(struct dns_core *core, const struct known *known, const struct facts *who,
                      struct dns_trace *ret)
{
	ret->is_listed = !known->is_failure && !known->is_clean;
	if (ret->is_listed)
		inspect_answer(known_message(known), core->policy, who, &ret->found);
}

static enum dns_trace_cache state_of(const struct known *known, const struct cache_found *found)
{
	if (!known)
		return DNS_TRACE_MISS;
	if (known->is_failure)
		return DNS_TRACE_FAILURE;
	return found->left_s ? DNS_TRACE_HIT : DNS_TRACE_STALE;
}

/* `counted` says what was done. */
static void look(struct dns_core *core, const struct turn *t, const struct dns_stats *counted,
                 struct dns_trace *ret)
{
	struct facts who = {.at_us = t->now->wall_us,
	                    .place = t->client->place,
	                    .client = t->client->address,
	                    .name = &t->query->name};
	policy_explain(core->policy, &who, &ret->policy);
	if (!dns_counted(counted, DNS_CACHE_MISSES) && !dns_counted(counted, DNS_CACHE_HITS))
		return;
	struct cache_key key = {&t->query->name, t->query->type};
	const struct known *known = core_cached(core, &key, t->now, &ret->kept);
	ret->cache = state_of(known, &ret->kept);
	if (known)
		look_into(core, known, &who, ret);
}

static uint32_t left_of(const struct limit *l, const struct dns_client *client,
                        const struct dns_moment *now)
{
	return limit_left(l, limit_key_of_network(l, &client->address), now->steady_us);
}

void dns_core_trace(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
                    const struct dns_moment *now, uint8_t *room, size_t room_size,
                    struct dns_trace *ret)
{
	struct dns_stats counted = {0};
	struct aside aside = lay_aside(core, &counted);
	int size = dns_core_answer(core, DNS_QUERY_OK, query, client, now, room, room_size);
	put_back(core, &aside);
	*ret = (struct dns_trace){.place = client->place,
	                          .limit_left = left_of(core->limits.strangers, client, now),
	                          .size = size};
	struct turn t;
	core_turn(core, query, client, now, room, room_size, &t);
	if (client->place != NONE)
		look(core, &t, &counted, ret);
	if (size != DNS_CORE_ASK)
		core->asked = (struct dns_asked){.question = {.name = query->name,
		                                              .type = query->type,
		                                              .class = query->class}};
}

void dns_core_trace_known(struct dns_core *core, const struct known *known,
                          const struct dns_redirect *redirect, const struct dns_query *query,
                          struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                          size_t room_size, struct dns_trace *ret)
{
	struct dns_stats counted = {0};
	struct facts who = {.at_us = now->wall_us, .place = ret->place, .client = client->address};
	struct aside aside = lay_aside(core, &counted);
	if (redirect->is_set) {
		ret->size = dns_core_redirected(core, redirect, known, query, client, now, room,
		                                room_size);
	} else {
		look_into(core, known, &who, ret);
		ret->size = dns_core_finish(core, known, query, client, now, room, room_size);
	}
	put_back(core, &aside);
	ret->keeps_s = known->ttl_s;
}
