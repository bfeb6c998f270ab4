/* writer_world.h - what tests of the recorder share: its writer over a log, keys of pseudonyms, and memory that ends.
 *
 * What: to be linked with wrapped_reallocarray. */
#pragma once

#include "daemon/record_erase.h"
#include "tests/unit/record/fixture.h"

/* Linked with --wrap: the writer makes room for entries by it. */
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

/* How often there is memory yet; -1: always. */
static int allocations_left = -1;

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	if (allocations_left == 0)
		return NULL;
	allocations_left -= allocations_left > 0;
	return __real_reallocarray(old, count, size);
}

struct writer_world {
	struct fixture fixture;
	char index[300], directory[300], erasing[320], key[320];
	struct record_stats stats;
	struct record_writer *writer;
	struct pseudonym_keys names;
	struct record_keys keys;
};

/* With a key of January. */
static inline void writer_world_open(struct writer_world *w)
{
	char text[PSEUDONYM_TEXT_SIZE];
	*w = (struct writer_world){0};
	fixture_init(&w->fixture);
	(void)snprintf(w->index, sizeof(w->index), "%s/index", w->fixture.root);
	(void)snprintf(w->directory, sizeof(w->directory), "%s/subjects", w->fixture.root);
	(void)snprintf(w->erasing, sizeof(w->erasing), "%s/" ERASURE_FILE, w->directory);
	(void)snprintf(w->key, sizeof(w->key), "%s/2026-01", w->directory);
	struct record_writer_setup setup = {.log_directory = w->fixture.path,
	                                    .index_file = w->index,
	                                    .signer = &w->fixture.signer,
	                                    .checkpoint_entries = 100,
	                                    .stats = &w->stats};
	assert_int_equal(record_writer_open(&setup, &w->writer), OK);
	assert_int_equal(pseudonym_keys_open(w->directory, &w->names), OK);
	assert_int_equal(pseudonym_of(&w->names, FIXTURE_TIME, view_text("192.0.2.1"), text), OK);
	w->keys = (struct record_keys){w->directory, &w->names};
}

static inline void writer_world_close(struct writer_world *w)
{
	pseudonym_keys_done(&w->names);
	record_writer_close(w->writer);
	fixture_done(&w->fixture);
}

static inline int64_t writer_world_entries(const struct writer_world *w)
{
	return record_counted(&w->stats, RECORD_ENTRIES);
}
