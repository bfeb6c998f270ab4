/* line_scan_probe.c - from the ends of names to the few that may be listed. */
#include "audit/line_scan_private.h"
#include "audit/line_sift.h"
#include "audit/line_stems.h"
#include "base/inline.h"

enum { WINDOW_BITS = 57, SECONDS_FEW = 8 };

#define LOWER UINT64_C(0x2020202020202020)

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

/* The NAME_END_SIZE bytes before a place of the run; what is before the run is zero. */
ALWAYS_INLINE const uint8_t *bytes_before(struct view run, size_t at, bool is_first,
                                          uint8_t room[static NAME_END_SIZE])
{
	if (!is_first || at >= NAME_END_SIZE)
		return run.bytes + at - NAME_END_SIZE;
	memset(room, 0, NAME_END_SIZE);
	memcpy(room + NAME_END_SIZE - at, run.bytes, at);
	return room;
}

static void put_names(struct line_scan *s, uint32_t kept, uint32_t seconds)
{
	for (uint32_t i = 0; i < kept; i++)
		s->places[s->place_count++] = (struct line_place){s->e.ends[i], PLACE_NAME};
	s->has_final_dots |= seconds > SECONDS_FEW + s->e.end_count / 4;
}

ALWAYS_INLINE void probe_small(struct line_scan *s, line_sift_function *sift)
{
	const struct line_sift set = {&s->filter->tails, s->run, s->chunk, s->has_final_dots};
	uint32_t seconds, kept = sift(&set, s->e.ends, s->e.end_count, &seconds);
	put_names(s, kept, seconds);
}

/* What a name's end is judged by: copies, so that nothing that is written can be thought to change them. */
struct judge {
	const struct name_stems *stems;
	struct view run;
	const uint64_t *host, *dot;
	size_t chunk;
	bool is_first, has_single;
};

enum { END_SURE = 1, END_SHORT = 2 };

/* Places up to the next that is set, from the top on; of nothing, many. */
ALWAYS_INLINE unsigned run_before(uint64_t bits)
{
	return (unsigned)__builtin_clzll(bits | 1);
}

/* What stands before an end: the sizes of its last labels, and its last bytes in lower case. */
struct end {
	unsigned last, two, three;
	uint64_t bytes[2];
};

ALWAYS_INLINE struct end read_end(const struct judge *j, size_t at)
{
	struct end e;
	uint8_t room[NAME_END_SIZE];
	uint64_t stop = ~bits_before(j->host, at) | bits_before(j->dot, at);
	unsigned final = stop >> 63; /* a dot that ends the name */
	stop <<= final;
	e.last = run_before(stop);
	e.two = e.last + 1 + run_before(stop << e.last << 1);
	e.three = e.two + 1 + run_before(stop << (e.two & 63) << 1);
	memcpy(e.bytes, bytes_before(j->run, j->chunk + at - final, j->is_first, room),
	       sizeof(e.bytes));
	e.bytes[0] |= LOWER;
	e.bytes[1] |= LOWER;
	return e;
}

/* The hash of the last two labels before that end, of three where two are short. Nothing here is a branch that could
 * be foretold wrongly. Returns END_SURE when it is to be looked at whatever the filter says: it ends with dots; END_SHORT
 * when its last two labels are short and may be listed. */
ALWAYS_INLINE unsigned hash_end(const struct judge *j, size_t at, uint64_t *ret_hash)
{
	const struct name_stems *s = j->stems;
	struct end e = read_end(j, at);
	unsigned is_short = e.two <= NAME_STEM_SHORT_MAX;
	unsigned how = is_short & name_stems_may_have_short(s, e.bytes[1], e.two);
	how = how * END_SHORT | (e.last == 0);
	*ret_hash = name_stem_hash(s, e.bytes, e.two + ((e.three - e.two) & -is_short));
	if (j->has_single)
		how |= name_stems_may_have(s, name_stem_hash(s, e.bytes, e.last));
	return how;
}

