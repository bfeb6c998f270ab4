/* Judging what a flow said: pieces to readings, readings to claims, claims to the judge. */
#include "base/hash.h"
#include "flow/flow_internal.h"

/* What all readings come to. */
struct hearing {
	struct turn *turn;
	bool is_part, is_known, needs_answer, goes_on, ends_differ;
	bool has_heard, is_cumulative, is_demanding, has_echo;
	bool is_ambiguous; /* it has more names than are read */
	enum flow_protocol protocol;
	uint64_t end;
	struct conversation next;
};

/* By the table's secret: a name that was allowed must not stand for another one. */
static uint64_t hash_claim(const struct turn *turn, const struct flow_claim *claim)
{
	uint64_t kind = (uint64_t)claim->protocol << 1 | claim->has_ech;
	return hash_view(claim->name, turn->t->table.seed ^ kind);
}

bool turn_claim(struct turn *turn, const struct flow_claim *claim)
{
	struct flow *f = turn->flow;
	uint64_t hash = hash_claim(turn, claim);
	for (unsigned i = 0; i < f->claim_count; i++)
		if (f->claims[i] == hash)
			return true;
	f->was_judged = true;
	f->protocol = (uint8_t)claim->protocol;
	struct flow_judge *judge = &turn->t->judge;
	if (judge->judge(judge->context, &f->key, claim) == FLOW_REFUSED)
		return false;
	unsigned at = f->claim_count < FLOW_CLAIMS_KEPT ? f->claim_count++
	                                                : (unsigned)(hash % FLOW_CLAIMS_KEPT);
	f->claims[at] = hash;
	return true;
}

bool turn_claim_nobody(struct turn *turn)
{
	const struct flow_claim nobody = {.protocol = FLOW_UNKNOWN};
	if (turn->flow->was_judged || turn_claim(turn, &nobody))
		return true;
	turn_end_flow(turn, FLOW_REFUSE, FLOW_WHY_RULED);
	return false;
}

static bool take_claim(void *context, const struct flow_claim *claim)
{
	struct hearing *h = context;
	return turn_claim(h->turn, claim);
}

static struct ear ear_of(struct hearing *h)
{
	return (struct ear){.claim = take_claim,
	                    .context = h,
	                    .key = &h->turn->flow->key,
	                    .room = h->turn->t->message_room,
	                    .room_size = h->turn->t->room_size,
	                    .heads = h->turn->t->heads};
}

/* What is known outweighs a reading that is of no protocol: nothing will come of that one. */
static void add_heard(struct hearing *h, const struct heard *heard)
{
	bool is_known = heard->protocol != FLOW_UNKNOWN;
	h->has_echo |= heard->has_echo;
	if (h->is_known && !is_known)
		return;
	bool is_first = !h->has_heard || (is_known && !h->is_known);
	h->has_heard = true;
	if (is_first) {
		h->end = heard->end;
		h->next = heard->next;
		h->protocol = heard->protocol;
	} else if (h->end != heard->end || h->next.stage != heard->next.stage) {
		h->ends_differ = true;
	}
	h->is_known |= is_known;
	h->needs_answer |= heard->needs_answer;
	h->goes_on |= heard->goes_on;
	h->is_cumulative |= heard->is_cumulative;
}

/* What a reading that is not allowed came to. */
static enum reading_step end_reading(struct hearing *h, int code)
{
	h->is_ambiguous = code == ERR_LIMIT;
	return READING_END;
}

static void end_refused(struct hearing *h)
{
	turn_end_flow(h->turn, FLOW_REFUSE, h->is_ambiguous ? FLOW_WHY_AMBIGUOUS : FLOW_WHY_RULED);
}

