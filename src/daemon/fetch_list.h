/* fetch_list.h - one fetched list: what becomes of an answer, of an offer, of a copy that is held.
 *
 * What:    the folder is the only memory (list_store.h). A content is written before the state that names it,
 *          and moved before the state that says so: after a crash fetch_list_open() puts both in line.
 * Owns:    nothing between two calls.
 * Fails:   as list_store.h: a folder that cannot be written. Whatever a server sends is no failure; it is
 *          in the state, as a sentence.
 * Threads: one; only the fetch role. */
#pragma once

#include "daemon/fetch_plan.h"
#include "daemon/subscription.h"
#include "net/https.h"

struct fetch_list {
	const char *folder; /* borrowed */
	const struct subscription *of;
};

enum fetch_outcome {
	FETCH_SAME,    /* what is in force is current */
	FETCH_OFFERED, /* a newer one waits for the parent */
	FETCH_HELD,    /* a newer one waits for the administrator */
	FETCH_FAILED
};

/* Tags of the copy that one has: a server of another url gets none. */
struct fetch_tags {
	char etag[HTTPS_TAG_MAX + 1], modified[HTTPS_TAG_MAX + 1];
};

/* At the start: whether an offer waits, and what is known for fetch_due(). */
int fetch_list_open(const struct fetch_list *l, bool *ret_offers,
                    struct fetch_past *ret) must_check;
int fetch_list_tags(const struct fetch_list *l, struct fetch_tags *ret) must_check;
/* `ret_sentence` says what it came to, for the log. */
int fetch_list_answer(const struct fetch_list *l, const struct https_answer *answer, int64_t now_us,
                      enum fetch_outcome *ret,
                      char ret_sentence[static HTTPS_SENTENCE_MAX]) must_check;
/* A policy was made with the offer: it is the copy now. */
int fetch_list_take(const struct fetch_list *l) must_check;
/* None could be made: it is held, for this reason. */
int fetch_list_hold(const struct fetch_list *l, const char *why) must_check;
/* The administrator accepts what is held: it is an offer now. ERR_MISSING when nothing is held. */
int fetch_list_accept(const struct fetch_list *l) must_check;
