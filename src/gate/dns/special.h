/* special.h - names that are not to be looked up outside, and what is said of each.
 *
 * What:    one table. Pure.
 * To add one: a row in special.c.
 * Source:  RFC 6761 (localhost, invalid, test), RFC 7686 (onion), RFC 8375 (home.arpa), RFC 9476 (alt), RFC 6303
 *          s4 and RFC 7793 (reverse zones). */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum special_kind {
	SPECIAL_NONE,      /* no such name, nor any under it */
	SPECIAL_EMPTY,     /* a zone with nothing in it */
	SPECIAL_LOCALHOST, /* the loopback addresses, for all names under it too */
	SPECIAL_LOOPBACK,  /* the reverse zone of those */
};

struct special_name {
	const char *zone;
	enum special_kind kind;
};

extern const struct special_name special_names[];
extern const size_t special_name_count;

enum { SPECIAL_TTL = 10800 };
