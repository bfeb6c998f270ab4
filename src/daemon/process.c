#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "daemon/log_line.h"
#include "daemon/parent.h"
#include "daemon/spawn.h"

/* A role that cannot be started at all is not tried for ever. */
enum { FIRST_STARTS_MAX = 5 };

const char *const process_state_names[PROCESS_STATES] = {"down", "starting", "ready", "waiting"};

static void set_state(struct process *process, enum process_state state)
{
	process->state = state;
	process->since_us = clock_now_us();
}

static enum role_id role_of(const struct process *process)
{
	return (enum role_id)(process->row - roles);
}

static int send_ring(const struct process *process, unsigned worker, enum event_gate gate,
                     const struct ring *ring)
{
	struct ring_message m = {(uint16_t)worker, process->parent->resources.ring_events,
	                         (uint8_t)gate};
	return protocol_send_ring(process->fd, m, ring->memory_fd, ring->wake_fd);
}

static int send_worker(const struct process *process, unsigned worker)
{
	const struct resources *r = &process->parent->resources;
	int code = OK;
	const struct dns_options *o = &process->parent->options->dns;
	for (size_t i = 0; code == OK && role_of(process) == ROLE_DNS && i < r->listen_count; i++) {
		struct listener_message m = {(uint8_t)dns_listen_at(o, i).transport,
		                             (uint16_t)worker};
		code = protocol_send_listener(process->fd, m, resources_listener(r, i, worker));
	}
	return code < 0 ? code : send_ring(process, worker, EVENT_GATE_DNS, &r->rings[worker]);
}

/* To the gate they are its workers from 0 on, to the recorder they come after those of the DNS gate. */
static int send_packet_rings(const struct process *process)
{
	const struct resources *r = &process->parent->resources;
	unsigned first = role_of(process) == ROLE_RECORD ? r->workers : 0;
	int code = OK;
	for (unsigned i = 0; code == OK && i < r->packet_workers; i++)
		code = send_ring(process, first + i, EVENT_GATE_PACKET, &r->packet_rings[i]);
	return code;
}

static int send_key(const struct process *process)
{
	char text[NOTE_KEY_TEXT_SIZE];
	const char *key = note_signer_print(&process->parent->signer, text);
	return message_send(process->fd, MESSAGE_KEY, view_text(key), NULL, 0);
}

/* The parent keeps it, so that a gate that was started again believes the cookies of the one before. */
static int send_cookie_key(const struct process *process)
{
	const struct parent *p = process->parent;
	return message_send(process->fd, MESSAGE_COOKIE_KEY,
	                    view_of(p->cookie_key, sizeof(p->cookie_key)), NULL, 0);
}

static int send_fetch_setup(const struct process *process)
{
	struct parent *p = process->parent;
	struct view nothing = {0};
	int code = message_send(process->fd, MESSAGE_SETTINGS, nothing, &p->settings.fd, 1);
	if (code == OK)
		code = lists_send(p, process);
	return code < 0 ? code : message_send(process->fd, MESSAGE_BEGIN, nothing, NULL, 0);
}

static int send_metrics_setup(const struct process *process)
{
	const struct parent *p = process->parent;
	struct view nothing = {0};
	int code = message_send(process->fd, MESSAGE_SETTINGS, nothing, &p->settings.fd, 1);
	if (code == OK)
		code = message_send(process->fd, MESSAGE_SOCKET, nothing,
		                    &p->resources.metrics_listener, 1);
	return code < 0 ? code : message_send(process->fd, MESSAGE_BEGIN, nothing, NULL, 0);
}

static int send_memory(const struct process *process, enum message_type type,
                       const struct memory *memory)
{
	struct view nothing = {0};
	if (memory->fd < 0)
		return OK;
	return message_send(process->fd, type, nothing, &memory->fd, 1);
}

static int send_record_setup(const struct process *process)
{
	const struct parent *p = process->parent;
	int code = send_packet_rings(process);
	if (code == OK)
		code = send_memory(process, MESSAGE_STATS, &p->resources.record_stats);
	if (code == OK)
		code = places_files_send(&p->places, process->fd);
	return code < 0 ? code : send_key(process);
}

static int send_dns_setup(const struct process *process)
{
	const struct parent *p = process->parent;
	struct view nothing = {0};
	int code = send_memory(process, MESSAGE_STATS, &p->resources.dns_stats);
	if (code == OK)
		code = send_cookie_key(process);
	if (code == OK)
		code = certificates_send(&p->certificates, process->fd);
	if (code == OK && p->query_log >= 0)
		code = message_send(process->fd, MESSAGE_QUERY_LOG, nothing, &p->query_log, 1);
	return code < 0 ? code : send_memory(process, MESSAGE_LEARNED, &p->resources.learned);
}

