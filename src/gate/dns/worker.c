#include "gate/dns/worker.h"

#include <assert.h>
#include <errno.h>
#include <semaphore.h>
#include <uv.h>

#include "gate/dns/exchange.h"
#include "gate/dns/renewals.h"
#include "gate/dns/streams.h"
#include "net/proxies.h"
#include "net/thread.h"
#include "net/udp_batch.h"

enum {
	BATCHES_A_TURN = 8,   /* of one socket, before others have their turn */
	RENEWALS_A_TURN = 16, /* many end with the same second */
};

struct listened {
	uv_poll_t poll;
	struct datagram_source *source;
	struct udp_source socket; /* the source, unless it is an interface's queue */
	struct worker *worker;
};

struct worker {
	struct dns_stats *stats;
	uv_loop_t loop;
	uv_async_t wake;
	uv_timer_t renewal;
	int64_t renewal_us; /* when it is set for; RENEWALS_NEVER: not */
	struct dns_core *core;
	struct exchange *exchange;
	struct job_worker job_worker;
	struct streams *streams;
	struct proxies proxies;
	struct udp_batch *sockets_batch;
	struct datagram batch[UDP_BATCH];
	struct dns_query queries[UDP_BATCH]; /* of the batch */
	enum dns_query_verdict parsed[UDP_BATCH];
	struct listened listened[WORKER_SOURCES_MAX];
	unsigned listened_count;
	pthread_t thread;
	bool is_started, has_loop, has_wake;
	/* between threads */
	_Atomic(const struct policy *) policy_next;
	_Atomic(struct ssl_ctx_st *) tls_next[DNS_TRANSPORTS];
	_Atomic(const struct job *) job;
	_Atomic bool stops;
	sem_t done; /* the worker has seen what it was woken for */
};

/* The loop serves its sockets between two calls. */
static void work(struct worker *w)
{
	const struct job *job = atomic_load(&w->job);
	if (!job)
		return;
	switch (job->step(&w->job_worker, job->context)) {
	case JOB_DONE:
		atomic_store(&w->job, NULL);
		sem_post(&w->done);
		return;
	case JOB_AGAIN: uv_async_send(&w->wake); return;
	case JOB_WAITS: return;
	}
}

static void go_on(struct job_worker *worker)
{
	void *at = (char *)worker - offsetof(struct worker, job_worker);
	struct worker *w = at;
	uv_async_send(&w->wake);
}

static void on_wake(uv_async_t *wake)
{
	struct worker *w = wake->data;
	const struct policy *next = atomic_exchange(&w->policy_next, NULL);
	if (next) {
		dns_core_set_policy(w->core, next);
		sem_post(&w->done);
	}
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++) {
		struct ssl_ctx_st *tls = atomic_exchange(&w->tls_next[i], NULL);
		if (tls) {
			streams_set_tls(w->streams, (enum dns_transport)i, tls);
			sem_post(&w->done);
		}
	}
	work(w);
	if (atomic_load(&w->stops))
		uv_stop(&w->loop);
}

static void on_delivery(void *context, const struct origin *origin, struct view answer)
{
	struct worker *w = context;
	if (origin->transport != DNS_OVER_UDP)
		streams_answer(w->streams, origin, answer);
	else if (answer.size && udp_send(&origin->peer, answer) < 0)
		dns_count(w->stats, DNS_SEND_FAILED);
}

static size_t answer_udp(struct worker *w, const struct datagram_source *source, int i,
                         const struct dns_moment *now)
{
	const struct datagram *d = &w->batch[i];
	struct dns_client client = {.address = d->client};
	const struct dns_query *query = &w->queries[i];
	if (d->query.size == 0)
		return 0;
	int size =
		dns_core_answer(w->core, w->parsed[i], query, &client, now, d->room, d->room_size);
	if (size != DNS_CORE_ASK)
		return (size_t)size;
	struct origin origin = {.client = client.address};
	source->peer(source, i, &origin.peer);
	return exchange_ask(w->exchange, query, &origin, now, d->room, d->room_size);
}

/* Leaves nothing of a datagram that is not answered. */
static void open_datagram(struct worker *w, struct datagram *d)
{
	bool is_whole = d->query.size && d->client.size;
	if (is_whole && (w->proxies.count == 0 || proxies_open(&w->proxies, d)))
		return;
	dns_count(w->stats, is_whole ? DNS_PROXY_REFUSED : DNS_MALFORMED_CUT);
	d->query.size = 0;
}

/* Reads all queries before the first is answered: the cache is far larger than the processor's, and this
 * way its memory comes for all of them at once. */
