#include "daemon/record_role.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "daemon/directory.h"
#include "daemon/log_line.h"
#include "daemon/record_names.h"
#include "daemon/record_submit.h"
#include "daemon/record_writer.h"
#include "daemon/role.h"
#include "daemon/role_setup.h"
#include "daemon/role_talk.h"
#include "record/aggregate.h"
#include "record/event_fields.h"
#include "record/log_clock.h"

#define LOSS_INTERVAL_US SECOND_US
#define ORPHAN_US        (SECOND_US / 2) /* gates that lose their parent end within this */

enum { TURN_EVENTS_MAX = 8192, EVENT_ARENA_MAX = 1 << 16, LATE_US = 1000000 };
enum { GATHER_US = 50000, GATHER_STEP_MS = 10 };

struct recorder {
	int parent;
	struct role_setup setup;
	struct record_stats *stats;
	struct record_names names;
	struct record_keys keys; /* those of `names` */
	struct record_writer *writer;
	struct aggregate *aggregate;
	struct log_clock clock;
	bool is_ahead; /* of the clock */
	int64_t now_us, heartbeat_at_us, loss_at_us, checkpoint_at_us;
	int64_t took_us; /* steady clock: when events were last waited for */
	bool is_stopping;
	int64_t orphan_at_us; /* 0 while the parent lives */
	int64_t events;       /* counted in entries that are not committed yet */
	char why[STOP_TEXT_MAX + 1];
};

/* The time of the log. */
static void read_clock(struct recorder *r)
{
	enum { SLACK_S = 5 };
	int64_t clock_us = clock_now_us();
	r->now_us = log_clock_move(&r->clock, clock_us, clock_monotonic_us());
	int64_t ahead_s = (r->now_us - clock_us) / SECOND_US;
	if (ahead_s >= SLACK_S && !r->is_ahead)
		log_line(
			LOG_LEVEL_WARNING,
			"the clock is %lld s behind the newest entry of the log: times of entries go on "
			"from there, at half speed, until it has caught up",
			(long long)ahead_s);
	r->is_ahead = ahead_s >= SLACK_S;
}

static uint64_t version_in_force(const struct recorder *r)
{
	return policy_version(&r->names.policies[0].policy);
}

/* The aggregate's callback: one entry for `count` events that are alike. */
static void write_event(void *context, const struct event_record *record, int64_t count,
                        int64_t last_us)
{
	struct recorder *r = context;
	struct arena arena;
	struct event event;
	arena_init(&arena, EVENT_ARENA_MAX);
	event_resolve(record, count, last_us, &r->names.callbacks, &arena, &event);
	struct buffer *out = record_writer_begin(r->writer);
	record_writer_end(r->writer, event_write(&event, r->now_us, out));
	arena_done(&arena);
	r->events += count;
}

static int commit(struct recorder *r)
{
	int code = record_writer_commit(r->writer, r->now_us);
	if (record_writer_waiting(r->writer) == 0) {
		record_count(r->stats, RECORD_EVENTS_WRITTEN, r->events);
		r->events = 0;
	}
	return code;
}

static void write_heartbeat(struct recorder *r)
{
	char policy[POLICY_VERSION_TEXT_SIZE];
	int64_t interval_us = r->setup.options.record.heartbeat_interval_us;
	struct buffer *out = record_writer_begin(r->writer);
	record_writer_end(r->writer,
	                  entry_write_heartbeat(out, r->now_us, "record", interval_us / SECOND_US,
	                                        policy_version_print(version_in_force(r), policy)));
	r->heartbeat_at_us = r->now_us + interval_us;
	record_set(r->stats, RECORD_BYTES,
	           directory_size(r->setup.options.record.evidence_directory));
}

static void write_loss(struct recorder *r, const char *source, int64_t count, const char *why)
{
	if (count <= 0)
		return;
	log_line(LOG_LEVEL_WARNING, "%lld events are lost at %s: %s", (long long)count, source,
	         why);
	struct buffer *out = record_writer_begin(r->writer);
	record_writer_end(r->writer, entry_write_loss(out, r->now_us, source, count, why));
}

