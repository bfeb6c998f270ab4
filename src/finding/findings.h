/* findings.h - existing use of products: sightings put together, and what was looked at to find them.
 *
 * What:    sightings of one product, facet, identifier, subject, unit, file and item of it are one finding, with first
 *          and last time, count, bytes, and the first place that proves it. Beside them stands coverage: every source with
 *          what was read of it and what could not be, because a nil result must be reportable too.
 * Owns:    findings_new() allocates; copies of all texts. The policy stays the caller's.
 * Limits:  findings_max; what goes beyond is counted in `dropped`, and said in every output.
 *          FINDING_TEXT_MAX bytes a text, FINDING_PATH_MAX a file, what is longer is cut.
 * Threads: one at a time; findings_merge_part() puts those of several threads together. Equal sightings in any order
 *          give equal findings. */
#pragma once

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/timestamp.h"
#include "finding/sighting.h"

enum { FINDING_TEXT_MAX = 512, FINDING_PATH_MAX = 4096 };

struct findings_source {
	struct view name;   /* path, or "-" */
	struct view format; /* as in the table of formats */
	uint8_t sha256[32]; /* of its bytes as they were read */
	bool has_sha256;    /* false: it was not read to its end */
	uint64_t bytes;
	uint64_t items;            /* lines, packets, files */
	uint64_t not_understood;   /* of these */
	struct view example;       /* of what was not understood; or empty */
	int64_t first_us, last_us; /* the span of time that it covers; TIME_MIN: not known */
	struct view problem;       /* why it could not be read (wholly); or empty */
};

/* The verdict is the strictest of its sightings. `what`, `source` and `at` are of the first, of
 * one that is not indirect if there is, `destination` of the first
 * that has one: a question to a resolver comes before what it was asked for. */
struct finding {
	uint32_t identifier, rule, exemption; /* rows of the policy */
	enum verdict_action action;
	enum reason reason;
	uint32_t place;
	struct address client, destination;
	struct view user, what, where, item;
	int64_t proof_us;          /* when the first sighting was; TIME_MIN: not known */
	int64_t destination_us;    /* when that of `destination` was */
	int64_t first_us, last_us; /* TIME_MIN: not known */
	uint64_t count, bytes_up, bytes_down;
	bool is_indirect; /* all of its sightings are */
	uint32_t source;
	uint64_t at;
};

struct findings;

int findings_new(const struct policy *policy, size_t findings_max,
                 struct findings **ret) must_check;
void findings_free(struct findings *f);
DEFINE_CLEANUP(findings, struct findings *, findings_free);

/* Returns the source's number. Texts are copied. -ENOMEM. */
int findings_add_source(struct findings *f, const struct findings_source *source) must_check;
/* What is known of it by now. */
int findings_set_source(struct findings *f, uint32_t number,
                        const struct findings_source *source) must_check;
int findings_add(struct findings *f, const struct sighting *s) must_check;
/* Takes back in what was kept of an earlier run. */
int findings_restore(struct findings *f, const struct finding *kept) must_check;
/* Adds all of `from`, which is a part of that source of `f`, `items_before` lines or packets after its begin. */
int findings_merge_part(struct findings *f, uint32_t source, uint64_t items_before,
                        const struct findings *from) must_check;
/* By product, facet, then count; those of one count by their other members. */
void findings_sort(struct findings *f);
size_t findings_count(const struct findings *f);
const struct finding *findings_at(const struct findings *f, size_t i);
size_t findings_source_count(const struct findings *f);
const struct findings_source *findings_source_at(const struct findings *f, size_t i);
/* Sightings whose finding there was no room for. */
uint64_t findings_dropped(const struct findings *f);
void findings_count_dropped(struct findings *f, uint64_t count);
const struct policy *findings_policy(const struct findings *f);

static inline struct findings_source findings_source_none(void)
{
	return (struct findings_source){.first_us = TIME_MIN, .last_us = TIME_MIN};
}
