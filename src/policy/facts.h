/* facts.h - what is known of one act: the only input of a decision beside the policy.
 *
 * A gate, an audit or `writ check` fills in what it knows and leaves the rest empty. Everything is
 * borrowed for the length of one call. */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "base/view.h"
#include "policy/vocabulary.h"
#include "wire/dname.h"

#define NONE UINT32_MAX /* "no such row" for every index into a policy */

struct facts {
	int64_t at_us; /* when */
	uint32_t
		place; /* from which network: policy_place_of(), or NONE for the organisation at large */
	struct address client; /* who, for exemptions of single addresses; may be none */

	/* what: any of these */
	const struct dname *name;   /* asked for, or named by the flow */
	bool name_is_alias_target;  /* the name was met as target of an alias, not asked for */
	struct address destination; /* address answered or contacted */
	enum kind_group group;      /* with `text`: URL, MODEL, FILE, PACKAGE, APP, REQUEST */
	struct view text;           /* e.g. model id, `npm/NAME`, `gguf-architecture=deepseek2` */
};
