/* sighting.h - one trace of a product's use that an audit or a scan met.
 *
 * Who reads a source turns what it finds into facts, asks policy_decide(), and where an identifier matched says
 * so with one of these, whatever the verdict: use that is exempt, or that no order binds, is use. Everything is
 * borrowed for the length of findings_add(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/view.h"
#include "policy/policy.h"

struct sighting {
	struct verdict verdict;    /* its identifier is not NONE */
	int64_t first_us, last_us; /* when; TIME_MIN: the source does not say */
	uint64_t count;
	uint64_t bytes_up, bytes_down; /* 0: not known */
	uint32_t place;                /* policy_place_of() the client, or NONE */
	struct address client;         /* who, by address; or none */
	struct view user;  /* who, as the source names the person or machine; or empty */
	struct view what;  /* name, URL, path, package, model: as found, without anything secret */
	struct view where; /* the file of a scanned machine, from its root; or empty */
	struct view item;  /* which of those that a file lists, without its version; or empty */
	struct address destination;
	/* the mark is not what was asked for, but what the server says that it is: possible use at most */
	bool is_indirect;
	uint32_t source; /* number of the source, findings_add_source() */
	uint64_t at;     /* line or packet in it, from 1; 0: the source as a whole */
};
