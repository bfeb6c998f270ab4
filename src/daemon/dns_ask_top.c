#include <stdlib.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "daemon/dns_ask.h"
#include "gate/dns/exchange.h"
#include "gate/dns/forwarder.h"
#include "gate/dns/top.h"
#include "wire/dns.h"

enum { LIMIT_DEFAULT = 20 };

struct begin {
	int64_t now_us, until_us;
	unsigned begun;
};

static enum job_state begin(struct job_worker *worker, void *context)
{
	struct begin *b = context;
	/* who looks on already goes on with what was counted */
	const struct dns_watch *watch = dns_core_watched(worker->core, b->now_us);
	if (watch && watch->until_us >= b->until_us) {
		b->begun++;
		return JOB_DONE;
	}
	struct top *top = top_new((uint64_t)b->now_us);
	if (!top)
		return JOB_DONE;
	dns_core_watch(worker->core, top, b->now_us, b->until_us);
	struct forwarder *forwarder = exchange_forwarder(worker->exchange);
	if (forwarder)
		forwarder_watch(forwarder, b->until_us);
	b->begun++;
	return JOB_DONE;
}

void dns_ask_top_begin(const struct dns_ask *ask, struct json_writer *j)
{
	struct begin b = {.now_us = clock_monotonic_us()};
	b.until_us = b.now_us + ask->request->seconds * SECOND_US;
	dns_gate_run(ask->gate, &(struct job){begin, &b});
	json_int(j, "seconds", ask->request->seconds);
	json_int(j, "workers", b.begun);
}

struct collection {
	enum top_kind kind;
	int64_t now_us, begun_us, until_us;
	struct top_row *rows;
	size_t count;
};

static enum job_state collect(struct job_worker *worker, void *context)
{
	struct collection *c = context;
	const struct dns_watch *watch = dns_core_watched(worker->core, c->now_us);
	if (!watch)
		return JOB_DONE;
	c->begun_us = watch->begun_us;
	c->until_us = watch->until_us;
	c->count += top_copy(watch->top, c->kind, c->rows + c->count);
	return JOB_DONE;
}

static const char *key_text(enum top_kind kind, const struct top_row *row,
                            char text[static DNAME_TEXT_SIZE])
{
	struct dname name;
	struct address client = address_from_bytes(row->key, row->size);
	switch (kind) {
	case TOP_CLIENTS: return address_print(&client, text);
	case TOP_TYPES: return dns_type_text((uint16_t)(row->key[0] << 8 | row->key[1]), text);
	case TOP_NAMES:
	case TOP_BLOCKED:
	case TOP_MISSES:
	case TOP_UPSTREAMS:
	case TOP_WHATS: break;
	}
	return dname_parse_wire(view_of(row->key, row->size), &name) == OK
	               ? dname_print(&name, text)
	               : "?";
}

static void write_rows(enum top_kind kind, const struct top_row *rows, size_t count,
                       struct json_writer *j)
{
	char text[DNAME_TEXT_SIZE];
	json_array_begin(j, "top");
	for (size_t i = 0; i < count; i++) {
		json_object_begin(j, NULL);
		json_text(j, "key", key_text(kind, &rows[i], text));
		json_int(j, "count", (int64_t)rows[i].count);
		json_int(j, "error", (int64_t)rows[i].error);
		json_object_end(j);
	}
	json_array_end(j);
}

void dns_ask_top(const struct dns_ask *ask, struct json_writer *j)
{
	const struct control_request *r = ask->request;
	struct collection c = {.kind = (enum top_kind)r->what, .now_us = clock_monotonic_us()};
	size_t limit = (size_t)(control_has(r, CONTROL_LIMIT) ? r->limit : LIMIT_DEFAULT);
	if (r->what == TOP_UPSTREAMS) {
		dns_ask_upstreams(ask, j);
		return;
	}
	c.rows = calloc((size_t)ask->workers * TOP_ROWS, sizeof(*c.rows));
	if (c.rows)
		dns_gate_run(ask->gate, &(struct job){collect, &c});
	size_t count = c.count ? top_merge(c.rows, c.count) : 0;
	int64_t end_us = c.now_us < c.until_us ? c.now_us : c.until_us;
	json_text(j, "what", top_kind_names[c.kind]);
	json_bool(j, "counting", c.until_us > c.now_us);
	json_decimal(j, "seconds", (double)(end_us - c.begun_us) / SECOND_US);
	write_rows(c.kind, c.rows, count < limit ? count : limit, j);
	free(c.rows);
}
