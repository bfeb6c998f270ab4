/* rules_internal.h - what the files of the rules share; nobody else includes it.
 *
 *	rules.c            the table, its hooks, the queue and what follows it
 *	rules_judge.c      which packets go to the queue */
#pragma once

#include "gate/packet/mark.h"
#include "gate/packet/rules.h"

/* Every number that a rule needs. */
struct numbers {
	uint32_t all;     /* the gate's four bits of a mark */
	uint32_t verdict; /* the three of them that are an enum packet_mark */
	uint32_t released, refused, watched, awaited, open, counted, answered;
	uint32_t queued; /* the bits that all have that go to a queue, and no others */
};

struct numbers rules_numbers(const struct packet_rules *r);

/* What most packets are, parts of released connections: first in each chain. */
void rules_print_released(const struct numbers *n, struct buffer *ret);
/* Chain `judge`, and those that it goes to. They go to `refused` and to the chains that queue. */
void rules_print_judge(const struct numbers *n, bool tells_forged, struct buffer *ret);
