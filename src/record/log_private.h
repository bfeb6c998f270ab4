/* log_private.h - what log.c (appending), log_load.c (opening) and log_checkpoint.c share. */
#pragma once

#include "record/edge.h"
#include "record/journal.h"
#include "record/log.h"

struct log {
	struct log_options options;
	int directory_fd, lock_fd, journal_fd;
	uint64_t checkpoint_size;
	struct edge edge;       /* of the tree at checkpoint_size */
	struct edge next_edge;  /* room for making the next one */
	struct buffer bundle;   /* entries of the unfinished bundle at checkpoint_size */
	struct buffer pending;  /* entries beyond the checkpoint, as in a bundle */
	struct buffer scratch;  /* bytes about to be written */
	struct journal journal; /* where the next group goes; `rest` is not used */
	size_t torn_bytes;
	int broken; /* the error that every call answers until the log is opened again */
};

void log_step(const struct log *log, const char *step);
int log_load(struct log *log) must_check;
/* Steps of a checkpoint that opening does again. */
int log_write_checkpoint(struct log *log, const struct edge *edge) must_check;
int log_remove_partials(struct log *log, uint64_t old_size, uint64_t size) must_check;
int log_renew_journal(struct log *log) must_check;
