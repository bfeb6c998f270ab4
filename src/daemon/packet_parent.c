#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/log_line.h"
#include "daemon/packet_figures.h"
#include "daemon/packet_queues.h"
#include "daemon/parent.h"
#include "source/file.h"

enum { QUEUES_TEXT_MAX = 1 << 16, MARKER_MODE = 0644 };

static const char queues_path[] = "/proc/net/netfilter/nfnetlink_queue";

/* It says that rules are installed, also after the parent was killed. */
static const char *marker_of(const struct parent *p, char path[static 256])
{
	(void)snprintf(path, 256, "%s/packet-rules", p->options->daemon.run_directory);
	return path;
}

static enum exit_status explain(int code, const char *why)
{
	if (code == ERR_DENIED || code == -EPERM) {
		log_line(LOG_LEVEL_ERROR,
		         "packet.mode needs the capability CAP_NET_ADMIN: start as root, or set it "
		         "to off");
		return EXIT_STATUS_PERMISSION;
	}
	log_line(LOG_LEVEL_ERROR, "cannot install the rules of the packet gate: %s", why);
	return exit_status_of(code);
}

/* The gate is off now, and was not when an instance was killed. */
static void remove_leftover(struct parent *p)
{
	char path[256], why[PACKET_RULES_WHY_SIZE] = "";
	const struct packet_rules rules = {.options = &p->options->packet};
	if (access(marker_of(p, path), F_OK) != 0)
		return;
	if (packet_rules_remove(&rules, why) < 0)
		log_line(LOG_LEVEL_WARNING,
		         "the rules of a packet gate that was killed are still there: %s", why);
	else
		(void)unlink(path);
}

enum exit_status packet_parent_install(struct parent *p)
{
	char path[256], why[PACKET_RULES_WHY_SIZE] = "";
	if (p->options->packet.mode == PACKET_OFF || p->options->packet.mode == PACKET_PASSIVE) {
		remove_leftover(p);
		return EXIT_STATUS_OK;
	}
	p->rules = (struct packet_rules){.options = &p->options->packet,
	                                 .queues = p->resources.packet_workers,
	                                 .own_users = p->own_users,
	                                 .own_user_count = role_users(p->own_users)};
	int code = file_replace(marker_of(p, path), view_text("installed\n"), MARKER_MODE);
	if (code < 0) {
		log_line(LOG_LEVEL_ERROR, "cannot write %s: %s", path, err_text(code));
		return exit_status_of(code);
	}
	code = packet_rules_apply(&p->rules, why);
	if (code < 0)
		return explain(code, why);
	p->has_rules = true;
	log_line(LOG_LEVEL_NOTICE, "the rules of the packet gate are installed");
	return EXIT_STATUS_OK;
}

void packet_parent_remove(struct parent *p)
{
	char path[256], why[PACKET_RULES_WHY_SIZE] = "";
	if (!p->has_rules)
		return;
	p->has_rules = false;
	if (packet_rules_remove(&p->rules, why) < 0)
		log_line(LOG_LEVEL_ERROR, "cannot remove the rules of the packet gate: %s", why);
	else
		(void)unlink(marker_of(p, path));
}

void packet_parent_rules(const struct parent *p, struct buffer *out)
{
	struct json_writer j = {.out = out};
	struct buffer text = {0};
	if (p->has_rules)
		packet_rules_print(&p->rules, &text);
	control_answer_begin(&j, EXIT_STATUS_OK);
	json_text(&j, "mode", packet_mode_names[p->options->packet.mode]);
	json_view(&j, "rules", view_of(text.bytes, text.size));
	json_object_end(&j);
	out->failed |= text.failed;
	buffer_done(&text);
}

/* The text of the kernel's file; where there is no such file there is no queue. */
static struct view read_queues(const struct parent *p, struct buffer *text)
{
	int code = p->has_rules ? file_read(queues_path, QUEUES_TEXT_MAX, text) : ERR_MISSING;
	return code == OK ? buffer_view(text) : view_of(NULL, 0);
}

static bool next_own_queue(const struct parent *p, struct view *rest, struct packet_queue *ret)
{
	int64_t first = p->options->packet.first_queue;
	while (packet_queue_next(rest, ret)) {
		if (ret->number >= first && ret->number < first + p->resources.packet_workers)
			return true;
	}
	return false;
}

void packet_queues_sum(const struct parent *p, uint64_t *ret_waiting, uint64_t *ret_refused)
{
	struct buffer text = {0};
	struct packet_queue q;
	struct view rest = read_queues(p, &text);
	*ret_waiting = *ret_refused = 0;
	while (next_own_queue(p, &rest, &q)) {
		*ret_waiting += q.waiting;
		*ret_refused += (uint64_t)q.dropped + q.not_delivered;
	}
	buffer_done(&text);
}

