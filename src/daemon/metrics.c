#include "daemon/metrics.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "daemon/exposition.h"
#include "daemon/packet_figures.h"
#include "daemon/parent.h"
#include "policy/vocabulary.h"

enum { NAME_SIZE = 96 };

static const struct counter_row reloads = {"reloads", false, "Reloads that put a policy in force."};
static const struct counter_row reloads_refused = {
	"reloads_refused", false, "Reloads that changed nothing because something was wrong."};

/* A counter's name ends with _total, that of a gauge with what it is. */
static void write_counter(struct buffer *out, const char *part, const struct counter_row *row,
                          uint64_t value)
{
	char full[NAME_SIZE];
	(void)snprintf(full, sizeof(full), "writ_%s_%s%s", part, row->name,
	               row->is_gauge ? "" : "_total");
	exposition_family(out, full, row->is_gauge ? "gauge" : "counter", row->help);
	exposition_sample(out, full, NULL, value);
}

static void write_dns_counters(const struct parent *p, struct buffer *out)
{
	const struct dns_stats *stats = p->resources.dns_stats.bytes;
	for (int c = 0; c < DNS_COUNTERS; c++)
		write_counter(out, "dns", &dns_counters[c],
		              dns_counted_all(stats, p->resources.workers, (enum dns_counter)c));
}

static void write_record_counters(const struct parent *p, struct buffer *out)
{
	static const char at[] = "writ_record_checkpoint_timestamp_seconds";
	const struct record_stats *stats = p->resources.record_stats.bytes;
	for (int c = 0; c < RECORD_COUNTERS; c++) {
		const struct counter_row *row = &record_counters[c];
		int64_t value = record_counted(stats, (enum record_counter)c);
		if (c != RECORD_CHECKPOINT_AT) {
			write_counter(out, "record", row, (uint64_t)value);
			continue;
		}
		exposition_family(out, at, "gauge", "When the last checkpoint was signed.");
		exposition_seconds(out, at, NULL, value);
	}
}

/* `a_second`: how many of the bounds' unit. */
static void write_times(struct buffer *out, const char *name, const struct histogram *h,
                        const int64_t bounds[static HISTOGRAM_BOUNDS], int64_t a_second)
{
	char part[NAME_SIZE];
	uint64_t count = 0;
	(void)snprintf(part, sizeof(part), "%s_bucket", name);
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		char bound[32] = "+Inf";
		if (i < HISTOGRAM_BOUNDS)
			(void)snprintf(bound, sizeof(bound), "%g",
			               (double)bounds[i] / (double)a_second);
		count += h->counts[i];
		exposition_sample(out, part, (struct exposition_label[]){{"le", bound}, {0}},
		                  count);
	}
	(void)snprintf(part, sizeof(part), "%s_sum", name);
	exposition_seconds(out, part, NULL, (int64_t)h->sum / (a_second / SECOND_US));
	(void)snprintf(part, sizeof(part), "%s_count", name);
	exposition_sample(out, part, NULL, count);
}

static void write_latency(const struct parent *p, struct buffer *out)
{
	static const char name[] = "writ_dns_upstream_seconds";
	const struct dns_stats *stats = p->resources.dns_stats.bytes;
	struct histogram sum = {0};
	for (unsigned i = 0; i < p->resources.workers; i++)
		histogram_sum(&sum, &stats[i].upstream);
	exposition_family(out, name, "histogram",
	                  "How long it took until a question that the cache could not answer was.");
	write_times(out, name, &sum, dns_time_bounds_us, SECOND_US);
}

static const char *const action_names[] = {[TALLY_OBSERVED] = "observe", [TALLY_BLOCKED] = "block"};

static void write_rule(const struct policy *policy, uint32_t index, const struct tally *t,
                       const char *name, struct buffer *out)
{
	const struct image_rule *rule = policy_rule(policy, index);
	char number[16];
	(void)snprintf(number, sizeof(number), "%u",
	               policy_obligation(policy, rule->obligation)->number);
	for (int a = 0; a < TALLY_ACTIONS; a++) {
		const struct exposition_label labels[] = {
			{"order", policy_text(policy, policy_order(policy, rule->order)->id)},
			{"obligation", number},
			{"product", policy_text(policy, policy_product(policy, rule->product)->id)},
			{"action", action_names[a]},
			{0}};
		exposition_sample(out, name, labels, t->rules[index][a]);
	}
}

static void write_facets(const struct tally *t, const char *gate, struct buffer *out)
{
	char name[NAME_SIZE];
	(void)snprintf(name, sizeof(name), "writ_%s_facet_decisions_total", gate);
	exposition_family(
		out, name, "counter",
		"Decisions by each facet of the mark that led to them, since the policy came "
		"in force; a mark of two facets counts under both.");
	for (int f = 0; f < FACET_COUNT; f++) {
		for (int a = 0; a < TALLY_ACTIONS; a++) {
			const struct exposition_label labels[] = {
				{"facet", facet_names[f]}, {"action", action_names[a]}, {0}};
			exposition_sample(out, name, labels, t->facets[f][a]);
		}
	}
}

/* Only rules that can act: the others never decide. */
static void write_decisions(const struct policy *policy, const char *gate, const struct tally *sum,
                            struct buffer *out)
{
	char name[NAME_SIZE];
	(void)snprintf(name, sizeof(name), "writ_%s_rule_decisions_total", gate);
	exposition_family(out, name, "counter",
	                  "Decisions by each rule, since the policy came in force.");
	for (uint32_t i = 0; i < policy->rule_count && i < TALLY_RULES; i++) {
		if (policy_rule(policy, i)->action != VERDICT_ALLOW)
			write_rule(policy, i, sum, name, out);
	}
	write_facets(sum, gate, out);
}

