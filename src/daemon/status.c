#include "base/clock.h"
#include "base/json_writer.h"
#include "daemon/packet_figures.h"
#include "daemon/parent.h"

struct writing {
	struct json_writer *json;
	const struct policy *policy;
};

static void write_order(void *context, const struct adopted_order *o)
{
	const struct writing *w = context;
	json_object_begin(w->json, NULL);
	json_text(w->json, "id", policy_text(w->policy, o->order->id));
	json_text(w->json, "title", policy_text(w->policy, o->order->title));
	json_text(w->json, "issuer", policy_text(w->policy, o->order->issuer));
	json_bool(w->json, "in_force", o->in_force);
	json_text(w->json, "action", verdict_action_names[o->action]);
	json_object_end(w->json);
}

static void write_policy(const struct parent *p, struct json_writer *j)
{
	char version[POLICY_VERSION_TEXT_SIZE];
	const struct policy *policy = &p->adopted.policy;
	struct writing w = {j, policy};
	json_object_begin(j, "policy");
	json_text(j, "version", policy_version_print(policy_version(policy), version));
	json_text(j, "organisation", policy_text(policy, policy_organisation(policy)->name));
	json_text(j, "image", p->options->policy.image);
	json_time(j, "adopted_at", p->adopted.at_us);
	json_object_end(j);
	json_array_begin(j, "orders");
	adopted_orders(&p->adopted, clock_now_us(), write_order, &w);
	json_array_end(j);
}

static void write_roles(const struct parent *p, struct json_writer *j)
{
	json_array_begin(j, "roles");
	for (size_t i = 0; i < ROLES; i++) {
		const struct process *process = &p->processes[i];
		if (process->state == PROCESS_DOWN && !process_is_wanted(process))
			continue;
		bool runs = process->state == PROCESS_STARTING || process->state == PROCESS_READY;
		json_object_begin(j, NULL);
		json_text(j, "name", process->row->name);
		json_text(j, "what", process->row->what);
		json_text(j, "state", process_state_names[process->state]);
		json_int(j, "pid", runs ? process->pid : 0);
		json_time(j, "since", process->since_us);
		json_int(j, "restarts", process->restarts);
		json_object_end(j);
	}
	json_array_end(j);
}

static void write_dns_counters(const struct parent *p, struct json_writer *j)
{
	const struct dns_stats *stats = p->resources.dns_stats.bytes;
	json_object_begin(j, "dns");
	for (int c = 0; c < DNS_COUNTERS; c++)
		json_int(
			j, dns_counters[c].name,
			(int64_t)dns_counted_all(stats, p->resources.workers, (enum dns_counter)c));
	json_object_end(j);
}

static void write_packet_counters(const struct parent *p, struct json_writer *j)
{
	struct packet_figures f = packet_figures_sum(&p->resources, 0);
	if (p->resources.packet_workers == 0)
		return;
	json_object_begin(j, "packet");
	for (int c = 0; c < PACKET_COUNTERS; c++)
		json_int(j, packet_counters[c].name, (int64_t)f.counts[c]);
	for (int k = 0; k < PACKET_LOSSES; k++)
		json_int(j, packet_loss_rows[k].counter.name,
		         (int64_t)p->packet_watch.losses.told[k]);
	json_object_end(j);
}

static void write_log(const struct parent *p, struct json_writer *j)
{
	const struct record_stats *stats = p->resources.record_stats.bytes;
	json_object_begin(j, "log");
	json_text(j, "directory", p->options->record.evidence_directory);
	for (int c = 0; c < RECORD_COUNTERS; c++) {
		int64_t value = record_counted(stats, (enum record_counter)c);
		if (c == RECORD_CHECKPOINT_AT)
			json_time(j, record_counters[c].name, value ? value : TIME_MIN);
		else
			json_int(j, record_counters[c].name, value);
	}
	json_object_end(j);
}

void status_write(const struct parent *p, struct buffer *out)
{
	struct json_writer j = {.out = out};
	control_answer_begin(&j, EXIT_STATUS_OK);
	json_text(&j, "version", WRIT_VERSION);
	json_int(&j, "pid", getpid());
	json_time(&j, "started_at", p->started_us);
	json_bool(&j, "ready", p->was_ready);
	write_policy(p, &j);
	write_roles(p, &j);
	recording_write(p, &j);
	lists_write(p, &j);
	certificates_write(p, &j);
	json_object_begin(&j, "counters");
	write_dns_counters(p, &j);
	write_packet_counters(p, &j);
	json_object_end(&j);
	write_log(p, &j);
	json_object_end(&j);
}
