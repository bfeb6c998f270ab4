/* audit_private.h - for the files of audit.h only. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "audit/audit.h"
#include "audit/digest.h"
#include "audit/line_filter.h"
#include "audit/log_columns.h"
#include "audit/source_file.h"

enum audit_source_state {
	AUDIT_WAITING, /* nobody has opened it */
	AUDIT_WHOLE,   /* one thread reads it */
	AUDIT_PARTS,   /* threads take parts of it */
	AUDIT_DONE,
};

/* What was read of a source, or of a part of one, by one thread. */
struct audit_part {
	struct findings *findings;
	struct findings_source coverage; /* its texts are static, or `example` */
	char example[FINDING_EXAMPLE_SIZE];
	uint64_t hole_bytes, hole_at;
	bool is_cut;
	struct log_columns columns[2]; /* of lines: in force at its begin, and its end */
	int code;                      /* why it ended early, or OK */
};

struct audit_source {
	const char *path;
	enum audit_source_state state;
	struct source_file file;
	const struct audit_format *format;
	char format_name[48];         /* "zeek-dns gz" */
	uint8_t *first;               /* the begin of the file, for readers of parts */
	size_t first_size, mark_size; /* `first` stands behind a mark of UTF-8 */
	struct audit_part
		sum; /* findings are in the audit's; coverage of all that is in its place */
	uint64_t parts_all, parts_taken, parts_placed;
	struct log_columns *columns; /* in force where the next part that is placed begins */
	bool is_mixed;               /* kinds of logs follow each other in it */
	bool is_read_again;          /* that part is to be: it was read by other columns */
	char told_problem[FINDING_EXAMPLE_SIZE]; /* of the parts that an earlier run read */
	struct audit_part *ahead[AUDIT_AHEAD];   /* by number of the part */
	struct digest *digest;
};

struct audit {
	struct audit_settings settings;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct findings *findings;
	pthread_mutex_t filter_mutex;
	struct line_filter *filter; /* for readers of logs; NULL: none was opened yet */
	struct audit_source *sources;
	size_t source_count, next_source, first_undone, done_count;
	size_t running; /* threads */
	atomic_ullong bytes;
	uint64_t bytes_all, resumed_bytes;
	bool size_is_unknown;
	atomic_bool stop;
	int code; /* first failure that is no source's */
	char problem[256];
};

static inline bool audit_is_stopped(const struct audit *a)
{
	return atomic_load_explicit(&a->stop, memory_order_relaxed);
}

/* audit_read.c: read all, or a part, into `ret`, whose findings are new. Without the mutex. */
void audit_read_whole(struct audit *a, struct audit_source *s, struct audit_part *ret);
void audit_read_part(struct audit *a, const struct audit_source *s, uint64_t number,
                     struct audit_part *ret);
/* One that is read as those columns say, if it is lines; or NULL. */
struct audit_part *audit_part_new(const struct audit *a, const struct log_columns *begin,
                                  int *ret_code);
void audit_part_free(struct audit_part *p);

/* audit_place.c: with the mutex, which audit_close_source() gives up while it waits for the digest. */
int audit_place(struct audit *a, size_t source, struct audit_part *part);
int audit_place_parts(struct audit *a, size_t source);
int audit_close_source(struct audit *a, size_t source);

/* audit_state.c */
#define AUDIT_STATE_MAGIC "writ audit state 7\n"
/* Whether what was read of a file, or of so many parts of it, holds for it now: a log may have grown since, behind them. */
bool audit_state_holds(const struct audit *a, const struct source_file *then, uint64_t parts,
                       const struct source_file *now);
int audit_state_read(struct audit *a) must_check;
int audit_state_write(struct audit *a) must_check;