/* What the recorder before this one had taken from the rings and not written: it was killed. */
static void write_own_losses(struct recorder *r)
{
	int64_t lost = record_counted(r->stats, RECORD_EVENTS) -
	               record_counted(r->stats, RECORD_EVENTS_WRITTEN);
	record_count(r->stats, RECORD_LOST, lost);
	record_count(r->stats, RECORD_EVENTS_WRITTEN, lost);
	write_loss(r, "record", lost, "the recorder ended before it had written them");
}

static void write_losses_of(struct recorder *r, enum event_gate gate)
{
	uint64_t lost = 0, refused = 0;
	for (size_t i = 0; i < r->setup.worker_count; i++) {
		if (r->setup.workers[i].gate != gate)
			continue;
		lost += ring_take_losses(&r->setup.workers[i].ring);
		refused += ring_take_refused(&r->setup.workers[i].ring);
	}
	record_count(r->stats, RECORD_LOST, (int64_t)lost);
	record_count(r->stats, RECORD_REFUSED, (int64_t)refused);
	write_loss(r, event_gate_names[gate], (int64_t)lost,
	           "they came faster than they could be written");
	write_loss(r, event_gate_names[gate], (int64_t)refused, "the records were not valid");
}

static void write_losses(struct recorder *r)
{
	for (int gate = 0; gate < EVENT_GATES; gate++)
		write_losses_of(r, (enum event_gate)gate);
	r->loss_at_us = r->now_us + LOSS_INTERVAL_US;
}

/* Returns how many events were taken. */
static size_t drain(struct recorder *r, size_t count_max)
{
	struct event_record record;
	size_t count = 0;
	for (size_t i = 0; i < r->setup.worker_count; i++) {
		while (count < count_max && ring_take(&r->setup.workers[i].ring, &record)) {
			record_count(r->stats, RECORD_EVENTS, !record.is_more);
			aggregate_add(r->aggregate, &record, r->now_us);
			count++;
		}
	}
	return count;
}

/* While the disk takes nothing the rings are left alone. */
static void take_events(struct recorder *r)
{
	if (!record_writer_is_failing(r->writer))
		(void)drain(r, TURN_EVENTS_MAX);
}

/* A text of a notice as the entry writers want it: absent when empty. */
static const char *optional(struct arena *a, struct view text)
{
	return text.size ? arena_text(a, text) : NULL;
}

static int64_t count_of(uint64_t count)
{
	return count < (uint64_t)EVENT_SUM_MAX ? (int64_t)count : EVENT_SUM_MAX;
}

static void write_notice(struct recorder *r, const struct notice *n)
{
	struct arena a;
	arena_init(&a, MESSAGE_BYTES_MAX * 4);
	const char *subject = arena_text(&a, n->subject), *detail = arena_text(&a, n->detail);
	const char *policy = optional(&a, n->policy), *previous = optional(&a, n->previous);
	/* the parent keeps what happens while there is no recorder: others may have been written since */
	struct entry_times times = {r->now_us, n->time_us < r->now_us - LATE_US ? n->time_us : 0};
	struct buffer *out = record_writer_begin(r->writer);
	int code = -ENOMEM;
	if (!a.failed && n->kind == NOTICE_START)
		code = entry_write_start(out, &times, subject, detail, policy);
	else if (!a.failed && n->kind == NOTICE_STOP)
		code = entry_write_stop(out, &times, subject, detail);
	else if (!a.failed && n->kind == NOTICE_LOSS)
		code = entry_write_unjudged(out, &times,
		                            &(struct entry_unjudged){.source = subject,
		                                                     .outcome = previous,
		                                                     .reason = detail,
		                                                     .count = count_of(n->count),
		                                                     .since_us = n->since_us});
	else if (!a.failed)
		code = entry_write_configuration(out, &times, subject, policy, previous, detail);
	record_writer_end(r->writer, code);
	arena_done(&a);
}

static int adopt(struct recorder *r, struct message *m)
{
	struct adopted policy;
	int code = role_policy_open(m, &policy);
	if (code < 0)
		log_line(LOG_LEVEL_ERROR, "cannot take over the new policy: %s", err_text(code));
	else
		record_names_add(&r->names, &policy, r->now_us);
	return protocol_send_version(r->parent, MESSAGE_ADOPTED, version_in_force(r), -1);
}

