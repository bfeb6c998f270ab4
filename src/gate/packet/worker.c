#include "gate/packet/worker.h"

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "gate/packet/worker_internal.h"
#include "net/thread.h"

enum {
	BATCHES_A_TURN = 8, /* before others of this thread have their turn */
	TICK_MS = 250,
	JOB_WAIT_S = 1,
	ENDS_A_TURN = 64,
};

static struct packet_now now_of(void)
{
	return (struct packet_now){clock_now_us(), clock_monotonic_us()};
}

/* Returns when it was done with the packet. */
static int64_t take(struct packet_worker *w, const struct flow_packet *p,
                    const struct packet_now *now, int64_t begun_ns)
{
	packet_core_take(w->core, p, now, &w->decision);
	int64_t done_ns = clock_monotonic_ns();
	histogram_add(&w->setup.core.stats->time, packet_time_bounds_ns, done_ns - begun_ns);
	return done_ns;
}

static int serve_queue(struct packet_worker *w)
{
	int count = nfqueue_receive(w->queue, w->batch, WORKER_BATCH);
	if (count <= 0)
		return count;
	struct packet_now now = now_of();
	int64_t begun_ns = clock_monotonic_ns();
	packet_count(w->setup.core.stats, PACKET_BATCHES);
	for (int i = 0; i < count; i++) {
		const struct nfqueue_packet *p = &w->batch[i];
		struct flow_packet packet = worker_packet(w, p, now.steady_us);
		begun_ns = take(w, &packet, &now, begun_ns);
		worker_decide(w, p, &w->decision);
	}
	int r = nfqueue_flush(w->queue);
	return r < 0 ? r : count;
}

static int serve_capture(struct packet_worker *w, struct packet_capture *capture)
{
	int count = (int)packet_capture_receive(capture, w->captured, WORKER_BATCH);
	if (count == 0)
		return 0;
	struct packet_now now = now_of();
	int64_t begun_ns = clock_monotonic_ns();
	packet_count(w->setup.core.stats, PACKET_BATCHES);
	for (int i = 0; i < count; i++) {
		const struct captured_packet *p = &w->captured[i];
		struct flow_packet packet = {.bytes = p->bytes,
		                             .now_us = now.steady_us,
		                             .checksum_is_open = p->checksum_is_open};
		now.wall_us = p->at_us;
		begun_ns = take(w, &packet, &now, begun_ns);
	}
	return count;
}

/* A batch that is not full has emptied it. An error is one of the moment: the kernel is asked again. */
static void serve(struct packet_worker *w, unsigned source)
{
	int count = WORKER_BATCH;
	for (int i = 0; i < BATCHES_A_TURN && count == WORKER_BATCH; i++)
		count = w->queue ? serve_queue(w) : serve_capture(w, w->captures[source]);
}

static void hear_ends(struct packet_worker *w)
{
	struct conntrack_end ends[ENDS_A_TURN];
	struct packet_now now = now_of();
	int count = conntrack_receive(w->ends, ends, ENDS_A_TURN);
	for (int i = 0; i < count; i++) {
		struct packet_carried carried = worker_carried(&ends[i]);
		packet_core_ended(w->core, &ends[i].key, &carried, &now);
	}
}

static void tick(struct packet_worker *w)
{
	struct packet_now now = now_of();
	if (now.steady_us < w->tick_us)
		return;
	w->tick_us = now.steady_us + TICK_MS * INT64_C(1000);
	packet_core_tick(w->core, &now);
	worker_count(w);
}

static void on_wake(struct packet_worker *w)
{
	uint64_t count;
	(void)!read(w->wake_fd, &count, sizeof(count));
	const struct policy *policy = atomic_exchange(&w->policy_next, NULL);
	if (policy) {
		packet_core_set_policy(w->core, policy);
		sem_post(&w->policy_done);
	}
	struct worker_job *job = atomic_exchange(&w->job, NULL);
	if (job) {
		job->call(job->context, w->core);
		sem_post(&w->job_done);
	}
}

static void *run(void *context)
{
	struct packet_worker *w = context;
	enum { WAKE, ENDS, SOURCES };
	struct pollfd fds[SOURCES + WORKER_SOURCES_MAX] = {
		[WAKE] = {w->wake_fd, POLLIN, 0},
		[ENDS] = {w->ends ? conntrack_fd(w->ends) : -1, POLLIN, 0}};
	for (unsigned i = 0; i < w->source_count; i++)
		fds[SOURCES + i] = (struct pollfd){worker_source_fd(w, i), POLLIN, 0};
	while (!atomic_load(&w->stops)) {
		int ready = poll(fds, SOURCES + w->source_count, TICK_MS);
		for (unsigned i = 0; ready > 0 && i < w->source_count; i++) {
			if (fds[SOURCES + i].revents)
				serve(w, i);
		}
		if (ready > 0 && fds[ENDS].revents)
			hear_ends(w);
		if (ready > 0 && fds[WAKE].revents)
			on_wake(w);
		tick(w);
	}
	return NULL;
}

int packet_worker_new(const struct worker_setup *setup, struct packet_worker **ret)
{
	cleanup(packet_worker) struct packet_worker *w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	sem_init(&w->policy_done, 0, 0);
	sem_init(&w->job_done, 0, 0);
	w->setup = *setup;
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake_fd < 0)
		return -errno;
	int r = packet_core_new(&setup->core, &w->core);
	if (r >= 0)
		r = worker_open(w);
	if (r < 0)
		return r;
	*ret = take_ptr(w);
	return OK;
}

int packet_worker_start(struct packet_worker *w)
{
	int r = thread_start(&w->thread, run, w);
	w->is_started = r == OK;
	return r;
}

static void wake(struct packet_worker *w)
{
	uint64_t one = 1;
	(void)!write(w->wake_fd, &one, sizeof(one));
}

static void wait_done(sem_t *done)
{
	while (sem_wait(done) < 0 && errno == EINTR)
		;
}

void packet_worker_set_policy(struct packet_worker *w, const struct policy *policy)
{
	if (!w->is_started) {
		packet_core_set_policy(w->core, policy);
		return;
	}
	atomic_store(&w->policy_next, policy);
	wake(w);
	wait_done(&w->policy_done);
}

static int wait_job(struct packet_worker *w)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += JOB_WAIT_S;
	int r;
	while ((r = sem_timedwait(&w->job_done, &until)) < 0 && errno == EINTR)
		;
	return r < 0 ? -errno : OK;
}

int packet_worker_run(struct packet_worker *w,
                      void (*job)(void *context, const struct packet_core *core), void *context)
{
	struct worker_job asked = {job, context};
	if (!w->is_started) {
		job(context, w->core);
		return OK;
	}
	atomic_store(&w->job, &asked);
	wake(w);
	if (wait_job(w) == OK)
		return OK;
	if (atomic_exchange(&w->job, NULL)) /* it was not taken, and will not be */
		return -ETIMEDOUT;
	wait_done(&w->job_done);
	return OK;
}

void packet_worker_stop(struct packet_worker *w)
{
	if (!w->is_started)
		return;
	atomic_store(&w->stops, true);
	wake(w);
	pthread_join(w->thread, NULL);
	w->is_started = false;
}

void packet_worker_free(struct packet_worker *w)
{
	if (!w)
		return;
	packet_worker_stop(w);
	worker_close(w);
	packet_core_free(w->core);
	if (w->wake_fd >= 0)
		close(w->wake_fd);
	sem_destroy(&w->policy_done);
	sem_destroy(&w->job_done);
	free(w);
}
