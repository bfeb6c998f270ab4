#include "gate/dns/core_internal.h"

/* A query was allowed when it came, and what is only observed has been recorded; by now the policy may be
 * another. */
static int answer_late(struct dns_core *core, struct turn *t, const struct known *known,
                       const struct cache_found *found)
{
	struct verdict verdict;
	core_judge_name(core, t, &verdict);
	if (verdict.action == VERDICT_BLOCK)
		return core_block(core, t, &verdict, verdict.labels);
	return core_answer_known(core, t, known, found);
}

int dns_core_finish(struct dns_core *core, const struct known *known, const struct dns_query *query,
                    struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                    size_t room_size)
{
	struct turn t;
	struct cache_found found = {.left_s = 1};
	core_turn(core, query, client, now, room, room_size, &t);
	struct cache_key key = {&query->name, query->type};
	const struct known *kept = known->is_failure ? core_cached(core, &key, now, &found) : NULL;
	return answer_late(core, &t, kept ? kept : known, &found);
}

int dns_core_stale(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
                   const struct dns_moment *now, uint8_t *room, size_t room_size)
{
	struct turn t;
	struct cache_found found;
	core_turn(core, query, client, now, room, room_size, &t);
	struct cache_key key = {&query->name, query->type};
	struct known *known = core_cached(core, &key, now, &found);
	if (!known || known->is_failure)
		return DNS_CORE_SILENT;
	core_pause(now, known); /* others need not wait as long */
	int size = answer_late(core, &t, known, &found);
	return size == DNS_CORE_ASK ? DNS_CORE_SILENT : size;
}

int dns_core_fail(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
                  const struct dns_moment *now, uint16_t ede, uint8_t *room, size_t room_size)
{
	struct turn t;
	core_turn(core, query, client, now, room, room_size, &t);
	return core_error(core, &t, DNS_RCODE_SERVFAIL, ede, NULL);
}
