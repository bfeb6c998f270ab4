/* pending.h - questions on their way to the upstream, and who waits for each.
 *
 * What:    equal questions become one: the first asks, the others wait beside it. Tables of fixed size;
 *          what finds no room is refused at once. Pure.
 * Owns:    a copy of each waiter's query.
 * Life:    a question lives until pending_end(), though all who waited for it may have left: an answer
 *          that comes late is still worth keeping.
 * Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "gate/dns/redirect.h"
#include "gate/dns/transport.h"
#include "net/datagram.h"
#include "wire/dns_message.h"
#include "wire/dns_query.h"

enum { PENDING_OPTIONS_SIZE = 64 };

struct known;

/* Asks for itself and not for a client: it is told what came, NULL when nothing came in time. `redirect` is set
 * when what came is of the alias of a block. */
struct probe {
	void (*answered)(struct probe *probe, const struct known *known,
	                 const struct dns_redirect *redirect);
};

/* Where an answer goes. */
struct origin {
	struct probe *probe; /* NULL: to the client below */
	struct address client;
	enum dns_transport transport;
	struct udp_peer peer;
	/* connections: */
	uint32_t connection, generation, stream;
	int64_t idle_us; /* as of struct dns_client */
};

struct waiter {
	/* what it points to is in the waiter: `packet` is empty, `edns.options` has the short ones */
	struct dns_query query;
	struct origin origin;
	struct dns_redirect redirect;
	int64_t until_us;
	bool is_answered; /* for the caller: it waits no longer, though it has its place */
	/* below: private */
	uint8_t question[DNS_QUESTION_SIZE_MAX];
	uint8_t options[PENDING_OPTIONS_SIZE];
	uint32_t of;           /* the question waited for */
	uint32_t next;         /* of the same question, or of the free ones */
	uint32_t older, newer; /* of all */
};

struct pending_limits {
	uint32_t questions, waiters;
	int64_t timeout_us; /* how long one waits */
	int64_t late_us;    /* when that is long */
};

struct pending;

/* -ENOMEM. */
int pending_new(const struct pending_limits *limits, uint64_t seed,
                struct pending **ret) must_check;
void pending_free(struct pending *p);
DEFINE_CLEANUP(pending, struct pending *, pending_free);

enum { PENDING_JOINED = 0, PENDING_FIRST = 1 };

/* `query` waits for the answer to what is asked, which is mostly its own question.
 * PENDING_FIRST when the caller must ask the upstream, with *ret_question for pending_end();
 * PENDING_JOINED when that is under way; ERR_LIMIT when a table is full. */
int pending_join(struct pending *p, const struct dns_asked *asked, const struct dns_query *query,
                 const struct origin *origin, int64_t now_us, uint32_t *ret_question) must_check;
/* The same with nobody waiting, while no more than half of the table is used. */
int pending_begin(struct pending *p, const struct dns_question *question,
                  uint32_t *ret_question) must_check;
/* Takes the next waiter off the question; NULL after the last. It is valid until the next call of
 * any function here. */
const struct waiter *pending_next(struct pending *p, uint32_t question);
/* Forgets the question, and whoever waits for it still. */
void pending_end(struct pending *p, uint32_t question);
/* Takes off a waiter whose time is up; NULL when there is none. */
const struct waiter *pending_expired(struct pending *p, int64_t now_us);

/* Returns each waiter once that has waited for long; NULL when there is none at the moment. It stays. */
struct waiter *pending_late(struct pending *p, int64_t now_us);

uint32_t pending_waiters(const struct pending *p);