static int send_packet_setup(const struct process *process)
{
	const struct resources *r = &process->parent->resources;
	int code = send_packet_rings(process);
	if (code == OK)
		code = send_memory(process, MESSAGE_STATS, &r->packet_stats);
	return code < 0 ? code : send_memory(process, MESSAGE_LEARNED, &r->learned);
}

/* Of roles that decide by the policy, or name what was decided. */
static int send_policy_setup(const struct process *process)
{
	const struct parent *p = process->parent;
	enum role_id role = role_of(process);
	struct view nothing = {0};
	int code = message_send(process->fd, MESSAGE_SETTINGS, nothing, &p->settings.fd, 1);
	if (code == OK)
		code = protocol_send_version(process->fd, MESSAGE_POLICY,
		                             policy_version(&p->adopted.policy),
		                             p->adopted.image.fd);
	for (unsigned i = 0; code == OK && role != ROLE_PACKET && i < p->resources.workers; i++)
		code = send_worker(process, i);
	if (code == OK && role == ROLE_RECORD)
		code = send_record_setup(process);
	else if (code == OK && role == ROLE_DNS)
		code = send_dns_setup(process);
	else if (code == OK)
		code = send_packet_setup(process);
	return code < 0 ? code : message_send(process->fd, MESSAGE_BEGIN, nothing, NULL, 0);
}

static int send_setup(const struct process *process)
{
	switch (role_of(process)) {
	case ROLE_FETCH: return send_fetch_setup(process);
	case ROLE_METRICS: return send_metrics_setup(process);
	default: return send_policy_setup(process);
	}
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void close_channel(struct process *process)
{
	if (process->poll)
		uv_close((uv_handle_t *)process->poll, free_handle);
	process->poll = NULL;
	cleanup_fd(&process->fd);
	process->fd = -1;
}

static void hear(struct process *process, struct message *m)
{
	struct parent *p = process->parent;
	uint64_t version;
	struct view sentence;
	enum exit_status status;
	if (m->type == MESSAGE_READY && process->state == PROCESS_STARTING) {
		set_state(process, PROCESS_READY);
		parent_on_ready(p, process);
	} else if (m->type == MESSAGE_ADOPTED && protocol_read_version(m, &version) == OK) {
		reload_adopted(p, role_of(process), version);
	} else if (m->type == MESSAGE_FAILED && protocol_read_status(m, &status, &sentence) == OK) {
		process->failed = status;
	} else if (m->type == MESSAGE_OFFER && role_of(process) == ROLE_FETCH) {
		lists_on_offer(p);
	} else if (m->type == MESSAGE_DONE && role_of(process) == ROLE_FETCH) {
		lists_on_done(p, m);
	} else if (m->type == MESSAGE_SCRAPE) {
		scrape_answer(&p->scrape, p, process->fd);
	} else if (m->type == MESSAGE_REPLY) {
		asked_reply(p, role_of(process), m);
	} else if (m->type == MESSAGE_DONE && p->checkpoint_client &&
	           protocol_read_status(m, &status, &sentence) == OK) {
		control_answer_status(p->control, p->checkpoint_client, (int)status);
		p->checkpoint_client = 0;
	}
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	struct process *process = poll->data;
	cleanup(message) struct message m = {0};
	int code = message_receive(process->fd, &m);
	if (code == -EAGAIN)
		return;
	if (code == OK && protocol_allows(&m, true)) {
		hear(process, &m);
		return;
	}
	if (code != ERR_MISSING) {
		log_line(LOG_LEVEL_ERROR, "role %s breaks the protocol: it is killed",
		         process->row->name);
		(void)kill(process->pid, SIGKILL);
	}
	/* the end of the process itself comes as SIGCHLD */
	close_channel(process);
}

static int open_channel(struct process *process)
{
	process->poll = calloc(1, sizeof(*process->poll));
	if (!process->poll)
		return -ENOMEM;
	int code = uv_poll_init(&process->parent->loop, process->poll, process->fd);
	if (code < 0) {
		free(process->poll);
		process->poll = NULL;
		return code;
	}
	process->poll->data = process;
	return uv_poll_start(process->poll, UV_READABLE, on_readable);
}

void process_init(struct process *process, struct parent *p, const struct role_row *row)
{
	*process = (struct process){.row = row, .parent = p, .fd = -1};
	uv_timer_init(&p->loop, &process->timer);
	process->timer.data = process;
}

bool process_is_wanted(const struct process *process)
{
	const struct parent *p = process->parent;
	switch (role_of(process)) {
	case ROLE_FETCH: return lists_are_fetched(p);
	case ROLE_METRICS: return p->resources.metrics_listener >= 0;
	case ROLE_PACKET: return p->options->packet.mode != PACKET_OFF;
	default: return true;
	}
}

static void on_restart(uv_timer_t *timer)
{
	process_start(timer->data);
}

static void plan_restart(struct process *process)
{
	int64_t ran_us = clock_monotonic_us() - process->started_us;
	int64_t wait_us = backoff_next(&process->backoff, ran_us);
	set_state(process, PROCESS_WAITING);
	process->restarts++;
	log_line(LOG_LEVEL_NOTICE, "role %s is started again in %lld ms", process->row->name,
	         (long long)(wait_us / 1000));
	uv_timer_start(&process->timer, on_restart, (uint64_t)(wait_us / 1000), 0);
}

void process_start(struct process *process)
{
	process->told_to_stop = false;
	process->failed = EXIT_STATUS_OK;
	process->started_us = clock_monotonic_us();
	int code =
		spawn_role(process->row->name, process->parent->lock, &process->pid, &process->fd);
	if (code < 0) {
		log_line(LOG_LEVEL_ERROR, "cannot start role %s: %s", process->row->name,
		         err_text(code));
		plan_restart(process);
		return;
	}
	set_state(process, PROCESS_STARTING);
	code = send_setup(process);
	if (code == OK)
		code = open_channel(process);
	if (code < 0 && code != ERR_MISSING) {
		log_line(LOG_LEVEL_ERROR, "cannot set up role %s: %s", process->row->name,
		         err_text(code));
		(void)kill(process->pid, SIGKILL);
	}
}

static void on_stubborn(uv_timer_t *timer)
{
	struct process *process = timer->data;
	log_line(LOG_LEVEL_ERROR, "role %s does not stop: it is killed", process->row->name);
	(void)kill(process->pid, SIGKILL);
}

void process_stop(struct process *process, const char *why)
{
	uv_timer_stop(&process->timer);
	if (process->state == PROCESS_WAITING)
		set_state(process, PROCESS_DOWN);
	if (process->state == PROCESS_DOWN || process->told_to_stop)
		return;
	process->told_to_stop = true;
	int64_t wait_us = process->parent->options->daemon.stop_timeout_us;
	uv_timer_start(&process->timer, on_stubborn, (uint64_t)(wait_us / 1000), 0);
	struct view reason = view_text(why);
	if (reason.size > STOP_TEXT_MAX)
		reason.size = STOP_TEXT_MAX;
	if (message_send(process->fd, MESSAGE_STOP, reason, NULL, 0) < 0)
		(void)kill(process->pid, SIGKILL);
}

static void describe_end(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status)) {
		(void)snprintf(text, size, "killed by signal %d (%s)%s", WTERMSIG(status),
		               strsignal(WTERMSIG(status)),
		               WTERMSIG(status) == SIGSYS
		                       ? ": a system call that its list does not allow"
		                       : "");
		return;
	}
	(void)snprintf(text, size, "exited with status %d", WEXITSTATUS(status));
}

