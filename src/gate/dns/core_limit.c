#include "gate/dns/core_internal.h"

int core_limits_open(struct dns_core *core)
{
	const struct dns_rate_options *o = &core->options->rate;
	struct limit_rule strangers = {(uint32_t)o->responses_per_second, (uint32_t)o->slip};
	struct limit_rule clients = {.per_second = (uint32_t)o->client_queries_per_second};
	uint32_t rows = (uint32_t)o->networks;
	int r = limit_new(&strangers, rows, core->seed, &core->limits.strangers);
	if (r >= 0 && clients.per_second)
		r = limit_new(&clients, rows, core->seed, &core->limits.clients);
	if (r >= 0 && o->misses_per_second)
		r = miss_limit_new((uint32_t)o->misses_per_second, rows, core->seed,
		                   &core->limits.misses);
	return r;
}

void core_limits_close(struct dns_core *core)
{
	limit_free(core->limits.strangers);
	limit_free(core->limits.clients);
	miss_limit_free(core->limits.misses);
}

static bool has_cookie_of_ours(struct dns_core *core, const struct turn *t)
{
	return core->options->cookies && cookie_is_ours(&core->cookies, t->query->edns.cookie,
	                                                &t->client->address, turn_wall_s(t));
}

/* Over the rate a client that knows cookies is asked for ours, any other to come by TCP. */
static int turn_away(struct dns_core *core, const struct turn *t, enum limit_verdict verdict)
{
	if (verdict == LIMIT_DROP) {
		dns_count(core->stats, DNS_LIMIT_DROPPED);
		return DNS_CORE_SILENT;
	}
	if (t->reply.opt && t->reply.opt->cookie.size) {
		dns_count(core->stats, DNS_COOKIES_DEMANDED);
		return core_error(core, t, DNS_RCODE_BADCOOKIE, DNS_REPLY_NO_EDE, NULL);
	}
	dns_count(core->stats, DNS_LIMIT_TRUNCATED);
	return (int)dns_reply_truncated(&t->reply, t->room, t->size_max);
}

bool core_limit_stranger(struct dns_core *core, const struct turn *t, int *ret_size)
{
	if (!dns_transports[t->client->transport].has_limit || !core->limits.strangers)
		return false; /* the address is proven, or nothing is sent */
	if (has_cookie_of_ours(core, t)) {
		dns_count(core->stats, DNS_COOKIES_BELIEVED);
		return false;
	}
	struct limit *l = core->limits.strangers;
	enum limit_verdict verdict =
		limit_ask(l, limit_key_of_network(l, &t->client->address), t->now->steady_us);
	if (verdict == LIMIT_ANSWER)
		return false;
	*ret_size = turn_away(core, t, verdict);
	return true;
}

bool core_limit_client(struct dns_core *core, const struct turn *t, int *ret_size)
{
	struct limit *l = core->limits.clients;
	if (limit_ask(l, limit_key_of_client(l, &t->client->address), t->now->steady_us) ==
	    LIMIT_ANSWER)
		return false;
	dns_count(core->stats, DNS_LIMIT_CLIENT);
	*ret_size = core_error(core, t, DNS_RCODE_REFUSED, DNS_EDE_OTHER,
	                       "Too many queries from this address; ask again in a second.");
	return true;
}

int core_ask(struct dns_core *core, const struct turn *t)
{
	struct miss_limit *l = core->limits.misses;
	if (!l || miss_limit_allows(l, &t->query->name, t->now->steady_us)) {
		core->asked.question = (struct dns_question){
			.name = t->query->name, .type = t->query->type, .class = t->query->class};
		core->asked.redirect.is_set = false;
		return DNS_CORE_ASK;
	}
	dns_count(core->stats, DNS_LIMIT_MISSES);
	return core_error(core, t, DNS_RCODE_SERVFAIL, DNS_EDE_OTHER,
	                  "Too many names beside this one were not found; ask again in a second.");
}

void dns_core_sent(struct dns_core *core, const struct dname *name, const struct dns_moment *now)
{
	if (core->limits.misses)
		miss_limit_asked(core->limits.misses, name, now->steady_us);
}

const struct dns_asked *dns_core_asked(const struct dns_core *core)
{
	return &core->asked;
}