static int checkpoint(struct recorder *r)
{
	r->checkpoint_at_us = r->now_us + r->setup.options.record.checkpoint_interval_us;
	int code = commit(r);
	return code < 0 ? code : record_writer_checkpoint(r->writer, r->now_us);
}

/* The old database stays when the new one cannot be used. */
static int take_places(struct recorder *r, struct message *m)
{
	enum places_kind kind;
	struct memory database;
	int code = role_places_open(m, &kind, &database);
	if (code < 0)
		return code;
	code = places_use(&r->names.places, kind, &database);
	if (code < 0)
		log_line(LOG_LEVEL_ERROR, "cannot use the new %s: %s; the old one stays",
		         places_kind_names[kind], err_text(code));
	return OK;
}

/* What is taken is on the disk before the answer. */
static bool answer(void *context, const struct control_request *request, struct json_writer *j)
{
	struct recorder *r = context;
	size_t count = 0;
	if (request->verb != CONTROL_SUBMIT)
		return false;
	int code = commit(r);
	if (code == OK)
		code = record_submit_file(r->writer, &r->keys,
		                          r->setup.options.record.evidence_directory, request->file,
		                          r->now_us, &count);
	json_int(j, "entries", (int64_t)count);
	if (code < 0)
		json_text(j, "refused", err_text(code));
	return true;
}

static int obey(struct recorder *r, struct message *m)
{
	struct notice notice;
	int code;
	switch ((enum message_type)m->type) {
	case MESSAGE_NOTICE:
		code = protocol_read_notice(m, &notice);
		if (code == OK)
			write_notice(r, &notice);
		return code;
	case MESSAGE_POLICY: return adopt(r, m);
	case MESSAGE_PLACES: return take_places(r, m);
	case MESSAGE_CHECKPOINT:
		/* what gates have handed over before it was asked for is under it */
		take_events(r);
		code = checkpoint(r);
		return protocol_send_status(r->parent, MESSAGE_DONE, exit_status_of(code), "");
	case MESSAGE_ASK: return role_answer(r->parent, m, answer, r);
	case MESSAGE_STOP:
		(void)snprintf(r->why, sizeof(r->why), VIEW_FMT, VIEW_ARG(message_view(m)));
		r->is_stopping = true;
		return OK;
	default: return ERR_MALFORMED;
	}
}

static int hear(struct recorder *r)
{
	cleanup(message) struct message m = {0};
	int code = role_receive(r->parent, &m);
	if (code != ERR_MISSING)
		return code < 0 ? code : obey(r, &m);
	log_line(LOG_LEVEL_ERROR, "the parent is gone: writing what is there, then stopping");
	(void)snprintf(r->why, sizeof(r->why), "the parent process is gone");
	r->orphan_at_us = r->now_us + ORPHAN_US;
	return OK;
}

static int64_t earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_turn_us(const struct recorder *r)
{
	if (record_writer_is_failing(r->writer))
		return r->now_us + SECOND_US;
	int64_t at = earliest(r->heartbeat_at_us, r->loss_at_us);
	at = earliest(at, r->checkpoint_at_us);
	at = earliest(at, aggregate_next_us(r->aggregate));
	return r->orphan_at_us ? earliest(at, r->orphan_at_us) : at;
}

static bool is_filling(struct recorder *r)
{
	for (size_t i = 0; i < r->setup.worker_count; i++) {
		struct ring *ring = &r->setup.workers[i].ring;
		if (ring_waiting(ring) > ring->capacity / 4)
			return true;
	}
	return false;
}

/* An event that comes alone is taken at once; in a burst one sync to disk serves all that come within GATHER_US. Not so
 * long that a ring could get full, or that the parent waits. */
static void gather(struct recorder *r, struct pollfd *parent)
{
	while (clock_monotonic_us() < r->took_us + GATHER_US && !is_filling(r)) {
		if (poll(parent, 1, GATHER_STEP_MS) != 0)
			break;
	}
	r->took_us = clock_monotonic_us();
}

