/* ring.h - hands events from a gate to the recorder through shared memory; the gate never waits.
 *
 * What:    a bounded queue for one producer and one consumer, in a memfd that both map, and an eventfd
 *          that is signalled only when the queue was empty. A full ring drops the event and counts it.
 * Owns:    each side its mapping and its copies of the descriptors.
 * Trust:   the consumer trusts nothing that it reads: positions are compared with its own, records are
 *          copied out before they are checked. A producer that lies loses its own events; they are
 *          counted as refused.
 * Limits:  `capacity` slots, a power of two from 2 to RING_CAPACITY_MAX, fixed when it is made.
 * Threads: one producing, one consuming. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/event.h"

enum { RING_CAPACITY_MAX = 1 << 20 };

struct ring_shared; /* the layout in shared memory, ring.c */

struct ring {
	struct ring_shared *shared;
	int memory_fd, wake_fd;
	uint32_t capacity;
	uint64_t at;      /* this side's own position */
	uint64_t lost;    /* consumer: losses already reported */
	uint64_t refused; /* consumer: records and positions that were not valid */
};

/* Makes the memory; the maker hands memory_fd and wake_fd to the other process. ERR_LIMIT for a bad
 * capacity. */
int ring_create(uint32_t capacity, struct ring *ret) must_check;
/* Maps a ring that another process made; takes over both descriptors (also on failure). ERR_INVALID
 * when the memory is not a ring of that capacity. */
int ring_attach(int memory_fd, int wake_fd, uint32_t capacity, struct ring *ret) must_check;
void ring_done(struct ring *ring);
/* After ring_attach(): takes up the position of the process before this one on the same side. */
void ring_resume_producer(struct ring *ring);
void ring_resume_consumer(struct ring *ring);

/* Producer. False when the ring was full: the event is counted as lost. */
bool ring_put(struct ring *ring, const struct event_record *record);

/* Consumer. Takes the next valid record; false when there is none now. */
bool ring_take(struct ring *ring, struct event_record *ret);
/* How many records wait. A position that cannot be true is forgotten, and counted as refused. */
uint64_t ring_waiting(struct ring *ring);
/* Events lost since the last call. */
uint64_t ring_take_losses(struct ring *ring);
/* Records refused since the last call. */
uint64_t ring_take_refused(struct ring *ring);
/* Call before waiting for wake_fd to become readable: empties it. True when the ring is empty and the
 * producer is sure to signal the next event; false: take again first. */
bool ring_arm(struct ring *ring);