static enum reading_step hear_reading(void *context, struct view bytes, bool is_end)
{
	struct hearing *h = context;
	struct ear ear = ear_of(h);
	struct heard heard;
	if (bytes.size == 0) {
		h->is_part |= is_end;
		return READING_MORE;
	}
	int r = recogniser_hear(&h->turn->flow->conversation, bytes, &ear, &heard);
	if (r == ERR_DENIED || r == ERR_LIMIT)
		return end_reading(h, r);
	if (r != OK) {
		h->is_part |= is_end;
		h->is_demanding |= is_end && !heard.is_optional;
		return READING_MORE;
	}
	/* the rest of such a reading says nothing more: none that is known, or a hello in whole */
	bool is_enough = heard.protocol == FLOW_UNKNOWN || heard.needs_answer;
	if (is_end || is_enough)
		add_heard(h, &heard);
	return is_enough ? READING_ENOUGH : READING_MORE;
}

/* Held pieces and the one that came now, in one row; false: more of them than can be read. */
static bool find_pieces(struct turn *turn, uint32_t sequence, struct view now, struct readings *ret)
{
	struct flow_table *t = turn->t;
	struct flow *f = turn->flow;
	struct held_piece piece;
	uint32_t cursor = 0;
	size_t used = 0;
	while (held_next(&f->from_client, &t->table.pool, &cursor, &piece)) {
		if (ret->count == READING_PIECES_MAX - 1 || piece.size > t->pieces_room_size - used)
			return false;
		uint8_t *at = t->pieces_room + used;
		held_copy(&t->table.pool, cursor, at);
		/* of a piece that lies across the base, the part behind it */
		uint32_t before =
			tcp_is_before(piece.sequence, f->base) ? f->base - piece.sequence : 0;
		t->pieces[ret->count++] =
			(struct reading_piece){piece.sequence + before - f->base,
		                               view_of(at + before, piece.size - before)};
		used += piece.size;
	}
	if (now.size)
		t->pieces[ret->count++] = (struct reading_piece){sequence - f->base, now};
	for (unsigned i = 0; i < f->absent_count; i++)
		if (!tcp_is_before(f->absent[i], f->base))
			ret->absent[ret->absent_count++] = f->absent[i] - f->base;
	return true;
}

static void settle(struct flow *f, const struct hearing *h)
{
	f->state = FLOW_STATE_JUDGED;
	f->protocol = (uint8_t)h->protocol;
	f->needs_answer = h->needs_answer;
	f->goes_on = h->goes_on;
	f->has_echo = h->has_echo;
	f->is_settled = !h->ends_differ && !h->is_cumulative;
	f->settled = f->base + (uint32_t)h->end;
	f->next = h->next;
}

/* Every segment may add readings to read again, each as long as all that is held: what a flow costs in all is bounded. */
static size_t work_left(const struct flow_table *t, const struct flow *f)
{
	enum { READING_SIZE = 4096 };
	uint64_t most = (uint64_t)t->limits.readings * READING_SIZE / FLOW_REREAD_UNIT;
	if (most > UINT16_MAX)
		most = UINT16_MAX;
	return f->reread < most ? (size_t)(most - f->reread) * FLOW_REREAD_UNIT : 0;
}

static int visit_readings(struct turn *turn, uint32_t sequence, struct view now, struct hearing *h)
{
	struct flow_table *t = turn->t;
	struct flow *f = turn->flow;
	size_t most = work_left(t, f), left = most;
	struct readings r = {.pieces = t->pieces,
	                     .room = t->reading_room,
	                     .room_size = t->room_size,
	                     .limit = t->limits.readings,
	                     .work = &left};
	if (!find_pieces(turn, sequence, now, &r))
		return ERR_LIMIT;
	int code = readings_visit(&r, hear_reading, h);
	f->reread += (uint16_t)((most - left + FLOW_REREAD_UNIT - 1) / FLOW_REREAD_UNIT);
	return code;
}

