/* inflater.h - bytes that were compressed by gzip, zstd or xz, as they were before; and text of UTF-16 as UTF-8.
 *
 * What:    `inflater_kinds[]` is the table: how a compression is recognised, and its library, which is opened when a
 *          source needs it (net/library.h): `writ` does not start slower for it. Members that follow each other
 *          are one. UTF-16 is told by the mark at its begin (base/utf16.h).
 * Fails:   ERR_MALFORMED, ERR_TRUNCATED when the input ends inside; ERR_LIMIT for one that needs more memory than
 *          INFLATER_MEMORY_MAX; ERR_MISSING without the library.
 * Threads: one an inflater. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum { INFLATER_MEMORY_MAX = 96 << 20 };

struct inflater_kind {
	const char *name; /* "gz" */
	struct view magic;
	int (*open)(void **ret);
	/* Takes from `in` and moves it, writes to *room and moves that. ret_is_end: at the end of a member. */
	int (*step)(void *state, struct view *in, uint8_t **room, size_t *left, bool *ret_is_end);
	void (*close)(void *state);
	bool has_no_end;  /* it may end anywhere */
	bool has_skipped; /* zstd: frames for other purposes may stand before and between */
};
extern const struct inflater_kind inflater_kinds[]; /* ends with name NULL */

/* NULL: not compressed. */
const struct inflater_kind *inflater_kind_find(struct view first);

struct inflater {
	const struct inflater_kind *kind;
	void *state;
	bool is_at_end; /* of a member: the input may end here */
	int failed;     /* what the next call returns */
};

int inflater_open(const struct inflater_kind *kind, struct inflater *ret) must_check;
/* Fills `room` as far as `in` reaches and moves `in` past what was used. Returns the bytes written. After a
 * member zeros are left out; what else begins no other is ERR_MALFORMED. */
int inflater_read(struct inflater *i, struct view *in, uint8_t *room, size_t size) must_check;
/* ERR_TRUNCATED when the input may not end here. */
int inflater_finish(const struct inflater *i) must_check;
void inflater_close(struct inflater *i);
