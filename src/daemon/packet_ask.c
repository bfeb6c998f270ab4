#include "daemon/packet_ask.h"

#include "base/clock.h"
#include "daemon/role_talk.h"

enum { LIMIT_DEFAULT = 100, SLOTS_A_STEP = 1024 };

/* One walk through the flows of all workers. */
struct walk {
	const struct control_request *request;
	struct json_writer *j;
	int64_t now_us, limit, shown, matches;
};

static int64_t age_ms(const struct walk *w, int64_t at_us)
{
	return w->now_us > at_us ? (w->now_us - at_us) / 1000 : 0;
}

/* In the worker's thread, while the main thread waits. */
static void on_flow(void *context, const struct flow_row *row)
{
	struct walk *w = context;
	char client[ADDRESS_TEXT_SIZE], server[ADDRESS_TEXT_SIZE];
	const struct control_request *r = w->request;
	if (control_has(r, CONTROL_FROM) && !address_equal(&r->from, &row->key.client))
		return;
	w->matches++;
	if (w->shown >= w->limit)
		return;
	w->shown++;
	json_object_begin(w->j, NULL);
	json_text(w->j, "transport", row->key.protocol == FLOW_TCP ? "tcp" : "udp");
	json_text(w->j, "client", address_print(&row->key.client, client));
	json_int(w->j, "client_port", row->key.client_port);
	json_text(w->j, "server", address_print(&row->key.server, server));
	json_int(w->j, "server_port", row->key.server_port);
	json_text(w->j, "protocol", flow_protocol_names[row->protocol]);
	json_text(w->j, "why", flow_why_rows[row->why].name);
	json_int(w->j, "age_ms", age_ms(w, row->since_us));
	json_int(w->j, "idle_ms", age_ms(w, row->last_us));
	json_int(w->j, "packets", row->packets);
	json_int(w->j, "held_bytes", row->held);
	json_object_end(w->j);
}

/* False when the worker did not come to it. */
static bool walk_worker(struct packet_gate *gate, unsigned worker, struct walk *w)
{
	uint32_t cursor = 0;
	bool has_more = true;
	while (has_more) {
		if (packet_gate_walk(gate, worker, &cursor, SLOTS_A_STEP, on_flow, w, &has_more) <
		    0)
			return false;
	}
	return true;
}

static void write_flows(const struct packet_ask *ask, const struct control_request *r,
                        struct json_writer *j)
{
	struct walk w = {.request = r,
	                 .j = j,
	                 .now_us = clock_monotonic_us(),
	                 .limit = control_has(r, CONTROL_LIMIT) ? r->limit : LIMIT_DEFAULT};
	int64_t silent = 0;
	if (w.limit > PACKET_ASK_FLOWS_MAX)
		w.limit = PACKET_ASK_FLOWS_MAX;
	json_array_begin(j, "flows");
	for (unsigned i = 0; i < ask->workers; i++)
		silent += !walk_worker(ask->gate, i, &w);
	json_array_end(j);
	json_int(j, "shown", w.shown);
	json_int(j, "matches", w.matches);
	json_int(j, "workers", ask->workers);
	json_int(j, "workers_silent", silent);
}

static bool answer(void *context, const struct control_request *request, struct json_writer *j)
{
	const struct packet_ask *ask = context;
	if (request->verb != CONTROL_PACKET_FLOWS)
		return false;
	write_flows(ask, request, j);
	return true;
}

int packet_ask_answer(int parent, struct packet_ask *ask, const struct message *m)
{
	return role_answer(parent, m, answer, ask);
}
