#include "audit/audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "audit/audit_private.h"
#include "base/clock.h"

enum { TELL_MS = 200 };

static void lock(struct audit *a)
{
	(void)pthread_mutex_lock(&a->mutex);
}

static void unlock(struct audit *a)
{
	(void)pthread_mutex_unlock(&a->mutex);
}

/* The first failure that is no source's own ends the run. */
static void fail(struct audit *a, int code)
{
	if (code < 0 && a->code == OK)
		a->code = code;
	if (code < 0)
		atomic_store(&a->stop, true);
}

/* The state may be written meanwhile: of one that an earlier run began it tells what that run read of it. */
static int open_source(struct audit *a, struct audit_source *s)
{
	struct source_file file;
	int code = source_file_open(s->path, &file);
	if (code < 0)
		return code;
	file.stop = &a->stop;
	lock(a);
	bool is_other = s->parts_placed && !audit_state_holds(a, &s->file, s->parts_placed, &file);
	if (!is_other)
		s->file = file;
	unlock(a);
	if (is_other) {
		source_file_close(&file);
		return -ESTALE;
	}
	if (!a->settings.makes_digests)
		return OK;
	return file.is_regular ? digest_begin(file.fd, file.size, &s->digest)
	                       : digest_begin_stream(&s->digest);
}

static void end_digest(struct audit *a, struct audit_source *s, const struct audit_part *whole)
{
	struct findings_source *c = &s->sum.coverage;
	uint8_t sha256[DIGEST_SIZE];
	bool is_whole = whole->code == OK && !whole->is_cut && !whole->hole_bytes;
	bool is_there = digest_end(take_ptr(s->digest), is_whole, sha256);
	lock(a);
	c->has_sha256 = is_there;
	if (is_there)
		memcpy(c->sha256, sha256, sizeof(sha256));
	unlock(a);
}

/* Opens it and reads it, unless it is one that threads share. Without the mutex, but at its end. */
static void begin_source(struct audit *a, size_t number)
{
	struct audit_source *s = &a->sources[number];
	int code;
	const struct log_columns none = {.is_known = true};
	struct audit_part *whole = audit_part_new(a, &none, &code);
	if (whole) {
		whole->code = open_source(a, s);
		if (whole->code == OK)
			audit_read_whole(a, s, whole);
		/* before it is in its place: what is there must be whole at any time */
		if (s->digest && !s->parts_all)
			end_digest(a, s, whole);
	}
	lock(a);
	fail(a, code);
	if (!whole) {
		s->state = AUDIT_DONE;
	} else if (s->parts_all && whole->code == OK) {
		s->state = AUDIT_PARTS;
		if (s->parts_placed == s->parts_all)
			fail(a, audit_close_source(a, number));
	} else if (whole->code != -ECANCELED) {
		fail(a, audit_place(a, number, whole));
		fail(a, audit_close_source(a, number));
	}
	audit_part_free(whole);
}

/* `begin` is what is known of its columns by now. */
static void read_part(struct audit *a, size_t number, uint64_t part, struct log_columns begin)
{
	struct audit_source *s = &a->sources[number];
	int code;
	struct audit_part *p = audit_part_new(a, &begin, &code);
	if (p)
		audit_read_part(a, s, part, p);
	lock(a);
	fail(a, code);
	if (!p || p->code == -ECANCELED) {
		audit_part_free(p);
		return;
	}
	s->ahead[part % AUDIT_AHEAD] = p;
	fail(a, audit_place_parts(a, number));
	if (s->parts_placed == s->parts_all)
		fail(a, audit_close_source(a, number));
}

static bool has_part(const struct audit_source *s)
{
	return s->state == AUDIT_PARTS &&
	       (s->is_read_again ||
	        (s->parts_taken < s->parts_all && s->parts_taken - s->parts_placed < AUDIT_AHEAD));
}

/* The number of the part, which nobody else takes then. */
static uint64_t take_part(struct audit_source *s)
{
	if (!s->is_read_again)
		return s->parts_taken++;
	s->is_read_again = false;
	return s->parts_placed;
}

/* A source of which a part can be taken now; source_count when there is none. */
static size_t find_parts(struct audit *a)
{
	while (a->first_undone < a->next_source && a->sources[a->first_undone].state == AUDIT_DONE)
		a->first_undone++;
	size_t i = a->first_undone;
	while (i < a->next_source && !has_part(&a->sources[i]))
		i++;
	return i < a->next_source ? i : a->source_count;
}

static size_t find_waiting(struct audit *a)
{
	while (a->next_source < a->source_count &&
	       a->sources[a->next_source].state != AUDIT_WAITING)
		a->next_source++;
	return a->next_source;
}

/* Does one piece of work; false when there is none now. With the mutex, which it gives up meanwhile. */
static bool work(struct audit *a)
{
	size_t i = find_parts(a);
	if (i < a->source_count) {
		struct audit_source *s = &a->sources[i];
		uint64_t part = take_part(s);
		/* sure for the part that is placed next, and for a later one most often right */
		bool is_told = part == s->parts_placed || s->parts_placed;
		struct log_columns begin = is_told ? *s->columns : (struct log_columns){0};
		unlock(a);
		read_part(a, i, part, begin);
		return true;
	}
	i = find_waiting(a);
	if (i == a->source_count)
		return false;
	a->sources[i].state = AUDIT_WHOLE;
	a->next_source++;
	unlock(a);
	begin_source(a, i);
	return true;
}