/* It ended, and nobody had told it to. */
static void end_unexpected(struct process *process, const char *how)
{
	struct parent *p = process->parent;
	log_line(LOG_LEVEL_ERROR, "role %s %s", process->row->name, how);
	parent_notice(p, NOTICE_STOP, process->row->name, how, NULL);
	if (!p->was_ready && !process->row->is_optional &&
	    (process->failed || process->restarts + 1 >= FIRST_STARTS_MAX)) {
		set_state(process, PROCESS_DOWN);
		parent_stop(p, process->failed ? process->failed : EXIT_STATUS_INTERNAL,
		            "a role could not be started");
		return;
	}
	plan_restart(process);
}

void process_reap(struct process *process)
{
	int status;
	if ((process->state != PROCESS_STARTING && process->state != PROCESS_READY) ||
	    waitpid(process->pid, &status, WNOHANG) != process->pid)
		return;
	/* what it still said before it ended */
	for (struct message m = {0}; process->fd >= 0 && message_receive(process->fd, &m) == OK;) {
		if (protocol_allows(&m, true) && m.type == MESSAGE_FAILED)
			hear(process, &m);
		message_done(&m);
	}
	close_channel(process);
	uv_timer_stop(&process->timer);
	char how[128];
	describe_end(status, how, sizeof(how));
	struct parent *p = process->parent;
	reload_adopted(p, role_of(process), 0);
	if (role_of(process) == ROLE_FETCH)
		lists_on_role_end(p);
	asked_role_ended(p, role_of(process));
	if (!process->told_to_stop && !p->is_stopping) {
		end_unexpected(process, how);
		return;
	}
	set_state(process, PROCESS_DOWN);
	bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!clean) {
		log_line(LOG_LEVEL_ERROR, "role %s %s while stopping", process->row->name, how);
		if (p->status == EXIT_STATUS_OK)
			p->status = WIFEXITED(status) ? (enum exit_status)WEXITSTATUS(status)
			                              : EXIT_STATUS_INTERNAL;
	}
	if (process->row != &roles[ROLE_RECORD])
		parent_notice(p, NOTICE_STOP, process->row->name, clean ? p->why : how, NULL);
	parent_on_end(p);
}
