/* policy.h - a compiled policy: opened, asked, explained.
 *
 * What:    one immutable image (policy/image.h) that every process maps. policy_decide() is pure,
 *          allocates nothing, and costs one look-up for a name that nothing lists.
 * Owns:    a struct policy borrows the image's bytes; texts in results point into them.
 * Threads: any number may ask one policy at once.
 * Limits:  DECISION_MATCHES_MAX identifiers judged for one act.
 * Source:  the order of precedence is written down in ARCHITECTURE.md, "How a verdict is reached". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "policy/address_index.h"
#include "policy/facts.h"
#include "policy/image.h"
#include "policy/name_index.h"
#include "policy/name_stems.h"
#include "policy/text_index.h"

enum { DECISION_MATCHES_MAX = 32 };

enum verdict_action { VERDICT_ALLOW, VERDICT_OBSERVE, VERDICT_BLOCK };
extern const char *const verdict_action_names[]; /* "allow" "observe" "block" */

/* Why the verdict is what it is. reasons[] in reason.c gives each its words. */
enum reason {
	REASON_UNLISTED,       /* no identifier matches */
	REASON_UNGOVERNED,     /* no adopted order governs the product */
	REASON_PROHIBITED,     /* block: an obligation prohibits it */
	REASON_OBSERVE_MODE,   /* would block; the adoption only observes */
	REASON_RECOMMENDED,    /* the obligation is a `should` that was not raised */
	REASON_SILENT,         /* an order restricts the product but is silent on this facet */
	REASON_CONDITIONAL,    /* the order excludes this facet, or allows it under a condition */
	REASON_LOOKALIKE,      /* carries the name only */
	REASON_SUPPORTING,     /* the identifier says something only beside another */
	REASON_LOW_CONFIDENCE, /* the identifier is too weak to act on */
	REASON_SHARED,         /* the identifier serves others too: never blocked by itself */
	REASON_EXEMPT,         /* an exemption in force permits it */
	REASON_DECIDED,        /* the organisation decided it where the order is silent */
	REASON_NOT_IN_FORCE,   /* an order that would bind here has not begun, or has ended */
	REASON_NOT_BOUND,      /* no order binds this class of organisation, unit or network */
	REASON_NOT_A_GATE, /* obligations exist, but none that a block on a network would meet */
	REASON_OUTSIDE_WINDOW, /* a rule that would act here holds at other times of the week */
	REASON_PASSIVE,        /* would block; the gate sees a copy of the traffic and cannot act */
	REASON_COUNT
};
const char *reason_name(enum reason reason); /* "unlisted", "prohibited" ... */
const char *reason_text(enum reason reason); /* a plain sentence */

struct verdict {
	enum verdict_action action;
	enum reason reason;
	uint32_t identifier; /* rows of the policy, or NONE */
	uint32_t rule;       /* gives order, obligation, adoption */
	uint32_t exemption;
	uint8_t labels; /* how many labels of the name the identifier has; 0 when not by name */
};

struct policy {
	const struct image_header *header;
	const char *texts;
	struct text_index values;
	struct name_index names;
	struct name_stems stems; /* of these */
	struct address_index destinations, networks;
	/* below: rows, private */
	const struct image_organisation *organisation;
	const struct image_unit *units;
	const struct image_place *places;
	const struct image_product *products;
	const struct image_order *orders;
	const struct image_obligation *obligations;
	const struct image_rule *rules;
	const struct image_exemption *exemptions;
	const struct image_prefix *prefixes;
	const struct image_window *windows;
	const struct image_clock *clocks;
	const struct image_answer *answers;
	const struct image_identifier *identifiers;
	const uint64_t *unit_sets;
	uint32_t unit_count, place_count, product_count, order_count, obligation_count, rule_count,
		exemption_count, prefix_count, identifier_count, window_count, clock_count,
		answer_count, unit_set_words;
};

/* Checks magic, version, size and checksum, and that every offset lies inside.
 * ERR_TRUNCATED, ERR_MALFORMED, ERR_VERSION, ERR_CHECKSUM. */
int policy_open(struct view image, struct policy *ret) must_check;
/* The same without the checksum, which is most of the time: for bytes that policy_open() has taken in
 * another process and that nobody can have changed since. */
int policy_open_checked(struct view image, struct policy *ret) must_check;

/* Returns the place (network) of a client, or NONE when no network of the organisation holds it. */
uint32_t policy_place_of(const struct policy *, const struct address *client);
/* Any place of that unit, of the class that a unit's own network has by default, if there is one; NONE when the unit
 * has no network, or there is no such unit. */
uint32_t policy_place_of_unit(const struct policy *, const char *unit);

/* Judges one act. Never fails: what cannot be judged is allowed with REASON_UNLISTED. */
void policy_decide(const struct policy *, const struct facts *, struct verdict *ret);
/* The same by these identifiers only, which the caller has compared with the act itself: at most
 * DECISION_MATCHES_MAX rows of the policy. */
void policy_decide_by(const struct policy *, const struct facts *, const uint32_t *identifiers,
                      size_t count, struct verdict *ret);

/* What the `ech` parameter of an HTTPS record for that name should meet: true when policy says that it
 * is removed. */
bool policy_strips_ech(const struct policy *, const struct dname *name);

/* What a name blocked by that rule is answered with at that place: the rule's own, or the organisation's
 * first for the product and unit; NULL: as the gate is set. */
const struct image_answer *policy_answer(const struct policy *, uint32_t rule, uint32_t place);
/* The i-th of its addresses. */
struct address policy_answer_address(const struct policy *, const struct image_answer *,
                                     uint32_t i);

/* Whether clients ask for the name to learn if they may leave the network's resolver. */
bool policy_is_canary(const struct policy *, const struct dname *name);

/* Rows, by index from a verdict. The index must be one that the policy gave; NONE gives NULL. */
const struct image_identifier *policy_identifier(const struct policy *, uint32_t index);
const struct image_rule *policy_rule(const struct policy *, uint32_t index);
const struct image_product *policy_product(const struct policy *, uint32_t index);
const struct image_order *policy_order(const struct policy *, uint32_t index);
const struct image_obligation *policy_obligation(const struct policy *, uint32_t index);
const struct image_exemption *policy_exemption(const struct policy *, uint32_t index);
const struct image_unit *policy_unit(const struct policy *, uint32_t index);
const struct image_place *policy_place(const struct policy *, uint32_t index);
const struct image_window *policy_window(const struct policy *, uint32_t index);
/* A text of the image; "" for 0. */
const char *policy_text(const struct policy *, uint32_t text);
/* The organisation, its contact, and how answers to a blocked name are given. */
const struct image_organisation *policy_organisation(const struct policy *);
/* Identifies the compiled content: equal sources give equal versions. */
uint64_t policy_version(const struct policy *);
/* 16 hexadecimal digits, as logs and `writ status` show it. Returns `text`. */
enum { POLICY_VERSION_TEXT_SIZE = 17 };
const char *policy_version_print(uint64_t version, char text[static POLICY_VERSION_TEXT_SIZE]);
