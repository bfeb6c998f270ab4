#include "gate/packet/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "gate/packet/worker.h"

struct packet_gate {
	struct policy policies[2]; /* the one in use, and room for the next */
	unsigned used;
	struct watched *watched;
	unsigned worker_count;
	struct packet_worker *workers[];
};

unsigned packet_gate_workers(const struct packet_options *options)
{
	if (options->mode == PACKET_PASSIVE)
		return 1;
	if (options->queues > 0)
		return (unsigned)options->queues;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	return processors > 0 ? (unsigned)processors : 1;
}

/* What is random in all workers alike: a flow's code does not depend on who judged it. */
struct common {
	uint64_t seed;
	uint8_t reference_key[EVENT_REFERENCE_KEY_SIZE];
};

static int draw(void *bytes, size_t size)
{
	return getrandom(bytes, size, 0) == (ssize_t)size ? OK : -EIO;
}

static int make_worker(struct packet_gate *gate, const struct packet_gate_setup *setup,
                       const struct common *common, unsigned index)
{
	struct worker_setup worker = {
		.index = index,
		.hears_ends = index == 0 && setup->options->accounting,
		.core = {.options = setup->options,
	                 .block = setup->block,
	                 .cores = setup->workers,
	                 .policy = &gate->policies[0],
	                 .stats = &setup->stats[index],
	                 .ring = setup->rings ? setup->rings[index] : NULL,
	                 .watched = gate->watched,
	                 .learned = setup->learned,
	                 .seed = common->seed},
	};
	memcpy(worker.core.reference_key, common->reference_key, sizeof(worker.core.reference_key));
	return packet_worker_new(&worker, &gate->workers[index]);
}

int packet_gate_open(const struct packet_gate_setup *setup, struct packet_gate **ret)
{
	cleanup(packet_gate) struct packet_gate *gate =
		calloc(1, sizeof(*gate) + setup->workers * sizeof(gate->workers[0]));
	struct common common;
	if (!gate)
		return -ENOMEM;
	gate->worker_count = setup->workers;
	int r = draw(&common, sizeof(common));
	if (r >= 0)
		r = policy_open_checked(view_of(setup->policy_image, setup->policy_size),
		                        &gate->policies[0]);
	if (r >= 0)
		r = watched_new(common.seed, &gate->watched);
	for (unsigned i = 0; r >= 0 && i < setup->workers; i++)
		r = make_worker(gate, setup, &common, i);
	if (r < 0)
		return r;
	*ret = take_ptr(gate);
	return OK;
}

int packet_gate_start(struct packet_gate *gate)
{
	int r = OK;
	for (unsigned i = 0; r >= 0 && i < gate->worker_count; i++)
		r = packet_worker_start(gate->workers[i]);
	return r;
}

int packet_gate_swap_policy(struct packet_gate *gate, const void *image, size_t size)
{
	unsigned next = 1 - gate->used;
	int r = policy_open_checked(view_of(image, size), &gate->policies[next]);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < gate->worker_count; i++)
		packet_worker_set_policy(gate->workers[i], &gate->policies[next]);
	gate->used = next;
	return OK;
}

struct walk {
	uint32_t *cursor;
	uint32_t count;
	void (*each)(void *context, const struct flow_row *row);
	void *context;
	bool has_more;
};

static void walk_flows(void *context, const struct packet_core *core)
{
	struct walk *w = context;
	w->has_more =
		flow_table_walk(packet_core_flows(core), w->cursor, w->count, w->each, w->context);
}

int packet_gate_walk(struct packet_gate *gate, unsigned worker, uint32_t *cursor, uint32_t count,
                     void (*each)(void *context, const struct flow_row *row), void *context,
                     bool *ret_has_more)
{
	struct walk walk = {.cursor = cursor, .count = count, .each = each, .context = context};
	if (worker >= gate->worker_count)
		return ERR_INVALID;
	int r = packet_worker_run(gate->workers[worker], walk_flows, &walk);
	if (r >= 0)
		*ret_has_more = walk.has_more;
	return r;
}

void packet_gate_close(struct packet_gate *gate)
{
	if (!gate)
		return;
	for (unsigned i = 0; i < gate->worker_count; i++) {
		if (gate->workers[i])
			packet_worker_stop(gate->workers[i]);
	}
	for (unsigned i = 0; i < gate->worker_count; i++)
		packet_worker_free(gate->workers[i]);
	watched_free(gate->watched);
	free(gate);
}
