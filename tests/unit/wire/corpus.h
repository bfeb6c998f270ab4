/* corpus.h - a file of tests/corpus, for tests that want what a real program sent. */
#pragma once

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/view.h"

/* `name` is FOLDER/FILE. The bytes live in `room`, and must fit. */
static inline struct view corpus_read(const char *name, uint8_t *room, size_t room_size)
{
	const char *corpus = getenv("CORPUS");
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s", corpus ? corpus : "tests/corpus", name);
	cleanup(file) FILE *in = fopen(path, "rbe");
	assert(in);
	size_t size = fread(room, 1, room_size, in);
	assert(size > 0 && size < room_size);
	return view_of(room, size);
}
