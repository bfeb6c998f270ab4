/* adopted.h - the policy that is in force: its image in memory that every role maps.
 *
 * What:    made by compiling the sources, or taken from an image file whose signature is checked when a
 *          key is configured. The bytes are sealed, so what was checked is what is used.
 * Owns:    adopted_done() releases it.
 * Fails:   as policy_source.h; for an image file ERR_TRUNCATED, ERR_MALFORMED, ERR_VERSION, ERR_CHECKSUM,
 *          ERR_SIGNATURE. Always with a problem that says it in one sentence. */
#pragma once

#include "daemon/exit_status.h"
#include "daemon/memory.h"
#include "daemon/options.h"
#include "policy/policy.h"
#include "source/list_set.h"

enum { ADOPTED_SUMMARY_SIZE = 400 };

struct adopted {
	struct memory image;
	struct policy policy;
	struct list_set lists; /* that it was made with; in the parent only */
	int64_t at_us;
};

#define ADOPTED_NONE ((struct adopted){.image = {.fd = -1}})

struct adoption_request {
	const struct writ_options *options;
	int64_t now_us;
	const struct list_set *lists_before; /* NULL at the start */
	bool take_offers;                    /* of fetched lists (list_store.h) */
};

/* Compiles when the settings name an organisation, and writes the image file; else loads that file.
 * Nothing is changed on failure. `warnings`: what was left out. */
int adopted_make(const struct adoption_request *request, struct problems *warnings,
                 struct problems *p, struct adopted *ret) must_check;
void adopted_done(struct adopted *a);

/* The exit status of a failure of adopted_make(). */
enum exit_status adopted_status(int code);

/* One order that the organisation has adopted. */
struct adopted_order {
	const struct image_order *order;
	enum verdict_action action; /* the strictest of its rules now */
	bool in_force;              /* some rule of it is, now */
};

/* Calls `each` for every adopted order, in the order of their rows. */
void adopted_orders(const struct adopted *a, int64_t now_us,
                    void (*each)(void *context, const struct adopted_order *order), void *context);

/* "adopts tw-csma-2025, us-...": for the evidence log. Returns `text`. */
const char *adopted_summary(const struct adopted *a, char text[static ADOPTED_SUMMARY_SIZE]);
