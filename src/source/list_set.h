/* list_set.h - the lists of an organisation as they were read for one policy.
 *
 * What:    texts, which are large and needed only while compiling, and what is remembered of them: where
 *          each comes from, how many names it gave, whether it differs from the time before.
 *          A list with a `url` is read from the folder of fetched lists (list_store.h). One that is not
 *          there yet, or is not the one that is pinned, is a warning and gives no names: a server that
 *          is away must not keep the gate from starting.
 * Owns:    each its own; list_texts_done(), list_set_done(). */
#pragma once

#include "base/buffer.h"
#include "policy/name_list.h"
#include "policy/organisation.h"
#include "source/list_store.h"

struct loaded_list {
	const char *id;
	const char *file;             /* absolute, or as `organisation` was; NULL: */
	const char *url;              /* it is fetched */
	const char *pin;              /* SHA-256, or NULL */
	const char *ca;               /* PEM, or NULL */
	int format;                   /* enum name_list_format */
	int64_t refresh_us, size_max; /* of a fetched one */
	bool is_missing;              /* gives no names */
	bool is_changed;              /* since `before`; then sha256 is set, unless it is missing */
	uint64_t fingerprint;         /* hash_bytes() of the text */
	char sha256[LIST_SHA256_SIZE]; /* "" while nothing needed it */
	struct name_list_counts counts;
};

struct list_set {
	struct arena arena;
	struct loaded_list *items; /* in the order of organisation.yaml */
	size_t count;
};

struct list_texts {
	struct view *views;   /* of each list */
	struct buffer *reads; /* who holds it */
	const char **names;   /* as problems name it */
	size_t count;
};

struct list_reading {
	const char *organisation_file; /* files are beside it */
	const struct organisation *organisation;
	const char *folder;            /* of fetched lists; NULL: there are none */
	bool take_offers;              /* read ID.offer where there is one */
	const struct list_set *before; /* NULL: nothing to compare with */
};

/* Whatever prevents a policy goes to `p`. -ENOMEM; then both are empty. */
int list_set_load(const struct list_reading *from, struct list_set *ret,
                  struct list_texts *ret_texts, struct problems *warnings,
                  struct problems *p) must_check;
void list_set_done(struct list_set *s);
void list_texts_done(struct list_texts *t);

const struct loaded_list *list_set_find(const struct list_set *s, const char *id);
