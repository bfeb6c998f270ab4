#include "flow/judged.h"

#include <errno.h>
#include <stdlib.h>

enum {
	LINE_FLOWS = 8,
	LINE_SIZE = JUDGED_ALIGNMENT,
	TAG_SHIFT = 24,   /* above: 40 bits of the hash */
	STATE_SHIFT = 20, /* three bits */
	LOW_BIT = 1 << 19,
	FOUND_BIT = 1 << 18,
	TIME_MASK = (1 << 18) - 1,
};

struct line {
	_Alignas(LINE_SIZE) uint64_t flows[LINE_FLOWS]; /* 0: none */
};

_Static_assert(sizeof(struct line) == LINE_FLOWS * JUDGED_FLOW_SIZE, "a line has no gaps");

struct judged {
	struct line *lines;
	uint64_t mask;
	uint64_t seed[4];
};

int judged_new(void *room, uint32_t flows, uint64_t seed, struct judged **ret)
{
	if (flows < LINE_FLOWS || flows & (flows - 1))
		return ERR_INVALID;
	cleanup(judged) struct judged *j = calloc(1, sizeof(*j));
	if (!j)
		return -ENOMEM;
	j->lines = room;
	j->mask = flows / LINE_FLOWS - 1;
	for (int i = 0; i < 4; i++) /* the fractions of the square roots of 2, 3, 5 and 7, odd */
		j->seed[i] = seed ^ (uint64_t[]) {
			UINT64_C(0x6a09e667f3bcc909), UINT64_C(0xbb67ae8584caa73b),
				UINT64_C(0x3c6ef372fe94f82b), UINT64_C(0xa54ff53a5f1d36f1)
		}[i];
	*ret = take_ptr(j);
	return OK;
}

void judged_free(struct judged *j)
{
	free(j);
}

/* Both halves of a product: every bit of both numbers comes to bear. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline bool is_below(const struct judged_end *a, const struct judged_end *b)
{
	if (a->low != b->low)
		return a->low < b->low;
	if (a->high != b->high)
		return a->high < b->high;
	return a->port < b->port;
}

uint64_t judged_hash(const struct judged *j, const struct judged_end *source,
                     const struct judged_end *destination, uint8_t protocol,
                     bool *ret_source_is_low)
{
	bool is_low = is_below(source, destination);
	const struct judged_end *a = is_low ? source : destination;
	const struct judged_end *b = is_low ? destination : source;
	uint64_t ports = (uint64_t)a->port << 32 | (uint64_t)b->port << 16 | protocol;
	uint64_t hash = mix(a->low ^ j->seed[0], b->low ^ j->seed[1]);
	if (a->high | b->high)
		hash ^= mix(a->high ^ j->seed[2], b->high ^ j->seed[3]);
	*ret_source_is_low = is_low;
	return mix(hash ^ j->seed[2], ports ^ j->seed[3]);
}

static struct line *line_of(const struct judged *j, uint64_t hash)
{
	return &j->lines[hash & j->mask];
}

/* The line is chosen by the lowest bits, the tag is the highest; 0 means that there is none. */
static uint64_t tag_of(uint64_t hash)
{
	uint64_t tag = hash >> TAG_SHIFT;
	return tag ? tag : 1;
}

void judged_prefetch(const struct judged *j, uint64_t hash)
{
	__builtin_prefetch(line_of(j, hash), 1);
}

static uint64_t *find(const struct judged *j, uint64_t hash)
{
	struct line *line = line_of(j, hash);
	uint64_t tag = tag_of(hash);
	for (int i = 0; i < LINE_FLOWS; i++)
		if (line->flows[i] >> TAG_SHIFT == tag)
			return &line->flows[i];
	return NULL;
}

struct judged_flow judged_find(struct judged *j, uint64_t hash, uint32_t now)
{
	uint64_t *at = find(j, hash);
	if (!at)
		return (struct judged_flow){JUDGED_NOT, false, false};
	if ((*at & TIME_MASK) != (now & TIME_MASK)) /* else its line need not be written back */
		*at = (*at & ~(uint64_t)TIME_MASK) | (now & TIME_MASK);
	return (struct judged_flow){.state = (enum judged_state)(*at >> STATE_SHIFT & 7),
	                            .client_is_low = *at & LOW_BIT,
	                            .is_found = *at & FOUND_BIT};
}

static uint32_t age(uint64_t flow, uint32_t now)
{
	return (now - (uint32_t)flow) & TIME_MASK;
}

/* A free place, or the one of the flow that was seen longest ago; of what is counted only where all is. */
static uint64_t *find_place(struct line *line, uint32_t now)
{
	uint64_t *oldest = NULL;
	for (int i = 0; i < LINE_FLOWS; i++) {
		uint64_t *at = &line->flows[i];
		if (*at == 0)
			return at;
		if (!oldest || (*oldest & FOUND_BIT) > (*at & FOUND_BIT) ||
		    ((*oldest & FOUND_BIT) == (*at & FOUND_BIT) &&
		     age(*at, now) > age(*oldest, now)))
			oldest = at;
	}
	return oldest;
}

void judged_set(struct judged *j, uint64_t hash, struct judged_flow flow, uint32_t now)
{
	uint64_t *at = find(j, hash);
	if (!at)
		at = find_place(line_of(j, hash), now);
	*at = tag_of(hash) << TAG_SHIFT | (uint64_t)flow.state << STATE_SHIFT |
	      (flow.client_is_low ? LOW_BIT : 0) | (flow.is_found ? FOUND_BIT : 0) |
	      (now & TIME_MASK);
}

void judged_forget(struct judged *j, uint64_t hash)
{
	uint64_t *at = find(j, hash);
	if (at)
		*at = 0;
}
