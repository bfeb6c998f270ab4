#include "daemon/dnstap_sink.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/timestamp.h"
#include "daemon/log_line.h"
#include "gate/dns/tap_dnstap.h"
#include "net/frame_stream.h"
#include "net/thread.h"

#define RETRY_US  SECOND_US
#define FINISH_US SECOND_US

enum { FRAMES_MAX = 256, BATCH_SIZE = 4 * TAP_FRAME_SIZE_MAX };

struct dnstap_sink {
	struct drain drain;
	pthread_t thread;
	bool is_started;
	struct dns_stats *stats;
	struct frame_stream_target to;
	struct frame_stream *stream; /* NULL: no reader */
	bool was_reported;           /* that there is none */
	struct utsname host;
	struct tap_frames form;
	struct iovec frames[FRAMES_MAX];
	size_t frame_count, size; /* of the batch */
	uint8_t batch[BATCH_SIZE];
};

static const char *name_of(const struct frame_stream_target *to, char text[ENDPOINT_TEXT_SIZE])
{
	return to->path ? to->path : endpoint_print(&to->tcp, text);
}

static void set_connected(const struct dnstap_sink *s, bool is)
{
	int64_t was = (int64_t)dns_counted(s->stats, DNS_DNSTAP_CONNECTED);
	dns_count_by(s->stats, DNS_DNSTAP_CONNECTED, is - was);
}

static void disconnect(struct dnstap_sink *s)
{
	frame_stream_close(s->stream);
	s->stream = NULL;
	set_connected(s, false);
}

static bool connect_reader(struct dnstap_sink *s)
{
	char text[ENDPOINT_TEXT_SIZE];
	int code = frame_stream_open(&s->to, &s->stream);
	if (code == OK)
		log_line(LOG_LEVEL_NOTICE, "queries go to the dnstap reader at %s",
		         name_of(&s->to, text));
	else if (!s->was_reported && code != -ECANCELED)
		log_line(LOG_LEVEL_WARNING,
		         "cannot connect to the dnstap reader at %s: %s; tried again every second",
		         name_of(&s->to, text), err_text(code));
	s->was_reported = code < 0;
	set_connected(s, code == OK);
	return code == OK;
}

/* The reader says nothing unless it goes. */
static bool is_gone(const struct dnstap_sink *s)
{
	struct pollfd fd = {.fd = frame_stream_fd(s->stream), .events = POLLIN};
	return poll(&fd, 1, 0) != 0;
}

static void add_frame(struct dnstap_sink *s, size_t size)
{
	if (size == 0)
		return;
	s->frames[s->frame_count++] = (struct iovec){s->batch + s->size, size};
	s->size += size;
}

static bool has_room(const struct dnstap_sink *s)
{
	return s->frame_count + 2 <= FRAMES_MAX && s->size + 2 * TAP_FRAME_SIZE_MAX <= BATCH_SIZE;
}

static void fill_batch(struct dnstap_sink *s)
{
	const struct tap_record *record;
	s->frame_count = s->size = 0;
	while (has_room(s) && (record = drain_peek(&s->drain))) {
		add_frame(s, tap_frame_query(&s->form, record, s->batch + s->size));
		add_frame(s, tap_frame_answer(&s->form, record, s->batch + s->size));
		drain_release(&s->drain);
	}
}

/* Sends all that is there; false when the reader is gone. */
static bool send_all(struct dnstap_sink *s)
{
	for (;;) {
		if (is_gone(s))
			return false;
		fill_batch(s);
		if (s->frame_count == 0)
			return true;
		bool is_sent = frame_stream_write(s->stream, s->frames, s->frame_count) == OK;
		dns_count_by(s->stats, is_sent ? DNS_DNSTAP_FRAMES : DNS_DNSTAP_LOST,
		             (int64_t)s->frame_count);
		if (!is_sent)
			return false;
	}
}

static void *run(void *context)
{
	struct dnstap_sink *s = context;
	while (!drain_is_stopping(&s->drain)) {
		if (!s->stream && !connect_reader(s)) {
			drain_pause(&s->drain, RETRY_US);
			continue;
		}
		drain_wait(&s->drain, frame_stream_fd(s->stream));
		if (!drain_is_stopping(&s->drain) && !send_all(s))
			disconnect(s);
	}
	if (s->stream) {
		frame_stream_hurry(s->stream, FINISH_US);
		(void)send_all(s);
	}
	disconnect(s);
	return NULL;
}

static void set_form(struct dnstap_sink *s, const struct dnstap_options *o)
{
	const char *identity = o->identity;
	if (!identity && uname(&s->host) == 0)
		identity = s->host.nodename;
	s->form = (struct tap_frames){.identity = view_text(identity),
	                              .version = view_text("writ " WRIT_VERSION),
	                              .clients = (enum tap_clients)o->clients};
}

int dnstap_sink_start(const struct dnstap_options *o, size_t workers, struct dns_stats *stats,
                      struct dnstap_sink **ret)
{
	struct dnstap_sink *s = calloc(1, sizeof(*s));
	int code = s ? drain_open(&s->drain, workers, (size_t)o->queue_size) : -ENOMEM;
	if (code < 0) {
		free(s);
		return code;
	}
	s->stats = stats;
	s->to = (struct frame_stream_target){.path = o->socket,
	                                     .tcp = o->tcp,
	                                     .content = DNSTAP_CONTENT_TYPE,
	                                     .stop_fd = s->drain.stop_fd};
	set_form(s, o);
	code = thread_start(&s->thread, run, s);
	s->is_started = code == OK;
	if (code < 0)
		dnstap_sink_stop(s);
	else
		*ret = s;
	return code;
}

struct tap_queue *dnstap_sink_queue(const struct dnstap_sink *s, size_t worker)
{
	return s->drain.queues[worker];
}

void dnstap_sink_stop(struct dnstap_sink *s)
{
	if (!s)
		return;
	drain_stop(&s->drain);
	if (s->is_started)
		pthread_join(s->thread, NULL);
	drain_close(&s->drain);
	free(s);
}
