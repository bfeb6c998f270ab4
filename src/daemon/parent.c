#include "daemon/parent.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "daemon/log_line.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"

static void copy_text(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from ? from : "");
}

static void flush_notices(struct parent *p)
{
	const struct process *recorder = &p->processes[ROLE_RECORD];
	size_t sent = 0;
	for (; recorder->state == PROCESS_READY && sent < p->notice_count; sent++) {
		const struct waiting_notice *w = &p->notices[sent];
		struct notice n = {.kind = w->kind,
		                   .time_us = w->time_us,
		                   .subject = view_text(w->subject),
		                   .detail = view_text(w->detail),
		                   .policy = view_text(w->policy),
		                   .previous = view_text(w->previous),
		                   .count = w->count,
		                   .since_us = w->since_us};
		if (protocol_send_notice(recorder->fd, &n) < 0)
			break;
	}
	p->notice_count -= sent;
	memmove(p->notices, p->notices + sent, p->notice_count * sizeof(*p->notices));
}

static struct waiting_notice *add_notice(struct parent *p, enum notice_kind kind)
{
	if (p->notice_count == NOTICES_MAX) {
		log_line(LOG_LEVEL_WARNING,
		         "the recorder is away for long: a notice is lost (%s %s)",
		         p->notices[0].subject, p->notices[0].detail);
		p->notice_count--;
		memmove(p->notices, p->notices + 1, p->notice_count * sizeof(*p->notices));
	}
	struct waiting_notice *w = &p->notices[p->notice_count++];
	*w = (struct waiting_notice){.kind = kind, .time_us = clock_now_us()};
	policy_version_print(policy_version(&p->adopted.policy), w->policy);
	return w;
}

void parent_notice(struct parent *p, enum notice_kind kind, const char *subject, const char *detail,
                   const char *previous)
{
	struct waiting_notice *w = add_notice(p, kind);
	copy_text(w->subject, sizeof(w->subject), subject);
	copy_text(w->detail, sizeof(w->detail), detail);
	copy_text(w->previous, sizeof(w->previous), previous);
	flush_notices(p);
}

void parent_notice_loss(struct parent *p, const struct parent_loss *loss)
{
	struct waiting_notice *w = add_notice(p, NOTICE_LOSS);
	copy_text(w->subject, sizeof(w->subject), loss->gate);
	copy_text(w->detail, sizeof(w->detail), loss->why);
	copy_text(w->previous, sizeof(w->previous), loss->outcome);
	w->count = loss->count;
	w->since_us = loss->since_us;
	flush_notices(p);
}

static void announce(struct parent *p)
{
	char version[POLICY_VERSION_TEXT_SIZE], status[128];
	policy_version_print(policy_version(&p->adopted.policy), version);
	(void)snprintf(
		status, sizeof(status), "policy %s is in force for %s", version,
		policy_text(&p->adopted.policy, policy_organisation(&p->adopted.policy)->name));
	p->was_ready = true;
	log_line(LOG_LEVEL_NOTICE, "ready: %s", status);
	notify_ready(status);
}

void parent_on_ready(struct parent *p, struct process *process)
{
	parent_notice(p, NOTICE_START, process->row->name, WRIT_VERSION, NULL);
	log_line(LOG_LEVEL_INFO, "role %s is ready", process->row->name);
	if (process == &p->processes[ROLE_PACKET])
		packet_watch_ready(p);
	bool all = true;
	for (size_t i = 0; i < ROLES; i++) {
		struct process *other = &p->processes[i];
		/* one after the other: who writes things down is there before the gates */
		if (other->state == PROCESS_DOWN && !p->is_stopping && process_is_wanted(other))
			process_start(other);
		all = all && (other->state == PROCESS_READY || other->row->is_optional ||
		              !process_is_wanted(other));
	}
	if (all && !p->was_ready)
		announce(p);
}

void parent_on_end(struct parent *p)
{
	bool gates_are_down = true;
	for (size_t i = 0; i < ROLES; i++)
		gates_are_down = gates_are_down &&
		                 (i == ROLE_RECORD || p->processes[i].state == PROCESS_DOWN);
	struct process *recorder = &p->processes[ROLE_RECORD];
	if (!p->is_stopping || !gates_are_down)
		return;
	if (recorder->state != PROCESS_DOWN)
		process_stop(recorder, p->why);
	if (recorder->state == PROCESS_DOWN)
		uv_stop(&p->loop);
}

void parent_stop(struct parent *p, enum exit_status status, const char *why)
{
	if (p->is_stopping)
		return;
	p->is_stopping = true;
	p->status = status;
	copy_text(p->why, sizeof(p->why), why);
	log_line(LOG_LEVEL_NOTICE, "stopping: %s", why);
	notify_stopping();
	packet_watch_end(p);
	packet_parent_remove(
		p); /* while there is still a gate: nothing is dropped for want of one */
	for (size_t i = 0; i < ROLES; i++) {
		if (i != ROLE_RECORD)
			process_stop(&p->processes[i], why);
	}
	parent_on_end(p);
}

static void on_stop_signal(uv_signal_t *handle, int number)
{
	parent_stop(handle->data, EXIT_STATUS_OK, number == SIGINT ? "SIGINT" : "SIGTERM");
}

static void on_reload_signal(uv_signal_t *handle, int number)
{
	(void)number;
	reload_begin(handle->data, "SIGHUP", 0);
}

