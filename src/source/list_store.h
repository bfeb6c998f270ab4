/* list_store.h - the folder of fetched lists: for each the copy in force, one that waits, and how it stands.
 *
 * Files:   ID.list    the copy that policies are made with
 *          ID.offer   newer, good as far as one can tell: becomes ID.list once a policy was made with it
 *          ID.held    newer, and kept back until the administrator accepts it
 *          ID.state   list_state_schema as YAML
 * Writes:  one process, by temporary file, fsync and rename; others see the old bytes or the new ones.
 * Trust:   that process talks to the network, so readers follow no link, wait for no pipe and map nothing
 *          that it could cut.
 * To add a kind of file: a constant here, its ending in list_store.c. */
#pragma once

#include "base/buffer.h"
#include "config/schema.h"

enum list_file { LIST_FILE_COPY, LIST_FILE_OFFER, LIST_FILE_HELD, LIST_FILE_STATE, LIST_FILES };
enum {
	LIST_TEXT_MAX = 1 << 30,
	LIST_ETAG_MAX = 512,
	LIST_SENTENCE_MAX = 400,
	LIST_SHA256_SIZE = 65
};

/* What was sent, from where, under which tags. `sha256` of NULL: there is none. */
struct list_version {
	const char *sha256, *url, *etag, *modified;
	int64_t names, fetched_us;
	struct config_place place;
};

struct list_state {
	const char *url;     /* that was asked last */
	int64_t checked_us;  /* when it was asked with success; SCHEMA_ABSENT: never */
	int64_t tried_us;    /* when it was asked at all */
	int64_t failures;    /* since then, in a row */
	const char *problem; /* of the last try, or why a copy is held; NULL: none */
	struct list_version copy, offer, held;
	struct config_place place;
};
extern const struct schema list_state_schema;
extern const struct list_state list_state_none; /* of a list of which nothing is known */

/* "FOLDER/ID.list"; caller frees, NULL without memory. */
char *list_store_path(const char *folder, const char *id, enum list_file file);
/* Appends the file. ERR_MISSING when it is not there; ERR_LIMIT; ERR_DENIED for what is no regular file;
 * -errno. */
int list_store_read(const char *folder, const char *id, enum list_file file, size_t size_max,
                    struct buffer *ret) must_check;
int list_store_write(const char *folder, const char *id, enum list_file file,
                     struct view bytes) must_check;
/* `from` takes the place of `to`. */
int list_store_move(const char *folder, const char *id, enum list_file from,
                    enum list_file to) must_check;
/* It is no error when it is not there. */
int list_store_remove(const char *folder, const char *id, enum list_file file) must_check;

/* list_state_none when there is no file. ERR_INVALID for a file that is none. Texts live in the arena. */
int list_state_read(const char *folder, const char *id, struct arena *a,
                    struct list_state *ret) must_check;
int list_state_write(const char *folder, const char *id, const struct list_state *s) must_check;

/* 64 hexadecimal digits. Returns `text`. */
const char *list_sha256(struct view bytes, char text[static LIST_SHA256_SIZE]);
