#include "gate/dns/ways.h"

#include <errno.h>
#include <sys/random.h>

#include "gate/dns/forwarder.h"
#include "gate/dns/relay.h"
#include "gate/dns/zones.h"
#include "wire/dns_scrub.h"

/* A question outlives those who asked first, who are told by who keeps them: its answer is still worth keeping. */
enum { LINGER_US = 200000, ALIASES_MAX = 8 };

/* An answer that ends in an alias, while what that leads to is asked for. */
struct head {
	uint8_t *bytes; /* NULL: none */
	size_t size;
	unsigned aliases; /* followed so far */
};

struct ways {
	struct ways_setup setup;
	struct zones *zones;
	struct resolver *resolver;   /* NULL when no name goes there */
	struct forwarder *forwarder; /* likewise; its tokens from tokens_max on are the relay's */
	struct relay *relay;         /* likewise */
	struct head *heads;          /* by token */
	uint8_t local[DNS_MESSAGE_SIZE_MAX], joined[DNS_MESSAGE_SIZE_MAX];
};

static void head_drop(struct head *h)
{
	free(h->bytes);
	*h = (struct head){0};
}

static void ask(struct ways *w, const struct dname *name, uint16_t type, uint32_t token);

/* Keeps what is known so far and asks on; false when it is to be left at that. */
static bool chase(struct ways *w, uint32_t token, struct view head)
{
	struct head *h = &w->heads[token];
	struct dns_question question;
	struct dname target;
	if (h->aliases == ALIASES_MAX || !dns_ends_in_alias(head, &target) ||
	    dns_question_parse(head, &question) < 0)
		return false;
	uint8_t *bytes = malloc(head.size);
	if (!bytes)
		return false;
	memcpy(bytes, head.bytes, head.size);
	free(h->bytes);
	*h = (struct head){bytes, head.size, h->aliases + 1};
	ask(w, &target, question.type, token);
	return true;
}

/* Puts the answer to the alias's target behind the alias. */
static void join(struct ways *w, const struct head *h, struct upstream_answer *answer)
{
	int size = zones_join(view_of(h->bytes, h->size), answer->packet, w->joined,
	                      sizeof(w->joined));
	answer->packet = view_of(w->joined, size > 0 ? (size_t)size : 0);
	answer->is_secure = answer->is_local = false;
}

static void on_answer(void *context, uint32_t token, const struct upstream_answer *answer)
{
	struct ways *w = context;
	struct upstream_answer whole = *answer;
	struct head *h = &w->heads[token];
	if (h->bytes && whole.packet.size)
		join(w, h, &whole);
	if (whole.packet.size && !whole.is_bogus && chase(w, token, whole.packet))
		return;
	head_drop(h);
	w->setup.answered(w->setup.context, token, &whole);
}

static void on_forwarded(void *context, uint32_t token, const struct upstream_answer *answer)
{
	struct ways *w = context;
	if (token < w->setup.tokens_max)
		on_answer(w, token, answer);
	else
		relay_answered(w->relay, token, answer);
}

static bool on_connection(void *context, const struct endpoint *from, const struct endpoint *to)
{
	const struct ways *w = context;
	return resolver_has_connection(w->resolver, from, to);
}

static int make_relay(struct ways *w)
{
	const struct ways_setup *s = &w->setup;
	struct relay_setup relay = {.loop = s->loop,
	                            .zones = w->zones,
	                            .forwarder = w->forwarder,
	                            .first_token = s->tokens_max,
	                            .questions_max = s->tokens_max,
	                            .stats = s->stats,
	                            .knows = on_connection,
	                            .context = w};
	if (getrandom(&relay.seed, sizeof(relay.seed), 0) != sizeof(relay.seed))
		return -EIO;
	return relay_new(&relay, &w->relay);
}

static int make_resolver(struct ways *w)
{
	const struct ways_setup *s = &w->setup;
	struct resolver_setup resolver = {.loop = s->loop,
	                                  .options = s->options,
	                                  .tokens_max = s->tokens_max,
	                                  .answered = on_answer,
	                                  .context = w};
	struct endpoint relay;
	if (w->relay) {
		relay = relay_endpoint(w->relay);
		resolver.relay = &relay;
	}
	return resolver_new(&resolver, &w->resolver);
}

static int make(struct ways *w)
{
	const struct ways_setup *s = &w->setup;
	const struct dns_upstream_options *o = &s->options->upstream;
	w->heads = calloc(s->tokens_max, sizeof(w->heads[0]));
	int r = w->heads ? zones_new(s->options, &w->zones) : -ENOMEM;
	if (r < 0)
		return r;
	bool has_relay = zones_need_relay(w->zones);
	struct forwarder_setup forwarder = {
		.loop = s->loop,
		.groups = zones_groups(w->zones),
		.tokens_max = has_relay ? 2 * s->tokens_max : s->tokens_max,
		.timeout_us = o->timeout_us + LINGER_US,
		.ttl_max_s = (uint32_t)(s->options->cache.ttl_max_us / SECOND_US),
		.random_case = o->random_case,
		.ca_file = o->ca_file,
		.stats = s->stats,
		.tap = s->tap,
		.answered = on_forwarded,
		.context = w};
	forwarder.servers = zones_servers(w->zones, &forwarder.server_count);
	if (forwarder.server_count)
		r = forwarder_new(&forwarder, &w->forwarder);
	if (r >= 0 && has_relay)
		r = make_relay(w);
	if (r >= 0 && zones_need_resolver(w->zones))
		r = make_resolver(w);
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
	relay_free(w->relay);
	forwarder_free(w->forwarder);
	zones_free(w->zones);
	for (uint32_t i = 0; w->heads && i < w->setup.tokens_max; i++)
		free(w->heads[i].bytes);
	free(w->heads);
	free(w);
}

static void ask_others(struct ways *w, const struct dname *name, uint16_t type, uint32_t token)
{
	static const struct upstream_answer refused = {.rcode = DNS_RCODE_SERVFAIL};
	struct forward_ask forward = {.name = name, .type = type};
	enum zone_way way = zones_way(w->zones, name, &forward.group);
	dns_count(w->setup.stats, DNS_UPSTREAM_QUERIES);
	if (way == ZONE_FORWARDER)
		forwarder_ask(w->forwarder, &forward, token);
	else if (way == ZONE_HERE || resolver_ask(w->resolver, name, type, token) < 0)
		on_answer(w, token, &refused);
}

/* Here, if that is known here, else the others. */
static void ask(struct ways *w, const struct dname *name, uint16_t type, uint32_t token)
{
	struct dns_question question = {.name = *name, .type = type, .class = DNS_CLASS_IN};
	struct upstream_answer here = {.is_local = true};
	int size = zones_answer(w->zones, &question, w->local, sizeof(w->local));
	here.packet = view_of(w->local, size > 0 ? (size_t)size : 0);
	if (size <= 0)
		ask_others(w, name, type, token);
	else
		on_answer(w, token, &here);
}

void ways_ask(struct ways *w, const struct dns_question *question, uint32_t token)
{
	ask(w, &question->name, question->type, token);
}

const struct zones *ways_zones(const struct ways *w)
{
	return w->zones;
}

struct forwarder *ways_forwarder(const struct ways *w)
{
	return w->forwarder;
}

struct resolver *ways_resolver(const struct ways *w)
{
	return w->resolver;
}
