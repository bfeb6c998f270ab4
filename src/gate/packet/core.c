#include <errno.h>

#include "gate/packet/core_internal.h"

static struct flow_limits limits_of(const struct packet_options *o, unsigned cores)
{
	const struct packet_limit_options *l = &o->limits;
	enum flow_action action = o->failure == PACKET_FAIL_OPEN ? FLOW_RELEASE : FLOW_REFUSE;
	uint32_t flows = (uint32_t)(l->flows / cores);
	return (struct flow_limits){
		.flows = flows ? flows : 1,
		.held_bytes = (size_t)l->held_size / cores,
		.hello_size = (uint32_t)l->hello_size,
		.packets = (uint32_t)l->packets,
		.judge_us = l->judge_us,
		.idle_us = l->idle_us,
		.readings = (uint32_t)l->readings,
		.on_limit = action,
		.on_middle = action,
	};
}

int packet_core_new(const struct packet_core_setup *setup, struct packet_core **ret)
{
	cleanup(packet_core) struct packet_core *core = calloc(1, sizeof(*core));
	if (!core)
		return -ENOMEM;
	core->setup = *setup;
	struct flow_limits limits = limits_of(setup->options, setup->cores);
	struct flow_judge judge = {.judge = core_judge, .context = core};
	int r = flow_table_new(&limits, setup->seed, &judge, &core->flows);
	if (r < 0)
		return r;
	packet_core_set_policy(core, setup->policy);
	*ret = take_ptr(core);
	return OK;
}

void packet_core_free(struct packet_core *core)
{
	if (!core)
		return;
	flow_table_free(core->flows);
	free(core);
}

void packet_core_set_policy(struct packet_core *core, const struct policy *policy)
{
	core->setup.policy = policy;
	core->policy_version = policy_version(policy);
	tally_begin(&core->setup.stats->tally, core->policy_version);
	block_texts_clear(&core->texts);
	place_memory_clear(&core->places);
}

/* Where an event was written of the flow, the kernel tells when it has ended, and how much it carried. */
static unsigned mark_of(const struct packet_core *core, const struct flow_outcome *o,
                        enum packet_mark mark)
{
	bool is_counted = core->setup.options->accounting && o->has_key &&
	                  watched_has(core->setup.watched, &o->key);
	return is_counted ? (unsigned)mark | PACKET_MARK_COUNTED : (unsigned)mark;
}

static void refuse(struct packet_core *core, const struct flow_outcome *o,
                   struct packet_decision *ret)
{
	bool is_later = o->why == FLOW_WHY_RULED && !core->turn.is_refused;
	ret->is_dropped = true;
	if (is_later) {
		core_reply_end(core, o, ret);
		return;
	}
	/* who is told something must hear it, and neither the reset of our rules nor the server's, for acknowledging
	 * what that did not say */
	if (core->turn.answer_size) {
		ret->mark = PACKET_MARK_OPEN;
		core_reply_answer(core, o, ret);
		return;
	}
	ret->mark = mark_of(core, o, PACKET_MARK_REFUSED);
	core_reply_reset(core, o, ret);
}

/* A datagram may be refused by itself: a query, beside which others come from the same port. */
static void drop(struct packet_core *core, const struct flow_outcome *o,
                 struct packet_decision *ret)
{
	ret->is_dropped = true;
	if (core->turn.answer_size && o->has_key)
		core_reply_answer(core, o, ret);
}

static void act(struct packet_core *core, const struct flow_outcome *o, struct packet_decision *ret)
{
	switch (o->action) {
	case FLOW_PASS: ret->mark = o->recalls ? PACKET_MARK_OPEN : PACKET_MARK_NONE; return;
	case FLOW_RELEASE: ret->mark = mark_of(core, o, PACKET_MARK_RELEASED); return;
	case FLOW_WATCH: ret->mark = mark_of(core, o, PACKET_MARK_WATCHED); return;
	case FLOW_AWAIT: ret->mark = mark_of(core, o, PACKET_MARK_AWAITED); return;
	case FLOW_DROP: drop(core, o, ret); return;
	case FLOW_REFUSE: refuse(core, o, ret); return;
	}
}

void packet_core_take(struct packet_core *core, const struct flow_packet *p,
                      const struct packet_now *now, struct packet_decision *ret)
{
	struct packet_stats *stats = core->setup.stats;
	core->turn = (struct turn){.packet = p, .now = now};
	struct flow_outcome o = flow_take(core->flows, p);
	packet_count(stats, PACKET_PACKETS);
	packet_count_why(stats, o.why);
	if (core->turn.is_judged)
		packet_count(stats, PACKET_JUDGED);
	ret->is_from_client = o.is_from_client;
	ret->is_dropped = false;
	ret->mark = PACKET_MARK_NONE;
	ret->reply_count = 0;
	if (!core_is_passive(core))
		act(core, &o, ret);
}

void packet_core_tick(struct packet_core *core, const struct packet_now *now)
{
	flow_tick(core->flows, now->steady_us);
	struct flow_table_state state = flow_table_state(core->flows);
	packet_count_set(core->setup.stats, PACKET_FLOWS_OPEN, state.flows);
	packet_count_set(core->setup.stats, PACKET_BYTES_HELD, state.held);
}

const struct flow_table *packet_core_flows(const struct packet_core *core)
{
	return core->flows;
}
