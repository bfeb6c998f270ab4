#include "base/timestamp.h"
#include "gate/dns/core_internal.h"

/* A block as it is answered. */
struct blocking {
	struct dns_redirect what;
	struct stand_in stand_in;
	struct dname alias; /* set when the stand-in points here */
};

static int emit(struct dns_core *core, const struct turn *t, const struct blocking *b)
{
	const struct image_rule *rule = policy_rule(core->policy, b->what.verdict.rule);
	struct block block = {
		.zone_labels = b->what.zone_labels,
		.ede = rule && rule->ede ? rule->ede : DNS_EDE_BLOCKED,
		.text = block_texts_get(&core->texts, core->policy, b->what.verdict.rule),
		.reference = b->what.reference,
		.stand_in = &b->stand_in,
		.policy = core->policy};
	if (core->tap && b->what.is_set)
		tap_verdict(core->tap, &b->what.verdict, b->what.reference);
	return core_sized(
		core, t,
		block_answer(&core->options->block, &t->reply, &block, t->room, t->size_max));
}

static void find_answer(const struct dns_core *core, const struct turn *t, struct blocking *b)
{
	stand_in_find(core->policy, &core->options->block, b->what.verdict.rule, t->client->place,
	              &t->query->name, &b->alias, &b->stand_in);
}

/* Gives the block what is kept of its alias, if anything is. Says whether that may be asked for. */
static bool add_kept(struct dns_core *core, const struct turn *t, struct blocking *b)
{
	struct cache_key key = {&b->alias, t->query->type};
	struct cache_found found;
	const struct known *known = core_cached(core, &key, t->now, &found);
	if (!known)
		return true;
	if (!known->is_failure) {
		b->stand_in.target = known_message(known);
		b->stand_in.target_age_s = found.age_s;
	}
	return !found.left_s && core_may_renew(t->now, known);
}

/* Whether the alias's own answer is needed and has to be asked for first. */
static bool must_ask(struct dns_core *core, const struct turn *t, struct blocking *b)
{
	if (!b->stand_in.alias || !stand_in_follows(t->query->type) ||
	    !(t->query->flags & DNS_FLAG_RD))
		return false;
	return add_kept(core, t, b);
}

static void ask_for_alias(struct dns_core *core, const struct turn *t, const struct blocking *b)
{
	core->asked.question.name = b->alias;
	core->asked.question.type = t->query->type;
	core->asked.question.class = DNS_CLASS_IN;
	core->asked.redirect = b->what;
}

int core_block(struct dns_core *core, const struct turn *t, const struct verdict *verdict,
               unsigned zone_labels)
{
	struct blocking b;
	b.what = (struct dns_redirect){.is_set = true,
	                               .zone_labels = (uint8_t)zone_labels,
	                               .verdict = *verdict,
	                               .epoch = core->epoch};
	b.what.reference = core_record(core, t, verdict, &t->query->name);
	find_answer(core, t, &b);
	if (!must_ask(core, t, &b))
		return emit(core, t, &b);
	ask_for_alias(core, t, &b);
	return DNS_CORE_ASK;
}

int core_canary(struct dns_core *core, const struct turn *t, unsigned zone_labels)
{
	struct blocking b = {.what = {.zone_labels = (uint8_t)zone_labels, .verdict.rule = NONE},
	                     .stand_in = {.form = BLOCK_NXDOMAIN,
	                                  .options = &core->options->block,
	                                  .policy = core->policy}};
	dns_count(core->stats, DNS_CANARIES);
	return emit(core, t, &b);
}

static int emit_redirect(struct dns_core *core, const struct turn *t,
                         const struct dns_redirect *redirect, const struct known *known)
{
	struct blocking b = {.what = *redirect};
	find_answer(core, t, &b);
	if (known && !known->is_failure)
		b.stand_in.target = known_message(known);
	else if (b.stand_in.alias)
		(void)add_kept(core, t, &b);
	return emit(core, t, &b);
}

int dns_core_redirected(struct dns_core *core, const struct dns_redirect *redirect,
                        const struct known *known, const struct dns_query *query,
                        struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                        size_t room_size)
{
	struct turn t;
	core_turn(core, query, client, now, room, room_size, &t);
	if (redirect->epoch == core->epoch)
		return emit_redirect(core, &t, redirect, known);
	/* its rule is another by now, if there is one: this is a query under the new policy */
	int size = core_decide(core, &t);
	if (size != DNS_CORE_ASK || known || !core->asked.redirect.is_set)
		return size;
	const struct dns_redirect anew = core->asked.redirect;
	return emit_redirect(core, &t, &anew, NULL); /* it has waited long enough */
}
