/* entry.h - what an entry of the evidence log may be, and its one form as bytes.
 *
 * Every entry is canonical JSON of one shape; its number is its place in the log:
 *	{"data":{...},"kind":"heartbeat","time":"2026-01-15T00:00:00Z"}
 *
 * What:    pure functions; canonical.h says which JSON is canonical.
 * Fails:   ERR_MALFORMED with a reason for people; ERR_LIMIT over ENTRY_SIZE_MAX.
 * To add a kind: one constant, one row in entry_kinds[].
 * Source:  RFC 8785. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/json_writer.h"
#include "base/view.h"

enum entry_kind {
	ENTRY_ADOPTION,
	ENTRY_APPROVAL,
	ENTRY_AUDIT,
	ENTRY_CONFIGURATION,
	ENTRY_ERASE,
	ENTRY_EVENT,
	ENTRY_EXEMPTION,
	ENTRY_FINDING,
	ENTRY_HEARTBEAT,
	ENTRY_LOSS,
	ENTRY_PROBE,
	ENTRY_REVEAL,
	ENTRY_START,
	ENTRY_STOP,
	ENTRY_KINDS
};

enum { ENTRY_SIZE_MAX = 65535 };

struct entry_kind_row {
	enum entry_kind kind;
	const char *name;
	const char *required; /* names of the members that "data" must have, separated by spaces */
	const char *help;
};

extern const struct entry_kind_row entry_kinds[ENTRY_KINDS];

/* NULL when there is no such kind. */
const struct entry_kind_row *entry_kind_find(struct view name);

/* Between the two the caller writes the members of "data", in ascending order of key. entry_end()
 * gives ERR_LIMIT or -ENOMEM when the entry is too large or the buffer failed. `out` is empty before:
 * one buffer, one entry. */
void entry_begin(struct json_writer *j, struct buffer *out);
int entry_end(struct json_writer *j, enum entry_kind kind, int64_t time_us) must_check;

/* The simple kinds, whole. Texts may be NULL (null). `out` is empty before. */
int entry_write_heartbeat(struct buffer *out, int64_t time_us, const char *source,
                          int64_t interval_s, const char *policy) must_check;

/* When an entry is written, and, where that was before, when what it tells of happened: the times of
 * entries do not run back. */
struct entry_times {
	int64_t written_us;
	int64_t happened_us; /* 0: then */
};

int entry_write_start(struct buffer *out, const struct entry_times *t, const char *role,
                      const char *version, const char *policy) must_check;
int entry_write_stop(struct buffer *out, const struct entry_times *t, const char *role,
                     const char *reason) must_check;
int entry_write_configuration(struct buffer *out, const struct entry_times *t, const char *actor,
                              const char *digest, const char *previous,
                              const char *summary) must_check;

int entry_write_loss(struct buffer *out, int64_t time_us, const char *source, int64_t count,
                     const char *reason) must_check;

/* Packets that a gate did not judge. */
struct entry_unjudged {
	const char *source;  /* the gate */
	const char *outcome; /* what became of them: `passed`, `dropped` */
	const char *reason;
	int64_t count, since_us;
};
int entry_write_unjudged(struct buffer *out, const struct entry_times *t,
                         const struct entry_unjudged *u) must_check;

struct entry {
	enum entry_kind kind;
	int64_t time_us;
	struct view data; /* the object's text, canonical; read it with entry_text(), entry_int() */
};

/* Reads one entry and checks its shape, its kind and that its bytes are the canonical form. The
 * result points into `bytes`. On ERR_MALFORMED ret_why (may be NULL) is a static text. */
int entry_parse(struct view bytes, struct entry *ret, const char **ret_why) must_check;
/* A member of data: NULL or `fallback` when absent or of another type. The text is in the arena. */
const char *entry_text(const struct entry *entry, const char *key, struct arena *arena);
int64_t entry_int(const struct entry *entry, const char *key, int64_t fallback);
