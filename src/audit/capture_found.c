#include "audit/capture_found.h"

#include <errno.h>
#include <stdlib.h>

int capture_found_init(struct capture_found *f, uint32_t flows)
{
	*f = (struct capture_found){.mask = flows * 2 - 1, .count_max = flows};
	f->slots = calloc((size_t)flows * 2, sizeof(*f->slots));
	return f->slots ? OK : -ENOMEM;
}

void capture_found_done(struct capture_found *f)
{
	free(f->slots);
	*f = (struct capture_found){0};
}

static struct capture_found_flow *find(struct capture_found *f, uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 32) & f->mask;
	while (f->slots[at].is_used && f->slots[at].hash != hash)
		at = (at + 1) & f->mask;
	return &f->slots[at];
}

struct capture_found_flow *capture_found_get(struct capture_found *f, uint64_t hash)
{
	struct capture_found_flow *flow = find(f, hash);
	return flow->is_used ? flow : NULL;
}

struct capture_found_flow *capture_found_add(struct capture_found *f, uint64_t hash)
{
	struct capture_found_flow *flow = find(f, hash);
	if (flow->is_used)
		return flow;
	if (f->count == f->count_max)
		return NULL;
	f->count++;
	*flow = (struct capture_found_flow){.hash = hash, .is_used = true};
	return flow;
}

static int add(const struct capture_found_flow *flow, struct findings *findings, uint32_t source)
{
	const struct sighting s = {.verdict = flow->verdict,
	                           .first_us = TIME_MIN,
	                           .last_us = flow->last_us,
	                           .bytes_up = flow->bytes_up,
	                           .bytes_down = flow->bytes_down,
	                           .place = flow->place,
	                           .client = flow->client,
	                           .source = source};
	return findings_add(findings, &s);
}

int capture_found_finish(const struct capture_found *f, struct findings *findings, uint32_t source)
{
	int code = OK;
	for (uint32_t i = 0; f->count && i <= f->mask && code >= 0; i++)
		if (f->slots[i].is_used)
			code = add(&f->slots[i], findings, source);
	return code;
}
