#include "gate/dns/tap.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

struct tap {
	const struct policy *policy;
	struct dns_stats *stats;
	struct tap_sink sinks[TAP_SINKS_MAX];
	size_t sink_count;
	enum tap_scope scope_max; /* of all sinks */
	bool wants_unanswered;
	bool has_verdict; /* of the query at work */
	struct verdict verdict;
	uint64_t reference;
};

int tap_new(const struct tap_sink *sinks, size_t count, struct dns_stats *stats, struct tap **ret)
{
	if (count > TAP_SINKS_MAX)
		return ERR_LIMIT;
	struct tap *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->stats = stats;
	t->sink_count = count;
	for (size_t i = 0; i < count; i++) {
		t->sinks[i] = sinks[i];
		/* whether a query will be blocked is not known before its answer */
		t->sinks[i].wants_unanswered &= sinks[i].scope == TAP_ALL;
		t->wants_unanswered |= t->sinks[i].wants_unanswered;
		if (sinks[i].scope > t->scope_max)
			t->scope_max = sinks[i].scope;
	}
	*ret = t;
	return OK;
}

void tap_free(struct tap *t)
{
	free(t);
}

void tap_set_policy(struct tap *t, const struct policy *policy)
{
	t->policy = policy;
}

void tap_verdict(struct tap *t, const struct verdict *verdict, uint64_t reference)
{
	t->has_verdict = true;
	t->verdict = *verdict;
	t->reference = verdict->action == VERDICT_BLOCK ? reference : 0;
}

/* The verdict on the name was told to the core when the query went on to the upstream, and is found again
 * here. A block can only be new with a policy that came meanwhile: this client got its answer. */
static void decide_again(struct tap *t, const struct tap_query *q, const struct facts *facts)
{
	struct verdict verdict;
	if (t->has_verdict || q->source != TAP_FROM_UPSTREAM || !facts->name)
		return;
	policy_decide(t->policy, facts, &verdict);
	if (verdict.action == VERDICT_OBSERVE)
		tap_verdict(t, &verdict, 0);
}

static struct view text(const struct tap *t, uint32_t offset)
{
	return view_text(policy_text(t->policy, offset));
}

static void add_verdict(const struct tap *t, struct tap_record *r)
{
	const struct policy *p = t->policy;
	const struct image_rule *rule = policy_rule(p, t->verdict.rule);
	const struct image_identifier *identifier = policy_identifier(p, t->verdict.identifier);
	r->action = t->verdict.action;
	r->reason = t->verdict.reason;
	r->reference = t->reference;
	if (rule) {
		r->parts[TAP_ORDER] = text(t, policy_order(p, rule->order)->id);
		r->parts[TAP_PRODUCT] = text(t, policy_product(p, rule->product)->id);
		r->obligation = policy_obligation(p, rule->obligation)->number;
	}
	if (identifier) {
		r->parts[TAP_IDENTIFIER] = text(t, identifier->id);
		r->parts[TAP_VALUE] = text(t, identifier->value);
		r->is_by_address = identifier_kinds[identifier->kind].group == GROUP_ADDRESS;
	}
}

static bool is_wanted(const struct tap_sink *sink, const struct tap_record *r)
{
	if (r->parts[TAP_ANSWER].size == 0)
		return sink->wants_unanswered;
	switch (sink->scope) {
	case TAP_BLOCKED: return r->action == VERDICT_BLOCK;
	case TAP_OBSERVED: return r->action != VERDICT_ALLOW;
	case TAP_ALL: break;
	}
	return true;
}

static void put(struct tap *t, const struct tap_sink *sink, const struct tap_record *r)
{
	if (!tap_queue_put(sink->queue, r))
		dns_count(t->stats, sink->dropped);
}

static void hand_over(struct tap *t, const struct tap_record *r)
{
	for (size_t i = 0; i < t->sink_count; i++) {
		if (is_wanted(&t->sinks[i], r))
			put(t, &t->sinks[i], r);
	}
}

/* False for what no sink would take, which is most where only blocks are told. */
static bool may_be_wanted(const struct tap *t, const struct tap_query *q)
{
	if (q->answer.size == 0)
		return t->wants_unanswered;
	return t->has_verdict || t->scope_max == TAP_ALL ||
	       (t->scope_max == TAP_OBSERVED && q->source == TAP_FROM_UPSTREAM);
}

static void tell(struct tap *t, const struct tap_query *q)
{
	bool has_name = q->query->question.size > 0;
	int64_t now_us = clock_now_us(), took_us = clock_monotonic_us() - q->asked_us;
	struct facts facts = {.at_us = now_us,
	                      .place = policy_place_of(t->policy, q->client),
	                      .client = *q->client,
	                      .name = has_name ? &q->query->name : NULL};
	struct tap_record r = {.asked_at_us = now_us - took_us,
	                       .took_us = q->answer.size ? took_us : 0,
	                       .client = *q->client,
	                       .type = q->query->type,
	                       .transport = q->transport,
	                       .source = q->source,
	                       .is_served = facts.place != NONE};
	const struct image_place *place = policy_place(t->policy, facts.place);
	decide_again(t, q, &facts);
	if (t->has_verdict)
		add_verdict(t, &r);
	if (place)
		r.parts[TAP_UNIT] = text(t, policy_unit(t->policy, place->unit)->id);
	if (has_name)
		r.parts[TAP_NAME] = dname_view(&q->query->name);
	/* what went on to the upstream was told already as it went */
	if (q->source != TAP_FROM_UPSTREAM)
		r.parts[TAP_QUERY] = q->query->packet;
	r.parts[TAP_ANSWER] = q->answer;
	hand_over(t, &r);
}

void tap_tell(struct tap *t, const struct tap_query *q)
{
	if (may_be_wanted(t, q))
		tell(t, q);
	t->has_verdict = false;
}

void tap_tell_forwarded(struct tap *t, const struct tap_forwarded *f)
{
	for (size_t i = 0; i < t->sink_count; i++) {
		if (!t->sinks[i].wants_forwarded)
			continue;
		int64_t took_us = clock_monotonic_us() - f->asked_us;
		struct tap_record r = {.asked_at_us = clock_now_us() - took_us,
		                       .took_us = f->answer.size ? took_us : 0,
		                       .transport = f->over,
		                       .source = TAP_FROM_UPSTREAM,
		                       .server = *f->server};
		r.parts[TAP_QUERY] = f->query;
		r.parts[TAP_ANSWER] = f->answer;
		put(t, &t->sinks[i], &r);
	}
}
