/* fetcher.h - the lists of the fetch role, their times and transfers.
 *
 * Owns:    fetcher_done() releases all.
 * Fails:   as fetch_list.h.
 * Limits:  FETCHES_MAX transfers at a time; the others wait.
 * Threads: one. */
#pragma once

#include "daemon/fetch_list.h"
#include "daemon/memory.h"

enum { FETCHES_MAX = 4 };

struct fetch_slot {
	struct fetch_list list;
	struct fetch_tags tags; /* of the request under way */
	int64_t due_us;
	bool is_running, is_offered;
	bool in_round; /* of offers that the parent is trying */
	bool is_asked; /* an administrator waits for it, */
	bool is_owed;  /* and the server has not been asked since */
};

struct fetcher {
	const char *folder; /* borrowed */
	int64_t timeout_us;
	struct https_client *client;
	struct arena arena; /* of the subscriptions */
	struct fetch_slot *slots;
	size_t count, running;
	bool in_round;
	int64_t offer_at_us; /* not before */
};

/* Takes over a new set; what was under way is dropped and due again. */
int fetcher_set(struct fetcher *f, struct view subscriptions, int64_t now_us) must_check;
void fetcher_done(struct fetcher *f);

/* Starts what is due, takes what has ended. */
int fetcher_work(struct fetcher *f, int64_t now_us) must_check;
/* When fetcher_work() or fetcher_offers() has something to do again. */
int64_t fetcher_next_us(const struct fetcher *f);

/* True when the parent is to be told of offers now: that begins a round. */
bool fetcher_offers(struct fetcher *f, int64_t now_us);
/* The round ends. `why` of NULL: taken; else they are held for that reason. */
int fetcher_settle(struct fetcher *f, const char *why) must_check;
/* The round ends, and is to be tried again later. */
void fetcher_postpone(struct fetcher *f, int64_t now_us);

/* Asks for one list now, or for all (""). ERR_MISSING when there is none of that id. */
int fetcher_refresh(struct fetcher *f, struct view id, int64_t now_us) must_check;
/* ERR_MISSING when there is none of that id, or nothing of it is held; -EAGAIN while it is being fetched. */
int fetcher_accept(struct fetcher *f, struct view id, int64_t now_us) must_check;
/* Whether what was asked for by these two is done. */
bool fetcher_is_idle(const struct fetcher *f);
