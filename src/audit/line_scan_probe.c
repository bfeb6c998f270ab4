/* line_scan_probe.c - from the ends of names to the few that may be listed. */
#include "audit/line_scan_private.h"

enum { WINDOW_BITS = 57 };

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The bits before `at`, the last of them on top: at least WINDOW_BITS. */
ALWAYS_INLINE uint64_t bits_before(const uint64_t *words, size_t at)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t bits;
	memcpy(&bits, (const uint8_t *)words + (at + 7) / 8, sizeof(bits));
	return bits << (-at & 7);
#else
	const uint64_t *w = words + 1 + at / 64;
	return w[-1] >> (at % 64) | w[0] << 1 << (63 - at % 64);
#endif
}

/* The 16 bytes before a place of the run, in lower case; what is before the run is zero. */
ALWAYS_INLINE void bytes_before(struct view run, size_t at, bool is_first, uint64_t ret[2])
{
	if (!is_first || at >= LINE_KEY_SIZE) {
		memcpy(ret, run.bytes + at - LINE_KEY_SIZE, LINE_KEY_SIZE);
	} else {
		uint8_t key[LINE_KEY_SIZE] = {0};
		memcpy(key + LINE_KEY_SIZE - at, run.bytes, at);
		memcpy(ret, key, LINE_KEY_SIZE);
	}
	ret[0] |= UINT64_C(0x2020202020202020);
	ret[1] |= UINT64_C(0x2020202020202020);
}

/* What a name's end is judged by: copies, so that nothing that is written can be thought to change them. */
struct judge {
	const struct line_filter *filter;
	struct view run;
	const uint64_t *stop, *strange;
	size_t chunk;
	bool is_first, any_strange, has_single;
};

enum { END_SURE = 1, END_SHORT = 2 };

/* Places up to the next that is set, from the top on; of nothing, many. */
ALWAYS_INLINE unsigned run_before(uint64_t bits)
{
	return (unsigned)__builtin_clzll(bits | 1);
}

/* The hash of the last two labels before that end, of three where two are short. Nothing here is a branch that could
 * be foretold wrongly. Returns END_SURE when it is to be looked at whatever the filter says: it is too long to be seen
 * here, ends with dots, or has something beside it that may be an escape; END_SHORT when its last two labels are short
 * and may be listed. */
ALWAYS_INLINE unsigned hash_end(const struct judge *j, size_t end, uint64_t *ret_hash)
{
	const struct line_filter *f = j->filter;
	uint64_t stop = bits_before(j->stop, end), bytes[2];
	unsigned final = stop >> 63; /* a dot that ends the name */
	stop <<= final;
	unsigned last = run_before(stop);
	unsigned two = last + 1 + run_before(stop << last << 1);
	unsigned three = two + 1 + run_before(stop << (two & 63) << 1);
	bytes_before(j->run, j->chunk + end - final, j->is_first, bytes);
	unsigned is_short = two <= LINE_SHORT_MAX;
	unsigned how = is_short & line_filter_may_have_short(f, bytes[1], two);
	unsigned size = two + ((three - two) & -is_short);
	how = how * END_SHORT | (last == 0) | (size >= WINDOW_BITS - 1);
	*ret_hash = line_filter_hash_end(f, bytes, size);
	if (j->any_strange) {
		uint64_t strange = bits_before(j->strange, end) << final;
		unsigned seen = size < 63 ? size : 63;
		how |= strange >> (63 - seen) || (j->strange[1 + end / 64] >> (end % 64) & 1);
	}
	if (j->has_single)
		how |= line_filter_may_have(f, line_filter_hash_end(f, bytes, last));
	return how;
}

