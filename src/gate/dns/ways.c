#include "gate/dns/ways.h"

#include <errno.h>

#include "gate/dns/forwarder.h"
#include "gate/dns/zones.h"

/* A question outlives those who asked first, who are told by who keeps them: its answer is still worth keeping. */
enum { LINGER_US = 200000 };

struct ways {
	struct ways_setup setup;
	struct zones *zones;
	struct resolver *resolver;   /* NULL when no name goes there */
	struct forwarder *forwarder; /* likewise */
	struct dns_question
		*aliased; /* by token: answered with an alias whose own answer is waited for */
	uint8_t local[DNS_MESSAGE_SIZE_MAX], joined[DNS_MESSAGE_SIZE_MAX];
};

static bool is_aliased(const struct ways *w, uint32_t token)
{
	return w->aliased[token].name.size;
}

/* Puts the answer to the alias's target behind the alias. */
static void join(struct ways *w, const struct dns_question *question,
                 struct upstream_answer *answer)
{
	struct dname alias;
	if (answer->packet.size == 0)
		return;
	int head = zones_answer(w->zones, question, &alias, w->local, sizeof(w->local));
	int size = head < 0 ? head
	                    : zones_join(view_of(w->local, (size_t)head), answer->packet, w->joined,
	                                 sizeof(w->joined));
	answer->packet = view_of(w->joined, size > 0 ? (size_t)size : 0);
	answer->is_secure = false;
}

static void on_answer(void *context, uint32_t token, const struct upstream_answer *answer)
{
	struct ways *w = context;
	struct upstream_answer whole = *answer;
	if (is_aliased(w, token)) {
		join(w, &w->aliased[token], &whole);
		w->aliased[token].name.size = 0;
	}
	w->setup.answered(w->setup.context, token, &whole);
}

static int make(struct ways *w)
{
	const struct ways_setup *s = &w->setup;
	const struct dns_upstream_options *o = &s->options->upstream;
	w->aliased = calloc(s->tokens_max, sizeof(w->aliased[0]));
	int r = w->aliased ? zones_new(s->options, &w->zones) : -ENOMEM;
	if (r < 0)
		return r;
	struct resolver_setup resolver = {.loop = s->loop,
	                                  .options = s->options,
	                                  .tokens_max = s->tokens_max,
	                                  .answered = on_answer,
	                                  .context = w};
	struct forwarder_setup forwarder = {
		.loop = s->loop,
		.groups = zones_groups(w->zones),
		.tokens_max = s->tokens_max,
		.timeout_us = o->timeout_us + LINGER_US,
		.ttl_max_s = (uint32_t)(s->options->cache.ttl_max_us / SECOND_US),
		.random_case = o->random_case,
		.ca_file = o->ca_file,
		.stats = s->stats,
		.answered = on_answer,
		.context = w};
	forwarder.servers = zones_servers(w->zones, &forwarder.server_count);
	if (forwarder.server_count)
		r = forwarder_new(&forwarder, &w->forwarder);
	if (r >= 0 && zones_need_resolver(w->zones))
		r = resolver_new(&resolver, &w->resolver);
	return r;
}

int ways_new(const struct ways_setup *setup, struct ways **ret)
{
	cleanup(ways) struct ways *w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->setup = *setup;
	int r = make(w);
	if (r < 0)
		return r;
	*ret = take_ptr(w);
	return OK;
}

void ways_free(struct ways *w)
{
	if (!w)
		return;
	resolver_free(w->resolver);
	forwarder_free(w->forwarder);
	zones_free(w->zones);
	free(w->aliased);
	free(w);
}

static void ask_others(struct ways *w, const struct dname *name, uint16_t type, uint32_t token)
{
	static const struct upstream_answer refused = {.rcode = DNS_RCODE_SERVFAIL};
	unsigned group;
	enum zone_way way = zones_way(w->zones, name, &group);
	dns_count(w->setup.stats, DNS_UPSTREAM_QUERIES);
	if (way == ZONE_FORWARDER)
		forwarder_ask(w->forwarder, group, name, type, token);
	else if (way == ZONE_HERE || resolver_ask(w->resolver, name, type, token) < 0)
		on_answer(w, token, &refused);
}

void ways_ask(struct ways *w, const struct dns_question *question, uint32_t token)
{
	struct upstream_answer here = {.is_local = true};
	struct dname alias;
	int size = zones_answer(w->zones, question, &alias, w->local, sizeof(w->local));
	if (size <= 0) {
		ask_others(w, &question->name, question->type, token);
	} else if (alias.size) {
		w->aliased[token] = *question;
		ask_others(w, &alias, question->type, token);
	} else {
		here.packet = view_of(w->local, (size_t)size);
		on_answer(w, token, &here);
	}
}
