/* fixture.h - what tests of the evidence log share: a directory of their own, a key, entries. */
#pragma once

#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "record/entry.h"
#include "record/log.h"
#include "record/verify.h"

#define FIXTURE_TIME INT64_C(1768435200000000)

struct fixture {
	char root[256], path[300];
	struct note_signer signer;
};

static inline int fixture_remove_one(const char *path, const struct stat *st, int kind,
                                     struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static inline void fixture_remove(const char *path)
{
	(void)nftw(path, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void fixture_init(struct fixture *f)
{
	static const uint8_t seed[NOTE_SEED_SIZE] = {7};
	const char *where = getenv("TMPDIR");
	int ready = sodium_init();
	assert(ready >= 0);
	(void)snprintf(f->root, sizeof(f->root), "%s/writ-test-XXXXXX", where ? where : P_tmpdir);
	const char *made = mkdtemp(f->root);
	assert(made);
	(void)snprintf(f->path, sizeof(f->path), "%s/log", f->root);
	int err = note_signer_init(&f->signer, view_text("log.example/test"), seed);
	assert(err == OK);
}

static inline void fixture_done(struct fixture *f)
{
	fixture_remove(f->root);
}

static inline struct log_options fixture_options(const struct fixture *f)
{
	return (struct log_options){.path = f->path, .signer = &f->signer};
}

/* A heartbeat whose number shows; the same for the same number. */
static inline struct view fixture_entry(struct buffer *out, uint64_t number)
{
	char source[32];
	(void)snprintf(source, sizeof(source), "source %" PRIu64, number);
	out->size = 0;
	int err = entry_write_heartbeat(out, FIXTURE_TIME + (int64_t)number * 1000000, source, 60,
	                                NULL);
	assert(err == OK);
	return buffer_view(out);
}

/* Appends entries [from, to), `group` at a time. */
static inline int fixture_append(struct log *log, uint64_t from, uint64_t to, size_t group)
{
	int err = OK;
	struct buffer texts[16] = {0};
	struct view views[16];
	assert(group <= 16);
	while (err == OK && from < to) {
		size_t count = 0;
		for (; count < group && from < to; count++, from++)
			views[count] = fixture_entry(&texts[count], from);
		err = log_append(log, views, count, NULL);
	}
	for (size_t i = 0; i < 16; i++)
		buffer_done(&texts[i]);
	return err;
}