static void read_batch(struct worker *w, int count)
{
	for (int i = 0; i < count; i++) {
		open_datagram(w, &w->batch[i]);
		w->parsed[i] = dns_query_parse(w->batch[i].query, &w->queries[i]);
		if (w->parsed[i] == DNS_QUERY_OK)
			dns_core_expect(w->core, &w->queries[i], DNS_EXPECT_PLACE);
	}
	for (int i = 0; i < count; i++) {
		if (w->parsed[i] == DNS_QUERY_OK)
			dns_core_expect(w->core, &w->queries[i], DNS_EXPECT_ANSWER);
	}
}

static void on_renewal(uv_timer_t *timer);

/* Rounded up; at least one, so that others have their turn. */
static uint64_t ms_until(int64_t at_us, const struct dns_moment *now)
{
	return at_us > now->steady_us ? (uint64_t)(at_us - now->steady_us + 999) / 1000 : 1;
}

static void renew(struct worker *w, const struct dns_moment *now)
{
	struct dns_question question;
	for (int i = 0; i < RENEWALS_A_TURN && dns_core_renewal(w->core, now, &question); i++)
		exchange_renew(w->exchange, &question, now);
	int64_t next_us = dns_core_renewal_us(w->core);
	if (next_us == w->renewal_us)
		return;
	w->renewal_us = next_us;
	if (next_us == RENEWALS_NEVER)
		uv_timer_stop(&w->renewal);
	else
		uv_timer_start(&w->renewal, on_renewal, ms_until(next_us, now), 0);
}

static void on_renewal(uv_timer_t *timer)
{
	struct worker *w = timer->data;
	struct dns_moment now = dns_moment_now();
	w->renewal_us = RENEWALS_NEVER;
	renew(w, &now);
}

static int serve_batch(struct listened *l)
{
	struct worker *w = l->worker;
	int count = l->source->receive(l->source, w->batch);
	if (count <= 0)
		return count;
	struct dns_moment now = dns_moment_now();
	dns_count_by(w->stats, DNS_QUERIES_UDP, count);
	if (l->source != &l->socket.base)
		dns_count_by(w->stats, DNS_QUERIES_XDP, count);
	read_batch(w, count);
	for (int i = 0; i < count; i++)
		w->batch[i].answer_size = answer_udp(w, l->source, i, &now);
	dns_count_by(w->stats, DNS_SEND_FAILED, l->source->send(l->source, w->batch, count));
	renew(w, &now);
	return count;
}

static void on_datagrams(uv_poll_t *poll, int status, int events)
{
	struct listened *l = poll->data;
	(void)status, (void)events;
	/* a batch that is not full has emptied the source */
	for (int i = 0; i < BATCHES_A_TURN && serve_batch(l) == UDP_BATCH; i++)
		;
}

static int on_stream_query(void *context, struct dns_client *client, const struct origin *origin,
                           struct view packet, uint8_t room[static SESSION_ANSWER_SIZE_MAX])
{
	struct worker *w = context;
	struct dns_moment now = dns_moment_now();
	struct dns_query query;
	int size = dns_core_query(w->core, packet, client, &now, &query, room,
	                          SESSION_ANSWER_SIZE_MAX);
	renew(w, &now);
	if (size != DNS_CORE_ASK)
		return size;
	size_t asked =
		exchange_ask(w->exchange, &query, origin, &now, room, SESSION_ANSWER_SIZE_MAX);
	return asked ? (int)asked : SESSION_LATER;
}

static int make_parts(struct worker *w, const struct worker_setup *setup)
{
	struct dns_core_setup core = {.options = setup->options,
	                              .policy = setup->policy,
	                              .stats = setup->stats,
	                              .ring = setup->ring,
	                              .tap = setup->tap,
	                              .names = setup->names,
	                              .cache_size = setup->cache_size,
	                              .seed = setup->seed};
	memcpy(core.reference_key, setup->reference_key, sizeof(core.reference_key));
	memcpy(core.cookie_key, setup->cookie_key, sizeof(core.cookie_key));
	int r = dns_core_new(&core, &w->core);
	if (r < 0)
		return r;
	struct exchange_setup exchange = {.loop = &w->loop,
	                                  .core = w->core,
	                                  .options = setup->options,
	                                  .stats = setup->stats,
	                                  .tap = setup->tap,
	                                  .seed = setup->seed,
	                                  .deliver = on_delivery,
	                                  .context = w};
	r = exchange_new(&exchange, &w->exchange);
	if (r < 0)
		return r;
	w->job_worker = (struct job_worker){setup->index, w->core, w->exchange, go_on};
	struct streams_setup streams = {.loop = &w->loop,
	                                .options = setup->options,
	                                .stats = setup->stats,
	                                .seed = setup->seed,
	                                .connections_max = setup->connections_max,
	                                .start_us = setup->start_us,
	                                .query = on_stream_query,
	                                .context = w};
	memcpy(streams.ticket_seed, setup->ticket_seed, sizeof(streams.ticket_seed));
	r = streams_new(&streams, &w->streams);
	return r < 0 ? r : udp_batch_new(&w->sockets_batch);
}

