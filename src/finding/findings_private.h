/* findings_private.h - for the files of findings.h only. */
#pragma once

#include "finding/findings.h"

struct findings {
	const struct policy *policy;
	size_t findings_max;
	struct finding *rows;
	size_t count, capacity;
	uint32_t *slots; /* 1 + row, or 0; a power of two, at least twice `capacity` */
	size_t slot_count;
	bool is_moved; /* the rows were sorted, and the slots are of their order before */
	uint64_t seed;
	uint64_t dropped;
	struct findings_source *sources;
	size_t source_count, source_capacity;
};

/* Copies `from`, a text cut to `size_max`; what `to` held is freed. */
int findings_copy_text(struct view *to, struct view from, size_t size_max) must_check;
void findings_free_text(struct view text);
void findings_free_sources(struct findings *f);