static void *run_thread(void *argument)
{
	struct audit *a = argument;
	lock(a);
	while (!audit_is_stopped(a) && a->done_count < a->source_count) {
		if (work(a))
			(void)pthread_cond_broadcast(&a->changed);
		else if (!audit_is_stopped(a) && a->done_count < a->source_count)
			(void)pthread_cond_wait(&a->changed, &a->mutex);
	}
	a->running--;
	(void)pthread_cond_broadcast(&a->changed);
	unlock(a);
	return NULL;
}

static void wait_ms(struct audit *a, int ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	(void)pthread_cond_timedwait(&a->changed, &a->mutex, &until);
}

/* Tells and keeps the state while the others work. With the mutex. */
static void attend(struct audit *a)
{
	int64_t told_us = clock_monotonic_us(), kept_us = told_us,
		pause_us = a->settings.state_every_ms * INT64_C(1000);
	while (a->running) {
		wait_ms(a, TELL_MS);
		int64_t now_us = clock_monotonic_us();
		/* a stop from a signal's handler wakes nobody */
		if (audit_is_stopped(a))
			(void)pthread_cond_broadcast(&a->changed);
		if (a->settings.tell && now_us - told_us >= TELL_MS * 1000) {
			told_us = now_us;
			unlock(a);
			a->settings.tell(a->settings.context);
			lock(a);
		}
		if (a->settings.state_path && now_us - kept_us >= pause_us) {
			fail(a, audit_state_write(a));
			kept_us = clock_monotonic_us();
			/* keeping the state is never most of the work */
			if ((kept_us - now_us) * 20 > pause_us)
				pause_us = (kept_us - now_us) * 20;
		}
	}
}

int audit_run(struct audit *a)
{
	pthread_t threads[AUDIT_THREADS_MAX];
	unsigned count = 0, wanted = a->settings.threads;
	lock(a);
	for (; count < wanted && count < AUDIT_THREADS_MAX; count++) {
		if (pthread_create(&threads[count], NULL, run_thread, a) != 0)
			break;
		a->running++;
	}
	if (count == 0)
		fail(a, -EAGAIN);
	attend(a);
	unlock(a);
	for (unsigned i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	if (a->code == OK && a->done_count < a->source_count)
		a->code = ERR_TRUNCATED;
	if (a->settings.state_path && a->code == ERR_TRUNCATED) {
		int code = audit_state_write(a);
		return code < 0 ? code : a->code;
	}
	return a->code;
}

void audit_stop(struct audit *a)
{
	atomic_store(&a->stop, true);
}

void audit_progress(struct audit *a, struct audit_progress *ret)
{
	lock(a);
	*ret = (struct audit_progress){
		.bytes = atomic_load_explicit(&a->bytes, memory_order_relaxed),
		.bytes_all = a->size_is_unknown ? 0 : a->bytes_all,
		.sources = a->done_count,
		.sources_all = a->source_count,
	};
	unlock(a);
}

struct findings *audit_findings(struct audit *a)
{
	return a->findings;
}

uint64_t audit_resumed_bytes(const struct audit *a)
{
	return a->resumed_bytes;
}

const char *audit_problem(const struct audit *a)
{
	return a->problem;
}

static void measure(struct audit *a, const struct source_list_item *item)
{
	struct stat s;
	if (item->problem || stat(item->path, &s) < 0)
		a->size_is_unknown |= strcmp(item->path, "-") == 0;
	else if (S_ISREG(s.st_mode))
		a->bytes_all += (uint64_t)s.st_size;
	else
		a->size_is_unknown = true;
}

static int set_up_source(struct audit *a, const struct source_list_item *item)
{
	struct audit_source *s = &a->sources[a->source_count];
	struct findings_source coverage = findings_source_none();
	coverage.name = view_text(item->path);
	coverage.problem = view_text(item->problem);
	*s = (struct audit_source){.path = item->path, .file = {.fd = -1}};
	s->sum.coverage = coverage;
	if (item->problem) {
		s->state = AUDIT_DONE;
		a->done_count++;
	}
	a->source_count++;
	measure(a, item);
	return findings_add_source(a->findings, &coverage);
}

int audit_new(const struct audit_settings *settings, struct audit **ret)
{
	struct audit *a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->settings = *settings;
	if (a->settings.part_size == 0)
		a->settings.part_size = AUDIT_PART_SIZE;
	(void)pthread_mutex_init(&a->mutex, NULL);
	(void)pthread_mutex_init(&a->filter_mutex, NULL);
	(void)pthread_cond_init(&a->changed, NULL);
	size_t count = settings->sources->count;
	a->sources = calloc(count ? count : 1, sizeof(*a->sources));
	int code = a->sources ? findings_new(settings->policy, settings->findings_max, &a->findings)
	                      : -ENOMEM;
	for (size_t i = 0; code >= 0 && i < count; i++)
		code = set_up_source(a, &settings->sources->items[i]);
	if (code >= 0 && settings->state_path)
		code = audit_state_read(a);
	*ret = a;
	return code < 0 ? code : OK;
}

void audit_free(struct audit *a)
{
	if (!a)
		return;
	for (size_t i = 0; a->sources && i < a->source_count; i++) {
		struct audit_source *s = &a->sources[i];
		uint8_t none[DIGEST_SIZE];
		for (size_t p = 0; p < AUDIT_AHEAD; p++)
			audit_part_free(s->ahead[p]);
		(void)digest_end(s->digest, false, none);
		source_file_close(&s->file);
		free(s->first);
		free(s->columns);
	}
	free(a->sources);
	findings_free(a->findings);
	line_filter_free(a->filter);
	(void)pthread_cond_destroy(&a->changed);
	(void)pthread_mutex_destroy(&a->mutex);
	(void)pthread_mutex_destroy(&a->filter_mutex);
	free(a);
}