/* Waits for the parent, for an event, or until something is due. Returns whether the parent spoke. */
static bool wait_turn(struct recorder *r)
{
	struct pollfd fds[1 + SETUP_WORKERS_MAX] = {
		{.fd = r->orphan_at_us ? -1 : r->parent, .events = POLLIN}};
	size_t count = 1;
	int64_t wait_us = next_turn_us(r) - r->now_us;
	bool has_events = false;
	/* while the disk takes nothing the rings are left alone: they fill and count what they lose */
	for (size_t i = 0; !record_writer_is_failing(r->writer) && i < r->setup.worker_count; i++) {
		struct ring *ring = &r->setup.workers[i].ring;
		if (!ring_arm(ring))
			has_events = true;
		fds[count++] = (struct pollfd){.fd = ring->wake_fd, .events = POLLIN};
	}
	int wait_ms = has_events || wait_us <= 0 ? 0 : (int)earliest(wait_us / 1000 + 1, 60000);
	int ready = poll(fds, count, wait_ms);
	if ((has_events || ready > 0) && !fds[0].revents)
		gather(r, &fds[0]);
	read_clock(r);
	return ready > 0 && fds[0].revents;
}

static void work(struct recorder *r)
{
	take_events(r);
	if (!record_writer_is_failing(r->writer)) {
		aggregate_expire(r->aggregate, r->now_us);
		if (r->now_us >= r->heartbeat_at_us) {
			write_heartbeat(r);
			/* events wait in the aggregate for one window at the most */
			int64_t window_us = r->setup.options.record.aggregate_window_us;
			record_names_forget(&r->names, r->now_us - 2 * window_us);
		}
		if (r->now_us >= r->loss_at_us)
			write_losses(r);
	}
	int code = commit(r);
	if (code == OK && r->now_us >= r->checkpoint_at_us)
		code = checkpoint(r);
	/* a failure was logged, and is tried again */
	(void)code;
}

/* Everything that gates have handed over is written before this ends. */
static enum exit_status finish(struct recorder *r)
{
	while (drain(r, TURN_EVENTS_MAX) == TURN_EVENTS_MAX && commit(r) == OK)
		;
	aggregate_flush(r->aggregate);
	write_losses(r);
	struct notice last = {.kind = NOTICE_STOP,
	                      .time_us = r->now_us,
	                      .subject = view_text("record"),
	                      .detail = view_text(r->why)};
	write_notice(r, &last);
	int code = checkpoint(r);
	size_t waiting = record_writer_waiting(r->writer);
	if (code == OK && waiting == 0)
		return EXIT_STATUS_OK;
	log_line(LOG_LEVEL_ERROR, "stopping with %zu entr%s that could not be written", waiting,
	         plural(waiting, "y", "ies"));
	return code < 0 ? exit_status_of(code) : EXIT_STATUS_NO_SPACE;
}

static enum exit_status run(struct recorder *r)
{
	while (!r->is_stopping && !(r->orphan_at_us && r->now_us >= r->orphan_at_us)) {
		int code = wait_turn(r) ? hear(r) : OK;
		if (code < 0) {
			(void)finish(r);
			return role_fail(r->parent, EXIT_STATUS_INTERNAL,
			                 "cannot go on after a message of the parent: %s",
			                 err_text(code));
		}
		work(r);
	}
	return finish(r);
}

static bool is_damage(int code)
{
	return code == ERR_SIGNATURE || code == ERR_CHECKSUM || code == ERR_MALFORMED ||
	       code == ERR_INVALID || code == ERR_TRUNCATED || code == ERR_MISSING ||
	       code == ERR_VERSION;
}

static enum exit_status explain_log(const struct recorder *r, const char *directory, int code)
{
	if (is_damage(code))
		return role_fail(r->parent, EXIT_STATUS_EVIDENCE,
		                 "the evidence log in %s does not hold (%s): it is left as it is; "
		                 "writ log verify says where, then move it away to start a new one",
		                 directory, err_text(code));
	if (code == -EBUSY)
		return role_fail(r->parent, EXIT_STATUS_RUNNING,
		                 "cannot open the evidence log in %s: another process writes it",
		                 directory);
	return role_fail(r->parent, exit_status_of(code), "cannot open the evidence log in %s: %s",
	                 directory, err_text(code));
}