/* The second look at what line_filter_may_have_short() let through. */
static bool has_short(const struct judge *j, size_t end)
{
	uint64_t stop = bits_before(j->stop, end), bytes[2];
	unsigned final = stop >> 63;
	stop <<= final;
	unsigned last = run_before(stop), two = last + 1 + run_before(stop << last << 1);
	bytes_before(j->run, j->chunk + end - final, j->is_first, bytes);
	return line_filter_may_have(j->filter, line_filter_hash_end(j->filter, bytes, two));
}

/* Few come here. */
static __attribute__((noinline)) uint32_t consider(struct line_scan *s, const struct judge *j,
                                                   uint32_t count, uint32_t end, uint64_t hash,
                                                   unsigned how)
{
	if (!(how & END_SURE) && !line_filter_may_have(j->filter, hash) &&
	    !(how & END_SHORT && has_short(j, end)))
		return count;
	s->places[count] =
		(struct line_place){end, how & END_SURE ? PLACE_ESCAPED_NAME : PLACE_NAME};
	return count + 1;
}

/* A large filter is not in the nearest caches: its words are called for before they are needed. */
ALWAYS_INLINE void probe_large(struct line_scan *s, const struct judge *j)
{
	uint32_t count = 0, end_count = s->e.end_count;
	for (uint32_t i = 0; i < end_count; i++) {
		s->how[i] = (uint8_t)hash_end(j, s->e.ends[i], &s->hashes[i]);
		__builtin_prefetch(line_filter_word(j->filter, s->hashes[i]));
	}
	for (uint32_t i = 0; i < end_count; i++) {
		if (__builtin_expect(line_filter_may_have(j->filter, s->hashes[i]) | s->how[i], 0))
			count = consider(s, j, count, s->e.ends[i], s->hashes[i], s->how[i]);
	}
	s->place_count = count;
}

ALWAYS_INLINE void probe_small(struct line_scan *s, const struct judge *j)
{
	uint32_t count = 0, end_count = s->e.end_count;
	for (uint32_t i = 0; i < end_count; i++) {
		uint64_t hash;
		uint32_t end = s->e.ends[i];
		unsigned how = hash_end(j, end, &hash);
		if (__builtin_expect(line_filter_may_have_small(j->filter, hash) | how, 0))
			count = consider(s, j, count, end, hash, how);
	}
	s->place_count = count;
}

ALWAYS_INLINE void probe_any(struct line_scan *s, const struct judge *j)
{
	if (j->filter->is_large)
		probe_large(s, j);
	else
		probe_small(s, j);
}

/* Where the lengths of labels stand between them every name is asked for exactly. */
static void take_all(struct line_scan *s)
{
	for (uint32_t i = 0; i < s->e.end_count; i++)
		s->places[i] = (struct line_place){s->e.ends[i], PLACE_ESCAPED_NAME};
	s->place_count = s->e.end_count;
}

/* What most chunks are like is compiled for itself. */
ALWAYS_INLINE void probe(struct line_scan *s)
{
	const struct line_filter filter = *s->filter;
	struct judge j = {.filter = &filter,
	                  .run = s->run,
	                  .stop = s->e.stop,
	                  .strange = s->e.strange,
	                  .chunk = s->chunk,
	                  .is_first = s->chunk == 0,
	                  .any_strange = s->e.any_strange | s->e.strange[0],
	                  .has_single = filter.has_single};
	if (s->dialect.marks & LINE_ENDS_COUNTED) {
		take_all(s);
	} else if (j.is_first || j.any_strange || j.has_single) {
		probe_any(s, &j);
	} else {
		j.is_first = j.any_strange = j.has_single = false;
		probe_any(s, &j);
	}
}

void line_scan_probe(struct line_scan *s)
{
	probe(s);
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))) void line_scan_probe_fast(struct line_scan *s)
{
	probe(s);
}

bool line_scan_has_fast(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2") && /* and, with these, lzcnt */
	       __builtin_cpu_supports("popcnt");
}
#else
void line_scan_probe_fast(struct line_scan *s)
{
	probe(s);
}

bool line_scan_has_fast(void)
{
	return false;
}
#endif
