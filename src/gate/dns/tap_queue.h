/* tap_queue.h - finished queries on their way from a worker to the thread that writes them down.
 *
 * What:    a bounded queue of records of any length for one producer and one consumer, lock-free. The
 *          producer never waits: what finds no room is dropped and counted. An eventfd wakes a consumer
 *          that waits, and only then.
 * Owns:    its memory. Bytes of a record are copied in; a record taken out points into the queue until
 *          tap_queue_release(). The eventfd is the caller's: several queues may share it.
 * Threads: one producing, one consuming. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/endpoint.h"
#include "base/err.h"
#include "base/view.h"
#include "gate/dns/transport.h"
#include "policy/policy.h"

/* Where an answer came from; tap_source_names[] in the same order. */
enum tap_source { TAP_FROM_GATE, TAP_FROM_CACHE, TAP_FROM_UPSTREAM };
extern const char *const tap_source_names[]; /* "gate" "cache" "upstream" */

enum tap_part {
	TAP_NAME,  /* asked for, uncompressed and folded; empty when it could not be read */
	TAP_UNIT,  /* id of the client's unit */
	TAP_ORDER, /* ids of what led to a verdict other than allow */
	TAP_PRODUCT,
	TAP_IDENTIFIER,
	TAP_VALUE, /* of the identifier */
	TAP_QUERY, /* messages as they were */
	TAP_ANSWER,
	TAP_PARTS
};

struct tap_record {
	int64_t asked_at_us; /* wall clock */
	int64_t took_us;     /* until the answer; without one 0 */
	uint64_t reference;  /* that the answer to a blocked name gave, or 0 */
	struct address client;
	uint16_t type; /* of the question */
	enum dns_transport transport;
	enum tap_source source;
	struct endpoint
		server; /* one that is forwarded to: then this is a message to or from it, and has
	                         * nothing of a client, nor a verdict */
	bool is_served; /* else no network of the organisation holds the client: no verdict */
	bool is_by_address; /* the identifier is an address in the answer */
	enum verdict_action action;
	enum reason reason;
	uint32_t obligation; /* number in the order */
	struct view parts[TAP_PARTS];
};

struct tap_queue;

/* `size` bytes, at least; -ENOMEM. */
int tap_queue_new(size_t size, int wake_fd, struct tap_queue **ret) must_check;
void tap_queue_free(struct tap_queue *q);
DEFINE_CLEANUP(tap_queue, struct tap_queue *, tap_queue_free);

/* Producer. False when there was no room. */
bool tap_queue_put(struct tap_queue *q, const struct tap_record *record);

/* Consumer. NULL when there is none; valid until tap_queue_release(), which takes it off. */
const struct tap_record *tap_queue_peek(struct tap_queue *q);
void tap_queue_release(struct tap_queue *q);
/* Records dropped since the last call. */
uint64_t tap_queue_take_drops(struct tap_queue *q);
/* Before waiting for the eventfd: true when the queue is empty and the next record is sure to signal it. */
bool tap_queue_arm(struct tap_queue *q);