static enum exit_status open_all(struct recorder *r)
{
	struct role_setup *s = &r->setup;
	const struct record_options *o = &s->options.record;
	const char *subjects = options_subjects_directory(&s->options, &s->arena);
	struct record_writer_setup setup = {
		.log_directory = options_log_directory(&s->options, &s->arena),
		.index_file = options_index_file(&s->options, &s->arena),
		.signer = &s->signer,
		.checkpoint_entries = (uint64_t)o->checkpoint_entries,
		.stats = r->stats};
	if (s->arena.failed)
		return role_fail(r->parent, EXIT_STATUS_INTERNAL, "cannot set up: no memory");
	int code = record_writer_open(&setup, &r->writer);
	if (code < 0)
		return explain_log(r, setup.log_directory, code);
	r->clock = log_clock_begin(record_writer_newest_us(r->writer), clock_now_us(),
	                           clock_monotonic_us());
	read_clock(r);
	r->checkpoint_at_us = r->now_us + o->checkpoint_interval_us;
	code = record_names_open(&r->names, subjects);
	if (code < 0)
		return role_fail(r->parent, exit_status_of(code), "cannot open %s: %s", subjects,
		                 err_text(code));
	r->keys = (struct record_keys){subjects, &r->names.keys};
	record_erase_resume(r->writer, &r->keys, r->now_us);
	record_names_add(&r->names, &s->policy, r->now_us);
	s->policy = ADOPTED_NONE;
	for (int i = 0; i < PLACES_KINDS; i++) {
		code = s->places[i].bytes
		               ? places_use(&r->names.places, (enum places_kind)i, &s->places[i])
		               : OK;
		if (code < 0)
			return role_fail(r->parent, exit_status_of(code), "cannot use the %s: %s",
			                 places_kind_names[i], err_text(code));
	}
	uint64_t seed;
	randombytes_buf(&seed, sizeof(seed));
	r->aggregate = aggregate_new((size_t)o->aggregate_kinds, o->aggregate_window_us, seed,
	                             write_event, r);
	if (!r->aggregate)
		return role_fail(r->parent, EXIT_STATUS_INTERNAL, "cannot set up: no memory");
	return EXIT_STATUS_OK;
}

static void recorder_free(struct recorder *r)
{
	aggregate_free(r->aggregate);
	record_writer_close(r->writer);
	record_names_close(&r->names);
	role_setup_done(&r->setup);
	free(r);
}
DEFINE_CLEANUP(recorder, struct recorder *, recorder_free);

static enum exit_status begin(struct recorder *r)
{
	const struct writ_options *o = &r->setup.options;
	log_line_init("record", (enum log_level)(LOG_LEVEL_ERROR + o->daemon.log_level));
	if (!r->setup.has_signer || !r->setup.policy.image.bytes ||
	    r->setup.stats.size < sizeof(struct record_stats))
		return role_fail(r->parent, EXIT_STATUS_INTERNAL,
		                 "cannot set up: parts are missing");
	r->stats = r->setup.stats.bytes;
	const struct landlock_path paths[] = {{o->record.evidence_directory, PATH_WRITE}, {0}};
	int code = role_confine(&roles[ROLE_RECORD], paths);
	if (code < 0)
		return role_fail(r->parent, exit_status_of(code), "cannot enter the sandbox: %s",
		                 err_text(code));
	return open_all(r);
}

enum exit_status record_role_main(int parent)
{
	cleanup(recorder) struct recorder *r = calloc(1, sizeof(*r));
	if (!r)
		return EXIT_STATUS_INTERNAL;
	r->parent = parent;
	int code = role_setup_read(parent, false, &r->setup);
	if (code < 0)
		return role_fail(parent, EXIT_STATUS_INTERNAL, "cannot set up: %s", err_text(code));
	enum exit_status status = begin(r);
	if (status != EXIT_STATUS_OK)
		return status;
	code = message_send(parent, MESSAGE_READY, view_of(NULL, 0), NULL, 0);
	if (code < 0)
		return EXIT_STATUS_OK;
	write_own_losses(r);
	return run(r);
}
