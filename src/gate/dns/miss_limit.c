#include "gate/dns/miss_limit.h"

#include <errno.h>

#include "gate/dns/limit.h"

enum { LABELS_MIN = 2, ARPA_LABELS_MIN = 4 };

struct miss_limit {
	struct limit *limit;
	uint32_t refused; /* since the last that was let through */
};

int miss_limit_new(uint32_t per_second, uint32_t rows, uint64_t seed, struct miss_limit **ret)
{
	struct limit_rule rule = {.per_second = per_second};
	cleanup(miss_limit) struct miss_limit *l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	int r = limit_new(&rule, rows, seed, &l->limit);
	if (r < 0)
		return r;
	*ret = take_ptr(l);
	return OK;
}

void miss_limit_free(struct miss_limit *l)
{
	if (!l)
		return;
	limit_free(l->limit);
	free(l);
}

struct keys {
	unsigned count;
	uint64_t of[MISS_LIMIT_DEPTH];
};

/* Of the names above this one. */
static struct keys keys_above(const struct miss_limit *l, const struct dname *name)
{
	static const struct dname arpa = {6, 1, "\4arpa"};
	unsigned min = dname_is_under(name, &arpa) ? ARPA_LABELS_MIN : LABELS_MIN;
	struct keys keys = {0};
	struct view above = dname_view(name);
	for (unsigned labels = name->labels; labels-- > min;) {
		above = view_skip(above, above.bytes[0] + 1U);
		if (labels < min + MISS_LIMIT_DEPTH)
			keys.of[keys.count++] = limit_key_of_bytes(l->limit, above);
	}
	return keys;
}

bool miss_limit_allows(struct miss_limit *l, const struct dname *name, int64_t now_us)
{
	struct keys keys = keys_above(l, name);
	for (unsigned i = 0; i < keys.count; i++) {
		if (limit_has_room(l->limit, keys.of[i], now_us))
			continue;
		l->refused = (l->refused + 1) % MISS_LIMIT_SLIP;
		return l->refused == 0;
	}
	return true;
}

void miss_limit_asked(struct miss_limit *l, const struct dname *name, int64_t now_us)
{
	struct keys keys = keys_above(l, name);
	for (unsigned i = 0; i < keys.count; i++)
		(void)limit_ask(l->limit, keys.of[i], now_us); /* over it: the one that slips */
}

void miss_limit_found(struct miss_limit *l, const struct dname *name)
{
	struct keys keys = keys_above(l, name);
	for (unsigned i = 0; i < keys.count; i++)
		limit_return(l->limit, keys.of[i]);
}
