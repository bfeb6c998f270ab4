#include <stdlib.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "daemon/dns_ask.h"
#include "gate/dns/exchange.h"
#include "gate/dns/trace.h"
#include "gate/dns/zones.h"
#include "policy/explanation_json.h"
#include "policy/vocabulary.h"
#include "wire/dns_build.h"
#include "wire/dns_json.h"

/* One question on its way through the gate. */
struct asking {
	struct probe probe; /* first: a probe is the whole */
	uint8_t packet[512];
	struct dns_query query;
	struct dns_client client;
	unsigned holder, holders; /* a worker that keeps the answer, and how many do */
	bool resolves;
	struct job_worker *worker;
	bool is_asked, is_answered, is_known;
	int64_t asked_us, took_us; /* steady */
	struct dns_trace trace;
	const struct zones *zones;
	uint8_t room[DNS_MESSAGE_SIZE_MAX];
};

/* As a client of today asks: recursion wanted, EDNS. */
static void write_query(const struct control_request *r, struct asking *a)
{
	static const struct dns_opt opt = {.udp_size = 1232};
	struct writer w = writer_open(a->packet, sizeof(a->packet));
	write_u16(&w, 0);
	write_u16(&w, DNS_FLAG_RD);
	write_u16(&w, 1);
	write_u32(&w, 0);
	write_u16(&w, 1);
	write_view(&w, dname_view(&r->name));
	write_u16(&w, control_has(r, CONTROL_TYPE) ? r->type : DNS_TYPE_A);
	write_u16(&w, DNS_CLASS_IN);
	dns_opt_write(&w, &opt, 0);
	(void)dns_query_parse(view_of(a->packet, writer_size(&w)), &a->query);
}

static void on_answered(struct probe *probe, const struct known *known,
                        const struct dns_redirect *redirect)
{
	void *at = probe;
	struct asking *a = at;
	struct dns_moment now = dns_moment_now();
	a->is_answered = true;
	a->is_known = known && !known->is_failure;
	a->took_us = now.steady_us - a->asked_us;
	if (known)
		dns_core_trace_known(a->worker->core, known, redirect, &a->query, &a->client, &now,
		                     a->room, sizeof(a->room), &a->trace);
	a->worker->go_on(a->worker);
}

/* What is refused or blocked by its name is never asked for, but the alias of a block is. */
static bool is_worth_asking(const struct asking *a)
{
	return a->resolves &&
	       (a->trace.size == DNS_CORE_ASK || a->trace.cache != DNS_TRACE_UNASKED);
}

/* Which worker a client meets is the kernel's choice: shown is one that has the answer. */
static enum job_state find(struct job_worker *worker, void *context)
{
	struct asking *a = context;
	struct dns_moment now = dns_moment_now();
	a->zones = exchange_zones(worker->exchange);
	dns_core_trace(worker->core, &a->query, &a->client, &now, a->room, sizeof(a->room),
	               &a->trace);
	if (a->trace.cache > DNS_TRACE_MISS) {
		a->holder = worker->index;
		a->holders++;
	}
	return JOB_DONE;
}

static enum job_state step(struct job_worker *worker, void *context)
{
	struct asking *a = context;
	if (a->is_asked)
		return a->is_answered ? JOB_DONE : JOB_WAITS;
	struct dns_moment now = dns_moment_now();
	dns_core_trace(worker->core, &a->query, &a->client, &now, a->room, sizeof(a->room),
	               &a->trace);
	if (!is_worth_asking(a))
		return JOB_DONE;
	struct origin origin = {.probe = &a->probe, .client = a->client.address};
	a->worker = worker;
	a->is_asked = true;
	a->asked_us = now.steady_us;
	if (exchange_ask(worker->exchange, &a->query, &origin, &now, a->room, sizeof(a->room)) > 0)
		a->is_answered = true; /* too many questions are under way */
	return a->is_answered ? JOB_DONE : JOB_WAITS;
}

static void write_client(const struct dns_ask *ask, const struct asking *a, struct json_writer *j)
{
	char text[ADDRESS_TEXT_SIZE];
	const struct image_place *place = policy_place(ask->policy, a->trace.place);
	json_object_begin(j, "client");
	json_text(j, "address", address_print(&a->client.address, text));
	json_text(j, "transport", dns_transports[a->client.transport].name);
	json_bool(j, "served", place != NULL);
	if (place) {
		const struct image_unit *unit = policy_unit(ask->policy, place->unit);
		json_text(j, "network", policy_text(ask->policy, place->prefix));
		json_text(j, "class", network_class_names[place->network_class]);
		json_text(j, "unit", unit ? policy_text(ask->policy, unit->id) : NULL);
	}
	json_object_end(j);
	json_object_begin(j, "limit");
	json_bool(j, "applies", !place && dns_transports[a->client.transport].has_limit);
	json_int(j, "answers_left", a->trace.limit_left);
	json_object_end(j);
}