int worker_new(const struct worker_setup *setup, struct worker **ret)
{
	cleanup(worker) struct worker *w = calloc(1, sizeof(*w));
	if (!w || sem_init(&w->done, 0, 0) < 0)
		return -ENOMEM;
	w->stats = setup->stats;
	w->proxies = (struct proxies){setup->options->proxy.from.items,
	                              setup->options->proxy.from.count};
	int r = uv_loop_init(&w->loop);
	if (r < 0)
		return r;
	w->has_loop = true;
	r = uv_async_init(&w->loop, &w->wake, on_wake);
	if (r < 0)
		return r;
	w->has_wake = true;
	w->wake.data = w;
	uv_timer_init(&w->loop, &w->renewal);
	w->renewal.data = w;
	w->renewal_us = RENEWALS_NEVER;
	r = make_parts(w, setup);
	if (r < 0)
		return r;
	*ret = take_ptr(w);
	return OK;
}

static int watch(struct worker *w, struct listened *l, struct datagram_source *source)
{
	int r = uv_poll_init(&w->loop, &l->poll, source->fd);
	if (r < 0)
		return r;
	w->listened_count++;
	l->source = source;
	l->worker = w;
	l->poll.data = l;
	return uv_poll_start(&l->poll, UV_READABLE, on_datagrams);
}

/* NULL when no more are allowed. */
static struct listened *next_place(struct worker *w)
{
	return w->listened_count < WORKER_SOURCES_MAX ? &w->listened[w->listened_count] : NULL;
}

static int listen_udp(struct worker *w, int fd)
{
	struct listened *l = next_place(w);
	int r = l ? udp_source_open(w->sockets_batch, fd, &l->socket) : ERR_LIMIT;
	return r < 0 ? r : watch(w, l, &l->socket.base);
}

int worker_add_source(struct worker *w, struct datagram_source *source)
{
	struct listened *l = next_place(w);
	return l ? watch(w, l, source) : ERR_LIMIT;
}

int worker_listen(struct worker *w, int fd, enum dns_transport transport)
{
	return transport == DNS_OVER_UDP ? listen_udp(w, fd)
	                                 : streams_listen(w->streams, fd, transport);
}

static void *run(void *context)
{
	struct worker *w = context;
	uv_run(&w->loop, UV_RUN_DEFAULT);
	return NULL;
}

int worker_start(struct worker *w)
{
	int r = thread_start(&w->thread, run, w);
	w->is_started = r == OK;
	return r;
}

/* Until the worker has taken what it was given. */
static void wake_and_wait(struct worker *w)
{
	uv_async_send(&w->wake);
	while (sem_wait(&w->done) < 0 && errno == EINTR)
		;
}

void worker_set_policy(struct worker *w, const struct policy *policy)
{
	if (!w->is_started) {
		dns_core_set_policy(w->core, policy);
		return;
	}
	atomic_store(&w->policy_next, policy);
	wake_and_wait(w);
}

int worker_set_certificate(struct worker *w, enum dns_transport transport, struct view pem)
{
	struct ssl_ctx_st *tls;
	int r = streams_make_tls(w->streams, transport, pem, &tls);
	if (r < 0)
		return r;
	if (!w->is_started) {
		streams_set_tls(w->streams, transport, tls);
		return OK;
	}
	atomic_store(&w->tls_next[transport], tls);
	wake_and_wait(w);
	return OK;
}

void worker_run(struct worker *w, const struct job *job)
{
	assert(w->is_started);
	atomic_store(&w->job, job);
	wake_and_wait(w);
}

void worker_stop(struct worker *w)
{
	if (!w->is_started)
		return;
	atomic_store(&w->stops, true);
	uv_async_send(&w->wake);
	pthread_join(w->thread, NULL);
	w->is_started = false;
}

/* Closes every handle; they free what they belong to while the loop runs for the last time. */
static void close_loop(struct worker *w)
{
	for (unsigned i = 0; i < w->listened_count; i++)
		uv_close((uv_handle_t *)&w->listened[i].poll, NULL);
	if (w->has_wake) {
		uv_close((uv_handle_t *)&w->wake, NULL);
		uv_close((uv_handle_t *)&w->renewal, NULL);
	}
	uv_run(&w->loop, UV_RUN_DEFAULT);
	uv_loop_close(&w->loop);
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	worker_stop(w);
	exchange_free(w->exchange);
	streams_close(w->streams);
	if (w->has_loop)
		close_loop(w);
	streams_free(w->streams);
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++)
		tls_context_free(w->tls_next[i]);
	dns_core_free(w->core);
	udp_batch_free(w->sockets_batch);
	sem_destroy(&w->done);
	free(w);
}
