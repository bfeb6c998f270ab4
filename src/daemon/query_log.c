#include "daemon/query_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "daemon/log_line.h"
#include "gate/dns/tap_line.h"
#include "net/connect.h"
#include "net/thread.h"

#define RETRY_US  SECOND_US
#define FINISH_US SECOND_US

enum { GATHER_SIZE = 64 << 10 };

struct query_log {
	struct drain drain;
	pthread_t thread;
	bool is_started;
	const struct query_log_options *options;
	struct dns_stats *stats;
	int fd;
	_Atomic int fd_next; /* -1: none */
	bool fails;
	struct tap_client_key key;
	struct buffer lines; /* gathered */
	size_t done;         /* of them, written */
	int64_t line_count;  /* gathered and not counted yet */
};

int query_log_open(const struct query_log_options *o, int *ret_fd)
{
	*ret_fd = -1;
	if (!o->file)
		return OK;
	int fd = strcmp(o->file, "-") == 0
	                 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
	                 : open(o->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
	                        QUERY_LOG_MODE);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return OK;
}

static void set_fails(struct query_log *l, int code)
{
	bool fails = code < 0;
	const char *to = l->options->file ? l->options->file : l->options->socket;
	if (fails && !l->fails)
		log_line(LOG_LEVEL_WARNING,
		         "cannot write the query log to %s: %s; tried again every second", to,
		         err_text(code));
	else if (!fails && l->fails)
		log_line(LOG_LEVEL_NOTICE, "the query log to %s is written again", to);
	l->fails = fails;
	int64_t was = (int64_t)dns_counted(l->stats, DNS_QUERY_LOG_FAILS);
	dns_count_by(l->stats, DNS_QUERY_LOG_FAILS, fails - was);
}

/* A line that was broken off in the old file begins anew in the next one. */
static void take_next_file(struct query_log *l)
{
	int next = atomic_exchange(&l->fd_next, -1);
	if (next < 0)
		return;
	cleanup_fd(&l->fd);
	l->fd = next;
	while (l->done > 0 && l->lines.bytes[l->done - 1] != '\n')
		l->done--;
}

static void gather(struct query_log *l)
{
	const struct tap_record *record;
	uint64_t dropped = drain_take_drops(&l->drain);
	if (dropped)
		tap_line_print_dropped(clock_now_us(), dropped, &l->lines);
	while (l->lines.size < GATHER_SIZE && (record = drain_peek(&l->drain))) {
		tap_line_print(record, (enum tap_clients)l->options->clients, &l->key, &l->lines);
		l->line_count++;
		drain_release(&l->drain);
	}
}

/* Pipes and terminals take a little without waiting, once they are ready; files do not wait at all. */
static size_t portion(const struct query_log *l)
{
	struct stat s;
	size_t left = l->lines.size - l->done;
	bool is_file = fstat(l->fd, &s) == 0 && S_ISREG(s.st_mode);
	return is_file || left < PIPE_BUF ? left : PIPE_BUF;
}

static int write_some(struct query_log *l)
{
	ssize_t written = write(l->fd, l->lines.bytes + l->done, portion(l));
	if (written < 0)
		return errno == EINTR || errno == EAGAIN ? OK : -errno;
	l->done += (size_t)written;
	return OK;
}

static int send_line(struct query_log *l)
{
	const uint8_t *at = l->lines.bytes + l->done;
	size_t size = (size_t)((const uint8_t *)memchr(at, '\n', l->lines.size - l->done) - at);
	if (send(l->fd, at, size, MSG_NOSIGNAL) < 0 && errno != EMSGSIZE)
		return errno == EAGAIN || errno == EINTR ? OK : -errno;
	l->done += size + 1;
	return OK;
}

static int write_lines(struct query_log *l, const struct wait_limit *limit)
{
	const char *socket = l->options->socket;
	int code = socket && l->fd < 0 ? connect_path(socket, SOCK_DGRAM, &l->fd) : OK;
	while (code == OK && l->done < l->lines.size) {
		code = wait_for(l->fd, POLLOUT, limit);
		if (code == OK)
			code = socket ? send_line(l) : write_some(l);
	}
	if (code == OK) {
		dns_count_by(l->stats, DNS_QUERY_LOG_LINES, l->line_count);
		l->lines.size = l->done = 0;
		l->line_count = 0;
	} else if (socket && code != -ECANCELED && l->fd >= 0) {
		close(l->fd);
		l->fd = -1;
	}
	return code;
}

static int write_all(struct query_log *l, const struct wait_limit *limit)
{
	int code;
	do {
		if (l->lines.size == 0)
			gather(l);
		if (l->lines.size == 0)
			return OK;
		code = write_lines(l, limit);
	} while (code == OK);
	return code;
}

static void *run(void *context)
{
	struct query_log *l = context;
	const struct wait_limit patient = {.stop_fd = l->drain.stop_fd};
	set_fails(l, OK);
	while (!drain_is_stopping(&l->drain)) {
		if (l->fails)
			drain_pause(&l->drain, RETRY_US);
		else
			drain_wait(&l->drain, -1);
		take_next_file(l);
		int code = write_all(l, &patient);
		if (code != -ECANCELED)
			set_fails(l, code);
	}
	const struct wait_limit hurry = {-1, clock_monotonic_us() + FINISH_US};
	int code = write_all(l, &hurry);
	set_fails(l, code);
	return NULL;
}

int query_log_start(const struct query_log_options *o, int fd, size_t workers,
                    struct dns_stats *stats, struct query_log **ret)
{
	struct query_log *l = calloc(1, sizeof(*l));
	int code = l ? drain_open(&l->drain, workers, (size_t)o->queue_size) : -ENOMEM;
	if (code < 0) {
		cleanup_fd(&fd);
		free(l);
		return code;
	}
	l->options = o;
	l->stats = stats;
	l->fd = fd;
	l->fd_next = -1;
	code = thread_start(&l->thread, run, l);
	l->is_started = code == OK;
	if (code < 0)
		query_log_stop(l);
	else
		*ret = l;
	return code;
}

struct tap_queue *query_log_queue(const struct query_log *l, size_t worker)
{
	return l->drain.queues[worker];
}

void query_log_reopen(struct query_log *l, int fd)
{
	int before = atomic_exchange(&l->fd_next, fd);
	cleanup_fd(&before);
	drain_nudge(&l->drain);
}

void query_log_stop(struct query_log *l)
{
	if (!l)
		return;
	drain_stop(&l->drain);
	if (l->is_started)
		pthread_join(l->thread, NULL);
	cleanup_fd(&l->fd);
	int next = l->fd_next;
	cleanup_fd(&next);
	buffer_done(&l->lines);
	drain_close(&l->drain);
	free(l);
}
