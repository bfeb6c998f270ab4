#include "gate/dns/tap_queue.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const tap_source_names[] = {"gate", "cache", "upstream"};

enum { SLOT_ALIGN = 64, QUEUE_SIZE_MIN = 4096 };

/* What lies in the queue: this, then the bytes of its parts. A slot is never broken at the memory's end: what
 * is left there becomes a filler, of which only the first member counts. */
struct slot {
	size_t size; /* of the whole; 0: a filler up to the end */
	struct tap_record record;
};

/* Each side writes its own cache line. Positions count bytes and never wrap in practice. */
struct tap_queue {
	size_t size; /* a power of two */
	int wake_fd;
	uint8_t *memory;
	_Alignas(64) _Atomic uint64_t head; /* written by the producer */
	_Atomic uint64_t dropped;
	_Alignas(64) _Atomic uint64_t tail; /* written by the consumer */
	_Atomic bool is_armed;
	uint64_t drops_taken;
};

int tap_queue_new(size_t size, int wake_fd, struct tap_queue **ret)
{
	cleanup(tap_queue) struct tap_queue *q =
		aligned_alloc(_Alignof(struct tap_queue), sizeof(*q));
	if (!q)
		return -ENOMEM;
	memset(q, 0, sizeof(*q));
	q->wake_fd = wake_fd;
	for (q->size = QUEUE_SIZE_MIN; q->size < size;)
		q->size *= 2;
	q->memory = aligned_alloc(SLOT_ALIGN, q->size);
	if (!q->memory)
		return -ENOMEM;
	*ret = take_ptr(q);
	return OK;
}

void tap_queue_free(struct tap_queue *q)
{
	if (!q)
		return;
	free(q->memory);
	free(q);
}

static size_t size_of(const struct tap_record *record)
{
	size_t size = sizeof(struct slot);
	for (int i = 0; i < TAP_PARTS; i++)
		size += record->parts[i].size;
	return (size + SLOT_ALIGN - 1) & ~(size_t)(SLOT_ALIGN - 1);
}

static struct slot *slot_at(const struct tap_queue *q, uint64_t position)
{
	void *at = q->memory + (position & (q->size - 1));
	return at;
}

static size_t left_before_end(const struct tap_queue *q, uint64_t position)
{
	return q->size - (position & (q->size - 1));
}

static void fill(struct slot *slot, size_t size, const struct tap_record *record)
{
	uint8_t *at = (uint8_t *)(slot + 1);
	slot->size = size;
	slot->record = *record;
	for (int i = 0; i < TAP_PARTS; i++) {
		struct view *part = &slot->record.parts[i];
		if (part->size)
			memcpy(at, part->bytes, part->size);
		part->bytes = at;
		at += part->size;
	}
}

/* Publishing and looking whether the other side sleeps must not change places, nor what
 * tap_queue_arm() does: so all four are sequentially consistent. */
static void publish(struct tap_queue *q, uint64_t head)
{
	uint64_t one = 1;
	atomic_store(&q->head, head);
	if (!atomic_load(&q->is_armed) || !atomic_exchange(&q->is_armed, false))
		return;
	ssize_t done = write(q->wake_fd, &one, sizeof(one));
	(void)done; /* full: it is readable already */
}

bool tap_queue_put(struct tap_queue *q, const struct tap_record *record)
{
	uint64_t head = atomic_load_explicit(&q->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&q->tail, memory_order_acquire);
	size_t size = size_of(record), left = left_before_end(q, head);
	size_t filler = size > left ? left : 0;
	if (head + filler + size - tail > q->size) {
		uint64_t dropped = atomic_load_explicit(&q->dropped, memory_order_relaxed);
		atomic_store_explicit(&q->dropped, dropped + 1, memory_order_relaxed);
		return false;
	}
	if (filler)
		slot_at(q, head)->size = 0;
	fill(slot_at(q, head + filler), size, record);
	publish(q, head + filler + size);
	return true;
}

const struct tap_record *tap_queue_peek(struct tap_queue *q)
{
	uint64_t head = atomic_load_explicit(&q->head, memory_order_acquire);
	uint64_t tail = atomic_load_explicit(&q->tail, memory_order_relaxed);
	if (head == tail)
		return NULL;
	const struct slot *slot = slot_at(q, tail);
	if (slot->size)
		return &slot->record;
	/* a slot follows a filler always */
	atomic_store_explicit(&q->tail, tail + left_before_end(q, tail), memory_order_release);
	return &slot_at(q, 0)->record;
}

void tap_queue_release(struct tap_queue *q)
{
	uint64_t tail = atomic_load_explicit(&q->tail, memory_order_relaxed);
	atomic_store_explicit(&q->tail, tail + slot_at(q, tail)->size, memory_order_release);
}

uint64_t tap_queue_take_drops(struct tap_queue *q)
{
	uint64_t dropped = atomic_load_explicit(&q->dropped, memory_order_relaxed);
	uint64_t fresh = dropped - q->drops_taken;
	q->drops_taken = dropped;
	return fresh;
}

bool tap_queue_arm(struct tap_queue *q)
{
	atomic_store(&q->is_armed, true);
	return atomic_load(&q->head) == atomic_load_explicit(&q->tail, memory_order_relaxed);
}
