/* What each upstream server was asked and said, while somebody looked on. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "daemon/dns_ask.h"
#include "gate/dns/exchange.h"
#include "gate/dns/forwarder.h"
#include "gate/dns/top.h"
#include "gate/dns/zones.h"

struct row {
	char name[UPSTREAM_TEXT_SIZE];
	struct forward_counts counts;
};

struct collection {
	int64_t now_us, begun_us, until_us;
	size_t count; /* servers: the same in every worker */
	struct row rows[FORWARD_SERVERS_MAX];
};

static void add(struct forward_counts *sum, const struct forward_counts *more)
{
	sum->queries += more->queries;
	sum->answers += more->answers;
	sum->failures += more->failures;
	sum->late += more->late;
	sum->took_us += more->took_us;
}

static enum job_state collect(struct job_worker *worker, void *context)
{
	struct collection *c = context;
	const struct dns_watch *watch = dns_core_watched(worker->core, c->now_us);
	const struct forwarder *forwarder = exchange_forwarder(worker->exchange);
	if (!watch)
		return JOB_DONE;
	c->begun_us = watch->begun_us;
	c->until_us = watch->until_us;
	if (!forwarder)
		return JOB_DONE;
	const struct upstream *servers = zones_servers(exchange_zones(worker->exchange), &c->count);
	const struct forward_counts *counts = forwarder_counts(forwarder);
	for (size_t i = 0; i < c->count; i++) {
		upstream_print(&servers[i], c->rows[i].name);
		add(&c->rows[i].counts, &counts[i]);
	}
	return JOB_DONE;
}

static int by_queries(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->counts.queries != y->counts.queries)
		return x->counts.queries > y->counts.queries ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void write_row(const struct row *row, struct json_writer *j)
{
	const struct forward_counts *c = &row->counts;
	json_object_begin(j, NULL);
	json_text(j, "key", row->name);
	json_int(j, "count", (int64_t)c->queries);
	json_int(j, "answers", (int64_t)c->answers);
	json_int(j, "failures", (int64_t)c->failures);
	json_int(j, "late", (int64_t)c->late);
	if (c->answers)
		json_int(j, "mean_us", c->took_us / (int64_t)c->answers);
	json_object_end(j);
}

void dns_ask_upstreams(const struct dns_ask *ask, struct json_writer *j)
{
	struct collection *c = calloc(1, sizeof(*c));
	json_text(j, "what", top_kind_names[TOP_UPSTREAMS]);
	if (!c)
		return;
	c->now_us = clock_monotonic_us();
	dns_gate_run(ask->gate, &(struct job){collect, c});
	qsort(c->rows, c->count, sizeof(c->rows[0]), by_queries);
	int64_t end_us = c->now_us < c->until_us ? c->now_us : c->until_us;
	json_bool(j, "counting", c->until_us > c->now_us);
	json_decimal(j, "seconds", (double)(end_us - c->begun_us) / SECOND_US);
	json_array_begin(j, "top");
	for (size_t i = 0; i < c->count; i++)
		write_row(&c->rows[i], j);
	json_array_end(j);
	free(c);
}