/* Few come here. */
static __attribute__((noinline)) void consider(struct line_scan *s, const struct judge *j,
                                               uint32_t i)
{
	unsigned how = s->how[i];
	uint32_t end = s->e.ends[i];
	const uint8_t *begin = s->run.bytes, *at = begin + s->chunk + end;
	if (how & END_SURE || name_stems_may_have(j->stems, s->hashes[i]) ||
	    (how & END_SHORT && line_stems_has_short(j->stems, begin, at)))
		s->places[s->place_count++] = (struct line_place){end, PLACE_NAME};
}

/* A large filter is not in the nearest caches: its words are called for before they are needed. */
ALWAYS_INLINE void probe_large(struct line_scan *s, bool is_first, bool has_single)
{
	const struct name_stems stems = s->filter->policy->stems;
	const struct judge j = {.stems = &stems,
	                        .run = s->run,
	                        .host = s->e.host,
	                        .dot = s->e.dot,
	                        .chunk = s->chunk,
	                        .is_first = is_first,
	                        .has_single = has_single};
	uint32_t end_count = s->e.end_count;
	for (uint32_t i = 0; i < end_count; i++) {
		s->how[i] = (uint8_t)hash_end(&j, s->e.ends[i], &s->hashes[i]);
		__builtin_prefetch(stems.words + name_stem_word(&stems, s->hashes[i]));
	}
	for (uint32_t i = 0; i < end_count; i++) {
		if (__builtin_expect(name_stems_may_have(&stems, s->hashes[i]) | s->how[i], 0))
			consider(s, &j, i);
	}
}

/* The same without the sets of the chunk. */
static void probe_large_wide(struct line_scan *s)
{
	const struct line_stems stems = {&s->filter->policy->stems, s->run, s->chunk,
	                                 s->has_final_dots};
	uint32_t sure, kept = line_stems_wide(&stems, s->e.ends, s->e.end_count, &sure);
	put_names(s, kept, sure);
}

/* Where the lengths of labels stand between them every name is asked for exactly. */
static void take_all(struct line_scan *s)
{
	for (uint32_t i = 0; i < s->e.end_count; i++)
		s->places[i] = (struct line_place){s->e.ends[i], PLACE_ESCAPED_NAME};
	s->place_count = s->e.end_count;
}

/* Ends come in no order, but few of them are left. */
static void put_in_order(struct line_scan *s)
{
	for (uint32_t i = 1; i < s->place_count; i++) {
		struct line_place place = s->places[i];
		uint32_t k = i;
		for (; k > 0 && s->places[k - 1].at > place.at; k--)
			s->places[k] = s->places[k - 1];
		s->places[k] = place;
	}
}

/* What most chunks are like is compiled for itself. */
ALWAYS_INLINE void probe(struct line_scan *s, line_sift_function *sift, bool is_wide)
{
	const struct line_filter *f = s->filter;
	bool has_single = f->with & NAME_STEMS_SINGLE;
	s->place_count = 0;
	if (s->dialect.marks & LINE_ENDS_COUNTED)
		take_all(s);
	else if (!line_filter_is_large(f))
		probe_small(s, sift);
	else if (is_wide && !has_single)
		probe_large_wide(s);
	else if (s->chunk == 0 || has_single)
		probe_large(s, s->chunk == 0, has_single);
	else
		probe_large(s, false, false);
	put_in_order(s);
	if (!s->dialect.has_addresses || !f->has_address4) {
		s->e.number_count = 0;
	} else if (!f->is_wide_address4) {
		const struct line_sift set = {&f->address4_tails, s->run, s->chunk, false};
		uint32_t seconds;
		s->e.number_count = sift(&set, s->e.numbers, s->e.number_count, &seconds);
	}
}

void line_scan_probe(struct line_scan *s)
{
	probe(s, line_sift, false);
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))) void line_scan_probe_fast(struct line_scan *s)
{
	probe(s, line_sift_fast, false);
}

__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))) void line_scan_probe_wide(struct line_scan *s)
{
	probe(s, line_sift_wide, true);
}
#else
void line_scan_probe_fast(struct line_scan *s)
{
	probe(s, line_sift_fast, false);
}

void line_scan_probe_wide(struct line_scan *s)
{
	probe(s, line_sift_wide, true);
}
#endif
