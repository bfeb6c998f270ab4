#include "daemon/telemetry.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/dnstap_sink.h"
#include "daemon/query_log.h"

struct telemetry {
	struct dnstap_sink *dnstap;  /* or NULL */
	struct query_log *query_log; /* or NULL */
	unsigned workers;
	struct tap *taps[];
};

static int make_tap(struct telemetry *t, const struct dns_options *o, unsigned worker,
                    struct dns_stats *stats)
{
	struct tap_sink sinks[TAP_SINKS_MAX];
	size_t count = 0;
	if (t->dnstap)
		sinks[count++] = (struct tap_sink){.queue = dnstap_sink_queue(t->dnstap, worker),
		                                   .scope = (enum tap_scope)o->dnstap.queries,
		                                   .wants_unanswered = true,
		                                   .wants_forwarded = o->dnstap.upstream,
		                                   .dropped = DNS_DNSTAP_DROPPED};
	if (t->query_log)
		sinks[count++] = (struct tap_sink){.queue = query_log_queue(t->query_log, worker),
		                                   .scope = (enum tap_scope)o->query_log.queries,
		                                   .dropped = DNS_QUERY_LOG_DROPPED};
	return tap_new(sinks, count, &stats[worker], &t->taps[worker]);
}

static int start_sinks(struct telemetry *t, const struct dns_options *o, int fd,
                       struct dns_stats *stats)
{
	int code = OK;
	if (query_log_is_on(&o->query_log))
		code = query_log_start(&o->query_log, fd, t->workers, stats, &t->query_log);
	else
		cleanup_fd(&fd);
	if (code == OK && dnstap_is_on(&o->dnstap))
		code = dnstap_sink_start(&o->dnstap, t->workers, stats, &t->dnstap);
	return code;
}

int telemetry_start(const struct dns_options *o, unsigned workers, int query_log_fd,
                    struct dns_stats *stats, struct telemetry **ret)
{
	*ret = NULL;
	cleanup(telemetry) struct telemetry *t =
		calloc(1, sizeof(*t) + workers * sizeof(t->taps[0]));
	if (!t) {
		cleanup_fd(&query_log_fd);
		return -ENOMEM;
	}
	t->workers = workers;
	int code = start_sinks(t, o, query_log_fd, stats);
	if (code < 0 || (!t->dnstap && !t->query_log))
		return code;
	for (unsigned i = 0; code == OK && i < workers; i++)
		code = make_tap(t, o, i, stats);
	if (code == OK)
		*ret = take_ptr(t);
	return code;
}

struct tap *const *telemetry_taps(const struct telemetry *t)
{
	return t ? t->taps : NULL;
}

void telemetry_reopen(struct telemetry *t, int query_log_fd)
{
	if (t && t->query_log)
		query_log_reopen(t->query_log, query_log_fd);
	else
		cleanup_fd(&query_log_fd);
}

void telemetry_stop(struct telemetry *t)
{
	if (!t)
		return;
	dnstap_sink_stop(t->dnstap);
	query_log_stop(t->query_log);
	for (unsigned i = 0; i < t->workers; i++)
		tap_free(t->taps[i]);
	free(t);
}