static void write_found(const struct dns_ask *ask, const struct inspected *found,
                        struct json_writer *j)
{
	char text[DNAME_TEXT_SIZE];
	const struct verdict *v = &found->worst;
	const struct image_identifier *i = policy_identifier(ask->policy, v->identifier);
	const struct image_rule *rule = policy_rule(ask->policy, v->rule);
	json_object_begin(j, "inspection");
	json_text(j, "verdict", verdict_action_names[v->action]);
	json_text(j, "reason", reason_name(v->reason));
	json_text(j, "leads_to", found->name.size ? dname_print(&found->name, text) : NULL);
	json_text(j, "identifier", i ? policy_text(ask->policy, i->id) : NULL);
	json_text(j, "order",
	          rule ? policy_text(ask->policy, policy_order(ask->policy, rule->order)->id)
	               : NULL);
	json_object_end(j);
}

static void write_cache(const struct dns_ask *ask, const struct asking *a, struct json_writer *j)
{
	json_object_begin(j, "cache");
	json_text(j, "state", dns_trace_cache_names[a->trace.cache]);
	if (a->trace.cache > DNS_TRACE_MISS) {
		json_int(j, "age", a->trace.kept.age_s);
		json_int(j, "ttl_left", a->trace.kept.left_s);
	}
	json_int(j, "kept_by", a->holders);
	json_int(j, "workers", ask->workers);
	json_object_end(j);
}

/* The servers of a group, in the order of the settings. */
static void write_servers(const struct zones *z, unsigned group, struct json_writer *j)
{
	size_t count;
	const struct upstream *servers = zones_servers(z, &count);
	const struct forward_group *g = &zones_groups(z)[group];
	for (size_t i = 0; i < g->count; i++) {
		char text[UPSTREAM_TEXT_SIZE];
		json_text(j, NULL, upstream_print(&servers[g->members[i]], text));
	}
}

static void write_route(const struct asking *a, struct json_writer *j)
{
	static const char *const ways[] = {[ZONE_RESOLVER] = "resolver",
	                                   [ZONE_FORWARDER] = "forward",
	                                   [ZONE_HERE] = "records of our own"};
	unsigned group = 0;
	enum zone_way way = zones_way(a->zones, &a->query.name, &group);
	json_object_begin(j, "route");
	json_text(j, "way", ways[way]);
	json_array_begin(j, "to");
	if (zones_forwarded(a->zones, &a->query.name, &group))
		write_servers(a->zones, group, j);
	json_array_end(j);
	json_bool(j, "asked", a->is_asked);
	if (a->is_asked) {
		json_bool(j, "answered", a->is_known);
		json_int(j, "took_us", a->took_us);
		json_int(j, "keeps", a->trace.keeps_s);
	}
	json_object_end(j);
}

static void write_asking(const struct dns_ask *ask, const struct asking *a, struct json_writer *j)
{
	char text[DNAME_TEXT_SIZE];
	json_text(j, "name", dname_print(&a->query.name, text));
	json_text(j, "type", dns_type_text(a->query.type, text));
	write_client(ask, a, j);
	if (a->trace.place != NONE) {
		json_object_begin(j, "policy");
		explanation_json(ask->policy, &a->trace.policy, a->trace.place, j);
		json_object_end(j);
		write_cache(ask, a, j);
		if (a->trace.is_listed)
			write_found(ask, &a->trace.found, j);
		if (a->is_asked || a->trace.size == DNS_CORE_ASK ||
		    a->trace.cache != DNS_TRACE_UNASKED)
			write_route(a, j);
	}
	if (a->trace.size > 0) {
		json_object_begin(j, "answer");
		dns_message_json(view_of(a->room, (size_t)a->trace.size), j);
		json_object_end(j);
	}
}

void dns_ask_query(const struct dns_ask *ask, struct json_writer *j)
{
	const struct control_request *r = ask->request;
	static const uint8_t loopback[] = {127, 0, 0, 1};
	struct asking *a = calloc(1, sizeof(*a));
	if (!a) {
		j->out->failed = true;
		return;
	}
	a->probe.answered = on_answered;
	a->resolves = r->resolve;
	a->client = (struct dns_client){
		.address = control_has(r, CONTROL_FROM) ? r->from : address_from_bytes(loopback, 4),
		.transport = (enum dns_transport)r->transport};
	write_query(r, a);
	dns_gate_run(ask->gate, &(struct job){find, a});
	dns_gate_run_in(ask->gate, a->holder, &(struct job){step, a});
	write_asking(ask, a, j);
	free(a);
}
