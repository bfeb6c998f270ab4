/* states.h - where each finding of the evidence log stands, told from its entries in their order.
 *
 * What:    states_add() takes the entries of kind finding one by one; the latest says the state. states_erase() takes
 *          those of kind erase after them. Nothing is kept elsewhere, so the log alone proves it.
 *
 *	open        found, and nobody has said anything of it; also: found again after it was removed or gone
 *	accepted    it is under an exemption
 *	removed     somebody says that it was removed
 *	gone        a later run over the same kind of source did not find it
 *	forgotten   it was none of gone when the key of its month was erased: nobody can tell whom it is of, nor whether
 *	            what a later run finds is the same. No entry of a finding says it
 *
 * Owns:    states_free().
 * Fails:   -ENOMEM; ERR_LIMIT over STATES_MAX. An entry without what it must have is left out. */
#pragma once

#include "base/arena.h"
#include "base/cleanup.h"
#include "record/entry.h"

enum { STATES_MAX = 1000000, FINDING_ID_SIZE = 17 };

enum finding_status {
	FINDING_OPEN,
	FINDING_ACCEPTED,
	FINDING_REMOVED,
	FINDING_GONE,
	FINDING_FORGOTTEN,
	FINDING_STATUSES
};
extern const char
	*const finding_status_names[]; /* "open" "accepted" "removed" "gone" "forgotten" */

/* Texts are "" where there is none. */
struct finding_state {
	const char *id;
	enum finding_status status;
	/* as the latest run that found it says */
	const char *product, *facets, *identifier, *proves, *subject, *unit, *what, *where, *item,
		*format, *source, *period, *run;
	int64_t first_us, last_us; /* of all runs; TIME_MIN: not known */
	int64_t count;             /* of the latest run */
	/* of the latest change by a person or a run, or of the erasure by which it is forgotten */
	const char *actor, *reason, *assignee, *exemption;
	int64_t since_us, changed_us; /* entries: the first, the latest */
	uint64_t entry;               /* the latest */
	uint64_t found_entry;         /* the latest of a run that found it */
};

/* Whether it names nobody, and the log has its texts byte for byte: they tell it from others without a key. */
bool finding_state_is_nameless(const struct finding_state *f);

struct states;

int states_new(struct states **ret) must_check;
void states_free(struct states *s);
DEFINE_CLEANUP(states, struct states *, states_free);
int states_add(struct states *s, uint64_t number, const struct entry *e) must_check;
int states_erase(struct states *s, uint64_t number, const struct entry *e) must_check;
size_t states_count(const struct states *s);
/* In the order in which they were found first. */
const struct finding_state *states_at(const struct states *s, size_t i);
/* By its whole id; NULL. */
const struct finding_state *states_get(const struct states *s, const char *id);
/* The same, or the only one whose id begins so: it may look at all. */
const struct finding_state *states_find(const struct states *s, const char *id);
