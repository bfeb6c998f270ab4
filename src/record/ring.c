#include "record/ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING_MAGIC UINT64_C(0x7772697472696e67) /* "writring" */

/* Each side writes its own cache line. Positions count records and never wrap in practice. */
struct ring_shared {
	uint64_t magic;
	uint64_t capacity;
	_Alignas(64) _Atomic uint64_t head; /* written by the producer */
	_Atomic uint64_t lost;
	_Alignas(64) _Atomic uint64_t tail; /* written by the consumer */
	_Alignas(64) struct event_record slots[];
};

static size_t memory_size(uint32_t capacity)
{
	return offsetof(struct ring_shared, slots) + (size_t)capacity * sizeof(struct event_record);
}

static bool capacity_is_valid(uint32_t capacity)
{
	return capacity >= 2 && capacity <= RING_CAPACITY_MAX && (capacity & (capacity - 1)) == 0;
}

static int map(struct ring *ring)
{
	void *at = mmap(NULL, memory_size(ring->capacity), PROT_READ | PROT_WRITE, MAP_SHARED,
	                ring->memory_fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	ring->shared = at;
	return OK;
}

int ring_create(uint32_t capacity, struct ring *ret)
{
	struct ring ring = {.memory_fd = -1, .wake_fd = -1, .capacity = capacity};
	if (!capacity_is_valid(capacity))
		return ERR_LIMIT;
	ring.memory_fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ring.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int err =
		ring.memory_fd < 0 || ring.wake_fd < 0 ||
				ftruncate(ring.memory_fd, (off_t)memory_size(capacity)) < 0 ||
				/* a peer that could shrink it could kill us with SIGBUS */
				fcntl(ring.memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0
			? -errno
			: map(&ring);
	if (err < 0) {
		ring_done(&ring);
		return err;
	}
	ring.shared->magic = RING_MAGIC;
	ring.shared->capacity = capacity;
	*ret = ring;
	return OK;
}

static int check_memory(int fd, uint32_t capacity)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	int seals = fcntl(fd, F_GET_SEALS);
	bool sealed = seals >= 0 && (seals & F_SEAL_SHRINK);
	return sealed && (uint64_t)st.st_size == memory_size(capacity) ? OK : ERR_INVALID;
}

int ring_attach(int memory_fd, int wake_fd, uint32_t capacity, struct ring *ret)
{
	struct ring ring = {.memory_fd = memory_fd, .wake_fd = wake_fd, .capacity = capacity};
	int err = capacity_is_valid(capacity) ? check_memory(memory_fd, capacity) : ERR_LIMIT;
	if (err == OK)
		err = map(&ring);
	if (err == OK && (ring.shared->magic != RING_MAGIC || ring.shared->capacity != capacity))
		err = ERR_INVALID;
	if (err < 0) {
		ring_done(&ring);
		return err;
	}
	/* a restarted gate or recorder goes on where the one before it was */
	ring.lost = atomic_load(&ring.shared->lost);
	*ret = ring;
	return OK;
}

void ring_done(struct ring *ring)
{
	if (ring->shared)
		(void)munmap(ring->shared, memory_size(ring->capacity));
	if (ring->memory_fd >= 0)
		close(ring->memory_fd);
	if (ring->wake_fd >= 0)
		close(ring->wake_fd);
	*ring = (struct ring){.memory_fd = -1, .wake_fd = -1};
}

void ring_resume_producer(struct ring *ring)
{
	ring->at = atomic_load(&ring->shared->head);
}

void ring_resume_consumer(struct ring *ring)
{
	ring->at = atomic_load(&ring->shared->tail);
}

bool ring_put(struct ring *ring, const struct event_record *record)
{
	struct ring_shared *shared = ring->shared;
	uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
	if (ring->at - tail >= ring->capacity) {
		atomic_fetch_add_explicit(&shared->lost, 1, memory_order_relaxed);
		return false;
	}
	shared->slots[ring->at & (ring->capacity - 1)] = *record;
	ring->at++;
	/* the store and the load after it must not change places, or both sides could sleep */
	atomic_store(&shared->head, ring->at);
	if (atomic_load(&shared->tail) == ring->at - 1) {
		uint64_t one = 1;
		ssize_t done = write(ring->wake_fd, &one, sizeof(one));
		(void)done; /* full: it is readable already */
	}
	return true;
}

uint64_t ring_waiting(struct ring *ring)
{
	uint64_t head = atomic_load(&ring->shared->head);
	uint64_t count = head - ring->at;
	if (count <= ring->capacity)
		return count;
	ring->refused++;
	ring->at = head;
	atomic_store(&ring->shared->tail, head);
	return 0;
}

bool ring_take(struct ring *ring, struct event_record *ret)
{
	while (ring_waiting(ring) > 0) {
		struct event_record copy = ring->shared->slots[ring->at & (ring->capacity - 1)];
		/* the copy is judged, so it must be made once, whatever the producer writes meanwhile */
		__asm__ volatile("" : "+m"(copy));
		ring->at++;
		atomic_store(&ring->shared->tail, ring->at);
		if (event_record_is_valid(&copy)) {
			*ret = copy;
			return true;
		}
		ring->refused++;
	}
	return false;
}

uint64_t ring_take_losses(struct ring *ring)
{
	uint64_t lost = atomic_load(&ring->shared->lost);
	uint64_t fresh = lost >= ring->lost ? lost - ring->lost : 0;
	ring->lost = lost;
	return fresh;
}

uint64_t ring_take_refused(struct ring *ring)
{
	uint64_t refused = ring->refused;
	ring->refused = 0;
	return refused;
}

bool ring_arm(struct ring *ring)
{
	uint64_t count;
	ssize_t got = read(ring->wake_fd, &count, sizeof(count));
	(void)got; /* nothing to read is fine */
	return ring_waiting(ring) == 0;
}