bool turn_hear(struct turn *turn, uint32_t sequence, struct view now)
{
	struct flow *f = turn->flow;
	struct hearing h = {.turn = turn};
	int code = visit_readings(turn, sequence, now, &h);
	if (code == ERR_DENIED) {
		end_refused(&h);
		return false;
	}
	if (code != OK) {
		turn_end_flow(turn, FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
		return false;
	}
	f->is_settled = false;
	f->is_optional = h.is_part && !h.is_demanding;
	if (h.is_part)
		f->state = FLOW_STATE_OPEN;
	else
		settle(f, &h);
	return true;
}

static enum reading_step hear_part(void *context, struct view bytes, bool is_end)
{
	struct hearing *h = context;
	struct ear ear = ear_of(h);
	if (!is_end || bytes.size == 0)
		return READING_MORE;
	int r = recogniser_hear_part(&h->turn->flow->conversation, bytes, &ear);
	return r == OK ? READING_MORE : end_reading(h, r);
}

/* --- bytes that nothing will complete --- */

static enum reading_step hear_run(void *context, struct view bytes, bool is_end)
{
	static const struct conversation start = {.stage = STAGE_START};
	struct hearing *h = context;
	struct ear ear = ear_of(h);
	struct heard heard;
	if (!is_end || bytes.size == 0)
		return READING_MORE;
	int r = recogniser_hear(&start, bytes, &ear, &heard);
	if (r == ERR_TRUNCATED)
		r = recogniser_hear_part(&start, bytes, &ear);
	return r == ERR_DENIED ? READING_END : READING_MORE;
}

/* Where the pieces behind the first gap begin; false: there is no gap. */
static bool find_gap(const struct readings *r, uint32_t *ret)
{
	uint32_t end = 0, next = UINT32_MAX;
	for (unsigned n = 0; n < r->count; n++)
		for (unsigned i = 0; i < r->count; i++) {
			uint32_t to = r->pieces[i].offset + (uint32_t)r->pieces[i].bytes.size;
			if (r->pieces[i].offset <= end && to > end)
				end = to;
		}
	for (unsigned i = 0; i < r->count; i++)
		if (r->pieces[i].offset > end && r->pieces[i].offset < next)
			next = r->pieces[i].offset;
	*ret = next;
	return next != UINT32_MAX;
}

/* What lies behind bytes that were not captured. A refusal has no meaning here. */
static void hear_behind_gaps(struct turn *turn, struct readings *r, struct hearing *h)
{
	for (uint32_t gap; find_gap(r, &gap);) {
		unsigned kept = 0;
		for (unsigned i = 0; i < r->count; i++) {
			struct reading_piece p = r->pieces[i];
			if (p.offset < gap)
				continue;
			p.offset -= gap;
			turn->t->pieces[kept++] = p;
		}
		r->count = kept;
		r->absent_count = 0;
		(void)!readings_visit(r, hear_run, h);
	}
}

void turn_end_by_limit(struct turn *turn, enum flow_why why)
{
	struct flow_table *t = turn->t;
	enum flow_action action = why == FLOW_WHY_MIDDLE ? t->limits.on_middle : t->limits.on_limit;
	if (turn->flow->is_optional)
		action = FLOW_RELEASE;
	size_t left = work_left(t, turn->flow);
	struct readings r = {.pieces = t->pieces,
	                     .room = t->reading_room,
	                     .room_size = t->room_size,
	                     .limit = t->limits.readings,
	                     .work = &left};
	struct hearing h = {.turn = turn};
	int code = find_pieces(turn, 0, view_of(NULL, 0), &r) ? readings_visit(&r, hear_part, &h)
	                                                      : ERR_LIMIT;
	h.is_ambiguous |= code == ERR_LIMIT; /* not all was judged */
	if (code == ERR_DENIED || (code != OK && !t->limits.is_passive)) {
		end_refused(&h);
		return;
	}
	if (t->limits.is_passive)
		hear_behind_gaps(turn, &r, &h);
	if (turn_claim_nobody(turn))
		turn_end_flow(turn, action, why);
}

void turn_hear_rest(struct flow_table *t, struct flow *f)
{
	struct flow_outcome outcome = {0};
	struct turn turn = {.t = t, .outcome = &outcome, .flow = f};
	if (f->key.protocol == FLOW_TCP && f->state < FLOW_STATE_RELEASED && f->from_client.count)
		turn_end_by_limit(&turn, FLOW_WHY_LIMIT_TIME);
}

void turn_end_flow(struct turn *turn, enum flow_action action, enum flow_why why)
{
	struct flow *f = turn->flow;
	f->state = action == FLOW_REFUSE ? FLOW_STATE_REFUSED : FLOW_STATE_RELEASED;
	turn_end(turn, action, why);
}
