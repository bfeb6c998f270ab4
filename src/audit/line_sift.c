#include "audit/line_sift_private.h"

#define LOWER UINT64_C(0x2020202020202020)

/* Before `end`, where there is enough. */
ALWAYS_INLINE struct line_tail tail_at(const uint8_t *end)
{
	struct line_tail tail;
	memcpy(&tail.last, end - sizeof(tail.last), sizeof(tail.last));
	memcpy(&tail.before, end - LINE_TAIL_LONG, sizeof(tail.before));
	tail.last |= LOWER;
	tail.before |= LOWER;
	return tail;
}

/* What is before the run is zero. */
ALWAYS_INLINE struct line_tail tail_before(struct view run, const uint8_t *end)
{
	uint8_t room[LINE_TAIL_LONG] = {0};
	size_t size = (size_t)(end - run.bytes);
	if (size >= LINE_TAIL_LONG)
		return tail_at(end);
	memcpy(room + LINE_TAIL_LONG - size, run.bytes, size);
	return tail_at(room + LINE_TAIL_LONG);
}

/* What is known of a set and a chunk before its ends are asked for. */
struct shape {
	unsigned cut_count;
	bool has_long, has_dots, is_first;
};

/* Which of them are to be looked at again. Nothing here is a branch that could be foretold wrongly, or an address that
 * depends on what was found before. */
ALWAYS_INLINE void first_look(const struct line_sift *s, const uint32_t *ends, uint32_t count,
                              struct shape shape, uint8_t *restrict ret_may)
{
	const struct line_tails tails = *s->tails;
	const struct view run = s->run;
	const uint8_t *const chunk = run.bytes + s->chunk;
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *at = chunk + ends[i];
		if (shape.has_dots)
			at -= at[-1] == '.';
		struct line_tail tail = shape.is_first ? tail_before(run, at) : tail_at(at);
		unsigned dots = line_tail_ends_with(tail, '.');
		ret_may[i] = (uint8_t)(line_tails_may_have(&tails, tail, shape.cut_count,
		                                           shape.has_long) |
		                       dots);
	}
}

static bool has(const struct line_sift *s, uint32_t end)
{
	const uint8_t *at = s->run.bytes + s->chunk + end;
	at -= at[-1] == '.';
	struct line_tail tail = tail_before(s->run, at);
	return at == s->run.bytes || line_tail_ends_with(tail, '.') ||
	       line_tails_has(s->tails, tail);
}

_Static_assert(LINE_SIFT_GROUP == sizeof(uint64_t), "a group is one number");

/* Nearly all groups have none. */
static uint32_t second_look(const struct line_sift *s, const uint8_t *may, uint32_t *ends,
                            uint32_t count, uint32_t *ret_seconds)
{
	uint32_t kept = 0, seconds = 0;
	for (uint32_t i = 0; i < count; i += LINE_SIFT_GROUP) {
		uint64_t any;
		memcpy(&any, may + i, sizeof(any));
		for (uint32_t k = i; __builtin_expect(any != 0, 0) && k < i + LINE_SIFT_GROUP;
		     k++) {
			seconds += may[k];
			if (may[k] && has(s, ends[k]))
				ends[kept++] = ends[k];
		}
	}
	*ret_seconds = seconds;
	return kept;
}

/* What most sets are like is compiled for itself, in a function so small that all it needs is in registers. */
#define LOOK(name, attributes, ...)                                                  \
	static attributes void name(const struct line_sift *s, const uint32_t *ends, \
	                            uint32_t count, uint8_t *ret_may)                \
	{                                                                            \
		first_look(s, ends, count, (struct shape){__VA_ARGS__}, ret_may);    \
	}
#define LOOKS(way, attributes)                                                                    \
	LOOK(one_cut_##way, attributes, 1, false, true, false)                                    \
	LOOK(two_cuts_##way, attributes, 2, false, false, false)                                  \
	LOOK(two_cuts_dots_##way, attributes, 2, false, true, false)                              \
	LOOK(two_cuts_long_##way, attributes, 2, true, true, false)                               \
	LOOK(any_##way, attributes, s->tails->cut_count, s->tails->has_long, true, s->chunk == 0) \
	static line_look_function *const looks_##way[] = {                                        \
		[ONE_CUT] = one_cut_##way,                                                        \
		[TWO_CUTS] = two_cuts_##way,                                                      \
		[TWO_CUTS_DOTS] = two_cuts_dots_##way,                                            \
		[TWO_CUTS_LONG] = two_cuts_long_##way,                                            \
		[ANY] = any_##way,                                                                \
	};

enum look { ONE_CUT, TWO_CUTS, TWO_CUTS_DOTS, TWO_CUTS_LONG, ANY };

#define PLAIN __attribute__((noinline))
#if defined(__x86_64__)
#	define FAST __attribute__((noinline, target("avx2,bmi,bmi2,lzcnt,popcnt")))
#else
#	define FAST PLAIN
#endif

LOOKS(plain, PLAIN)
LOOKS(fast, FAST)

static enum look look_for(const struct line_sift *s)
{
	const struct line_tails *t = s->tails;
	if (s->chunk == 0 || t->cut_count > 2 || (t->cut_count == 1 && t->has_long))
		return ANY;
	if (t->cut_count == 1)
		return ONE_CUT;
	if (t->has_long)
		return TWO_CUTS_LONG;
	return s->has_dots ? TWO_CUTS_DOTS : TWO_CUTS;
}

uint32_t line_sift_by(line_look_function *look, const struct line_sift *s, uint32_t *ends,
                      uint32_t count, uint32_t *ret_seconds)
{
	uint8_t may[LINE_ENDS_MAX + LINE_SIFT_GROUP];
	for (uint32_t i = 0; i < LINE_SIFT_GROUP; i++)
		ends[count + i] = ends[0];
	look(s, ends, count, may);
	memset(may + count, 0, LINE_SIFT_GROUP);
	return second_look(s, may, ends, count, ret_seconds);
}

uint32_t line_sift(const struct line_sift *s, uint32_t *ends, uint32_t count, uint32_t *ret_seconds)
{
	return line_sift_by(looks_plain[look_for(s)], s, ends, count, ret_seconds);
}

uint32_t line_sift_fast(const struct line_sift *s, uint32_t *ends, uint32_t count,
                        uint32_t *ret_seconds)
{
	return line_sift_by(looks_fast[look_for(s)], s, ends, count, ret_seconds);
}