static void write_dns_decisions(const struct parent *p, struct buffer *out)
{
	const struct policy *policy = &p->adopted.policy;
	const struct dns_stats *stats = p->resources.dns_stats.bytes;
	struct tally sum = {0};
	for (unsigned i = 0; i < p->resources.workers; i++)
		tally_sum(&sum, &stats[i].tally, policy_version(policy));
	write_decisions(policy, "dns", &sum, out);
}

static void write_packet_why(const struct packet_figures *f, struct buffer *out)
{
	static const char name[] = "writ_packet_met_total";
	exposition_family(out, name, "counter", "Packets by what they met.");
	for (int i = 0; i < FLOW_WHYS; i++) {
		const struct exposition_label labels[] = {{"why", flow_why_rows[i].name}, {0}};
		exposition_sample(out, name, labels, f->why[i]);
	}
}

static void write_packet(const struct parent *p, struct buffer *out)
{
	static const char times[] = "writ_packet_seconds";
	struct packet_figures f =
		packet_figures_sum(&p->resources, policy_version(&p->adopted.policy));
	if (p->resources.packet_workers == 0)
		return;
	for (int c = 0; c < PACKET_COUNTERS; c++)
		write_counter(out, "packet", &packet_counters[c], f.counts[c]);
	for (int k = 0; k < PACKET_LOSSES; k++)
		write_counter(out, "packet", &packet_loss_rows[k].counter,
		              p->packet_watch.losses.told[k]);
	write_packet_why(&f, out);
	exposition_family(out, times, "histogram", "How long the gate took over a packet.");
	write_times(out, times, &f.time, packet_time_bounds_ns, 1000 * SECOND_US);
	write_decisions(&p->adopted.policy, "packet", &f.tally, out);
}

struct writing {
	const struct policy *policy;
	struct buffer *out;
};

static void write_order(void *context, const struct adopted_order *o)
{
	const struct writing *w = context;
	const struct exposition_label labels[] = {{"order", policy_text(w->policy, o->order->id)},
	                                          {"action", verdict_action_names[o->action]},
	                                          {0}};
	exposition_sample(w->out, "writ_order_in_force", labels, o->in_force);
}

static void write_policy(const struct parent *p, struct buffer *out)
{
	char version[POLICY_VERSION_TEXT_SIZE];
	const struct policy *policy = &p->adopted.policy;
	struct writing w = {policy, out};
	const struct exposition_label labels[] = {
		{"version", policy_version_print(policy_version(policy), version)}, {0}};
	exposition_family(out, "writ_policy_info", "gauge", "The policy in force: always 1.");
	exposition_sample(out, "writ_policy_info", labels, 1);
	exposition_family(out, "writ_policy_adopted_timestamp_seconds", "gauge",
	                  "When it was put in force.");
	exposition_seconds(out, "writ_policy_adopted_timestamp_seconds", NULL, p->adopted.at_us);
	write_counter(out, "policy", &reloads, p->reload.adopted);
	write_counter(out, "policy", &reloads_refused, p->reload.refused);
	exposition_family(out, "writ_policy_reload_seconds", "gauge",
	                  "How long the last reload took, until every role decided by it.");
	exposition_seconds(out, "writ_policy_reload_seconds", NULL, p->reload.took_us);
	exposition_family(out, "writ_order_in_force", "gauge",
	                  "1 while some rule of the order is in force; with what it does now.");
	adopted_orders(&p->adopted, clock_now_us(), write_order, &w);
}

static void write_roles(const struct parent *p, struct buffer *out)
{
	static const char restarts[] = "writ_role_restarts_total";
	exposition_family(out, "writ_role_up", "gauge", "1 while the role is ready.");
	for (size_t i = 0; i < ROLES; i++) {
		const struct exposition_label labels[] = {{"role", roles[i].name}, {0}};
		if (process_is_wanted(&p->processes[i]))
			exposition_sample(out, "writ_role_up", labels,
			                  p->processes[i].state == PROCESS_READY);
	}
	exposition_family(out, restarts, "counter", "How often it was started again.");
	for (size_t i = 0; i < ROLES; i++) {
		const struct exposition_label labels[] = {{"role", roles[i].name}, {0}};
		if (process_is_wanted(&p->processes[i]))
			exposition_sample(out, restarts, labels, p->processes[i].restarts);
	}
}

static void write_program(const struct parent *p, struct buffer *out)
{
	const struct exposition_label labels[] = {{"version", WRIT_VERSION}, {0}};
	exposition_family(out, "writ_build_info", "gauge", "The program: always 1.");
	exposition_sample(out, "writ_build_info", labels, 1);
	exposition_family(out, "writ_start_timestamp_seconds", "gauge", "When it was started.");
	exposition_seconds(out, "writ_start_timestamp_seconds", NULL, p->started_us);
}

void metrics_write(const struct parent *p, struct buffer *out)
{
	write_program(p, out);
	write_policy(p, out);
	write_roles(p, out);
	write_dns_counters(p, out);
	write_latency(p, out);
	write_dns_decisions(p, out);
	write_packet(p, out);
	write_record_counters(p, out);
}