static void on_child_signal(uv_signal_t *handle, int number)
{
	(void)number;
	struct parent *p = handle->data;
	for (size_t i = 0; i < ROLES; i++)
		process_reap(&p->processes[i]);
}

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	notify_watchdog();
}

static void begin_checkpoint(struct parent *p, uint64_t client)
{
	const struct process *recorder = &p->processes[ROLE_RECORD];
	if (p->checkpoint_client || recorder->state != PROCESS_READY ||
	    message_send(recorder->fd, MESSAGE_CHECKPOINT, (struct view){0}, NULL, 0) < 0) {
		control_refuse(p->control, client, EXIT_STATUS_INTERNAL,
		               "the recorder cannot be asked now");
		return;
	}
	p->checkpoint_client = client;
}

static void answer_metrics(struct parent *p, uint64_t client)
{
	struct buffer text = {0}, out = {0};
	struct json_writer j = {.out = &out};
	metrics_write(p, &text);
	control_answer_begin(&j, EXIT_STATUS_OK);
	json_view(&j, "metrics", view_of(text.bytes, text.size));
	json_object_end(&j);
	buffer_done(&text);
	control_answer(p->control, client, &out);
}

static const enum role_id answering_roles[] = {
	[CONTROL_BY_DNS] = ROLE_DNS,
	[CONTROL_BY_PACKET] = ROLE_PACKET,
	[CONTROL_BY_RECORD] = ROLE_RECORD,
};

static void on_request(void *context, uint64_t client, const struct control_request *request,
                       struct view line, const char *who)
{
	struct parent *p = context;
	struct buffer out = {0};
	char why[96];
	enum control_answerer answerer = control_verbs[request->verb].answerer;
	if (answerer != CONTROL_BY_PARENT) {
		log_line(LOG_LEVEL_INFO, "%s is asked for by %s", control_verbs[request->verb].name,
		         who);
		asked_send(p, answering_roles[answerer], client, line);
		return;
	}
	switch (request->verb) {
	case CONTROL_STATUS:
		status_write(p, &out);
		control_answer(p->control, client, &out);
		return;
	case CONTROL_PACKET_STATUS:
		packet_parent_status(p, &out);
		control_answer(p->control, client, &out);
		return;
	case CONTROL_PACKET_RULES:
		packet_parent_rules(p, &out);
		control_answer(p->control, client, &out);
		return;
	case CONTROL_METRICS: answer_metrics(p, client); return;
	case CONTROL_RELOAD: reload_begin(p, who, client); return;
	case CONTROL_CHECKPOINT: begin_checkpoint(p, client); return;
	case CONTROL_LISTS_REFRESH: lists_ask(p, MESSAGE_REFRESH, request->list, client); return;
	case CONTROL_LISTS_ACCEPT: lists_ask(p, MESSAGE_ACCEPT, request->list, client); return;
	case CONTROL_STOP:
		control_answer_status(p->control, client, EXIT_STATUS_OK);
		(void)snprintf(why, sizeof(why), "asked for by %s", who);
		parent_stop(p, EXIT_STATUS_OK, why);
		return;
	default: return;
	}
}

static int open_signal(struct parent *p, uv_signal_t *handle, uv_signal_cb hear, int number)
{
	int code = uv_signal_init(&p->loop, handle);
	handle->data = p;
	return code < 0 ? code : uv_signal_start(handle, hear, number);
}

static int open_handles(struct parent *p)
{
	int code = open_signal(p, &p->on_term, on_stop_signal, SIGTERM);
	if (code == OK)
		code = open_signal(p, &p->on_int, on_stop_signal, SIGINT);
	if (code == OK)
		code = open_signal(p, &p->on_hup, on_reload_signal, SIGHUP);
	if (code == OK)
		code = open_signal(p, &p->on_child, on_child_signal, SIGCHLD);
	if (code == OK)
		code = lists_open(p);
	uv_timer_init(&p->loop, &p->reload.timer);
	uv_timer_init(&p->loop, &p->watchdog);
	asked_init(p);
	certificates_watch(p);
	packet_watch(p);
	uint64_t interval_ms = (uint64_t)notify_watchdog_interval_us() / 1000;
	if (interval_ms)
		uv_timer_start(&p->watchdog, on_watchdog, interval_ms, interval_ms);
	if (code == OK)
		code = control_open(&p->loop, p->options->daemon.run_directory, on_request, p,
		                    &p->control);
	return code;
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

enum exit_status parent_run(struct parent *p)
{
	int code = uv_loop_init(&p->loop);
	if (code < 0)
		return EXIT_STATUS_INTERNAL;
	p->started_us = clock_now_us();
	recording_announce(p);
	for (size_t i = 0; i < ROLES; i++)
		process_init(&p->processes[i], p, &roles[i]);
	code = open_handles(p);
	if (code == OK) {
		process_start(&p->processes[ROLE_RECORD]);
		uv_run(&p->loop, UV_RUN_DEFAULT);
	} else {
		log_line(LOG_LEVEL_ERROR, "cannot open the control socket in %s: %s",
		         p->options->daemon.run_directory, err_text(code));
		p->status = exit_status_of(code);
	}
	control_close(p->control);
	lists_close(p);
	scrape_done(&p->scrape);
	uv_run(&p->loop, UV_RUN_NOWAIT); /* its clients close their own handles */
	uv_walk(&p->loop, close_handle, NULL);
	while (uv_run(&p->loop, UV_RUN_DEFAULT))
		;
	uv_loop_close(&p->loop);
	return p->status;
}
