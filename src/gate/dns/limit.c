#include "gate/dns/limit.h"

#include <errno.h>

#include "base/hash.h"
#include "base/timestamp.h"

enum { V4_BYTES = 3, V6_BYTES = 7 };

struct bucket {
	uint64_t key;  /* 0: free */
	int64_t at_us; /* when `tokens` was right */
	uint32_t tokens;
	uint32_t refused; /* since the last truncated one */
};

struct limit {
	struct limit_rule rule;
	uint64_t seed;
	uint64_t mask;
	struct bucket buckets[];
};

int limit_new(const struct limit_rule *rule, uint32_t rows, uint64_t seed, struct limit **ret)
{
	size_t count = 1;
	while (count < rows)
		count *= 2;
	struct limit *l = calloc(1, sizeof(*l) + count * sizeof(l->buckets[0]));
	if (!l)
		return -ENOMEM;
	l->rule = *rule;
	l->seed = seed;
	l->mask = count - 1;
	*ret = l;
	return OK;
}

void limit_free(struct limit *l)
{
	free(l);
}

static uint64_t key_of(const struct limit *l, const void *bytes, size_t size)
{
	return hash_bytes(bytes, size, l->seed) | 1;
}

uint64_t limit_key_of_network(const struct limit *l, const struct address *client)
{
	return key_of(l, client->bytes, client->size == 4 ? V4_BYTES : V6_BYTES);
}

uint64_t limit_key_of_client(const struct limit *l, const struct address *client)
{
	return key_of(l, client->bytes, client->size);
}

uint64_t limit_key_of_bytes(const struct limit *l, struct view bytes)
{
	return key_of(l, bytes.bytes, bytes.size);
}

/* Adds what the time since the last look is worth, in whole tokens. */
static void bucket_fill(struct bucket *b, uint32_t per_second, int64_t now_us)
{
	int64_t passed = now_us - b->at_us;
	if (passed >= SECOND_US) {
		b->tokens = per_second;
		b->at_us = now_us;
		return;
	}
	int64_t tokens = passed > 0 ? passed * per_second / SECOND_US : 0;
	if (tokens == 0)
		return;
	b->at_us += tokens * SECOND_US / per_second;
	b->tokens += (uint32_t)tokens;
	if (b->tokens > per_second)
		b->tokens = per_second;
}

enum limit_verdict limit_ask(struct limit *l, uint64_t key, int64_t now_us)
{
	struct bucket *b = &l->buckets[(key >> 1) & l->mask];
	if (b->key != key)
		*b = (struct bucket){.key = key, .at_us = now_us, .tokens = l->rule.per_second};
	bucket_fill(b, l->rule.per_second, now_us);
	if (b->tokens > 0) {
		b->tokens--;
		return LIMIT_ANSWER;
	}
	if (l->rule.slip == 0 || ++b->refused < l->rule.slip)
		return LIMIT_DROP;
	b->refused = 0;
	return LIMIT_TRUNCATE;
}

bool limit_has_room(const struct limit *l, uint64_t key, int64_t now_us)
{
	struct bucket b = l->buckets[(key >> 1) & l->mask];
	if (b.key != key)
		return true;
	bucket_fill(&b, l->rule.per_second, now_us);
	return b.tokens > 0;
}

void limit_return(struct limit *l, uint64_t key)
{
	struct bucket *b = &l->buckets[(key >> 1) & l->mask];
	if (b->key == key && b->tokens < l->rule.per_second)
		b->tokens++;
}

uint32_t limit_left(const struct limit *l, uint64_t key, int64_t now_us)
{
	struct bucket b = l->buckets[(key >> 1) & l->mask];
	if (b.key != key)
		return l->rule.per_second;
	bucket_fill(&b, l->rule.per_second, now_us);
	return b.tokens;
}