static void write_queues(const struct parent *p, struct json_writer *j)
{
	struct buffer text = {0};
	struct packet_queue q;
	struct view rest = read_queues(p, &text);
	json_array_begin(j, "queues");
	while (next_own_queue(p, &rest, &q)) {
		json_object_begin(j, NULL);
		json_int(j, "number", q.number);
		json_int(j, "waiting", q.waiting);
		json_int(j, "dropped", q.dropped);
		json_int(j, "not_delivered", q.not_delivered);
		json_object_end(j);
	}
	json_array_end(j);
	buffer_done(&text);
}

static void write_losses(const struct packet_losses *l, struct json_writer *j)
{
	for (int k = 0; k < PACKET_LOSSES; k++) {
		json_object_begin(j, NULL);
		json_text(j, "name", packet_loss_rows[k].counter.name);
		json_int(j, "count", (int64_t)l->told[k]);
		json_text(j, "help", packet_loss_rows[k].counter.help);
		json_object_end(j);
	}
}

static void write_counters(const struct packet_figures *f, const struct packet_losses *l,
                           struct json_writer *j)
{
	json_array_begin(j, "counters");
	for (int c = 0; c < PACKET_COUNTERS; c++) {
		json_object_begin(j, NULL);
		json_text(j, "name", packet_counters[c].name);
		json_int(j, "count", (int64_t)f->counts[c]);
		json_text(j, "help", packet_counters[c].help);
		json_object_end(j);
	}
	write_losses(l, j);
	json_array_end(j);
	json_array_begin(j, "packets_met");
	for (int w = 0; w < FLOW_WHYS; w++) {
		json_object_begin(j, NULL);
		json_text(j, "why", flow_why_rows[w].name);
		json_int(j, "count", (int64_t)f->why[w]);
		json_text(j, "help", flow_why_rows[w].help);
		json_object_end(j);
	}
	json_array_end(j);
}

static void write_tally_row(struct json_writer *j, const _Atomic uint64_t counts[TALLY_ACTIONS])
{
	json_int(j, "observed", (int64_t)counts[TALLY_OBSERVED]);
	json_int(j, "blocked", (int64_t)counts[TALLY_BLOCKED]);
	json_object_end(j);
}

static void write_decisions(const struct policy *policy, const struct tally *t,
                            struct json_writer *j)
{
	json_array_begin(j, "orders");
	for (uint32_t i = 0; i < policy->rule_count && i < TALLY_RULES; i++) {
		const struct image_rule *rule = policy_rule(policy, i);
		if (rule->action == VERDICT_ALLOW)
			continue;
		json_object_begin(j, NULL);
		json_text(j, "order", policy_text(policy, policy_order(policy, rule->order)->id));
		json_int(j, "obligation", policy_obligation(policy, rule->obligation)->number);
		json_text(j, "product",
		          policy_text(policy, policy_product(policy, rule->product)->id));
		write_tally_row(j, t->rules[i]);
	}
	json_array_end(j);
	json_array_begin(j, "facets");
	for (int f = 0; f < FACET_COUNT; f++) {
		json_object_begin(j, NULL);
		json_text(j, "facet", facet_names[f]);
		write_tally_row(j, t->facets[f]);
	}
	json_array_end(j);
}

/* Up to each bound; the last has none. */
static void write_time(const struct histogram *h, struct json_writer *j)
{
	uint64_t count = 0;
	json_array_begin(j, "time");
	for (int i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		json_object_begin(j, NULL);
		if (i < HISTOGRAM_BOUNDS)
			json_int(j, "up_to_ns", packet_time_bounds_ns[i]);
		json_int(j, "packets", (int64_t)h->counts[i]);
		json_object_end(j);
		count += h->counts[i];
	}
	json_array_end(j);
	json_int(j, "mean_ns", count ? (int64_t)(h->sum / count) : 0);
}

void packet_parent_status(const struct parent *p, struct buffer *out)
{
	const struct packet_options *o = &p->options->packet;
	const struct policy *policy = &p->adopted.policy;
	struct packet_figures f = packet_figures_sum(&p->resources, policy_version(policy));
	struct json_writer j = {.out = out};
	control_answer_begin(&j, EXIT_STATUS_OK);
	json_text(&j, "mode", packet_mode_names[o->mode]);
	json_text(&j, "failure", packet_failure_names[o->failure]);
	json_text(&j, "role", process_state_names[p->processes[ROLE_PACKET].state]);
	json_bool(&j, "rules", p->has_rules);
	if (o->mode != PACKET_OFF) {
		write_queues(p, &j);
		write_counters(&f, &p->packet_watch.losses, &j);
		write_time(&f.time, &j);
		write_decisions(policy, &f.tally, &j);
	}
	json_object_end(&j);
}
