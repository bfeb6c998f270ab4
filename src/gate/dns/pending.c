#include "gate/dns/pending.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/writer.h"

#define NOTHING UINT32_MAX

struct question {
	struct dname name;
	uint16_t type;
	bool is_used;
	uint32_t bucket;
	uint32_t next;        /* in its bucket, or of the free ones */
	uint32_t first, last; /* waiters, in the order they came */
};

struct pending {
	struct pending_limits limits;
	uint64_t seed;
	uint32_t question_count, waiter_count;
	uint32_t question_free, waiter_free; /* given back */
	uint32_t question_fresh,
		waiter_fresh; /* from here on never used: no memory is spent on them */
	uint32_t oldest,
		newest; /* waiters: all wait equally long, so the oldest is the first to leave */
	uint32_t late;  /* the oldest waiter that pending_late() has not returned */
	uint32_t bucket_mask;
	uint32_t *buckets;
	struct question *questions;
	struct waiter *waiters;
};

int pending_new(const struct pending_limits *limits, uint64_t seed, struct pending **ret)
{
	cleanup(pending) struct pending *p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	*p = (struct pending){.limits = *limits,
	                      .seed = seed,
	                      .question_free = NOTHING,
	                      .waiter_free = NOTHING,
	                      .oldest = NOTHING,
	                      .newest = NOTHING,
	                      .late = NOTHING};
	uint32_t buckets = 1;
	while (buckets < limits->questions)
		buckets *= 2;
	p->bucket_mask = buckets - 1;
	p->buckets = malloc(buckets * sizeof(p->buckets[0]));
	p->questions = calloc(limits->questions, sizeof(p->questions[0]));
	p->waiters = calloc(limits->waiters, sizeof(p->waiters[0]));
	if (!p->buckets || !p->questions || !p->waiters)
		return -ENOMEM;
	memset(p->buckets, 0xff, buckets * sizeof(p->buckets[0]));
	*ret = take_ptr(p);
	return OK;
}

void pending_free(struct pending *p)
{
	if (!p)
		return;
	free(p->buckets);
	free(p->questions);
	free(p->waiters);
	free(p);
}

static uint32_t bucket_of(const struct pending *p, const struct dns_question *q)
{
	return (uint32_t)hash_view(dname_view(&q->name), p->seed + q->type) & p->bucket_mask;
}

static uint32_t question_find(const struct pending *p, uint32_t bucket,
                              const struct dns_question *q)
{
	uint32_t i = p->buckets[bucket];
	while (i != NOTHING &&
	       (p->questions[i].type != q->type || !dname_equal(&p->questions[i].name, &q->name)))
		i = p->questions[i].next;
	return i;
}

static uint32_t question_add(struct pending *p, uint32_t bucket, const struct dns_question *q)
{
	uint32_t i = p->question_free;
	if (i != NOTHING)
		p->question_free = p->questions[i].next;
	else if (p->question_fresh < p->limits.questions)
		i = p->question_fresh++;
	else
		return NOTHING;
	struct question *question = &p->questions[i];
	*question = (struct question){.name = q->name,
	                              .type = q->type,
	                              .is_used = true,
	                              .bucket = bucket,
	                              .next = p->buckets[bucket],
	                              .first = NOTHING,
	                              .last = NOTHING};
	p->buckets[bucket] = i;
	p->question_count++;
	return i;
}

/* There is one: the caller has looked. */
static struct waiter *waiter_take(struct pending *p)
{
	uint32_t i = p->waiter_free;
	if (i != NOTHING)
		p->waiter_free = p->waiters[i].next;
	else
		i = p->waiter_fresh++;
	struct waiter *w = &p->waiters[i];
	w->next = w->newer = NOTHING;
	w->older = p->newest;
	*(p->newest == NOTHING ? &p->oldest : &p->waiters[p->newest].newer) = i;
	p->newest = i;
	if (p->late == NOTHING)
		p->late = i;
	p->waiter_count++;
	return w;
}

/* Padding and whatever else is long has done its work. */
static void keep_options(struct waiter *w, const struct dns_edns *from)
{
	struct writer kept = writer_open(w->options, sizeof(w->options));
	struct view rest = from->options, value;
	struct dns_edns *to = &w->query.edns;
	uint16_t code;
	to->cookie = to->ede_text = (struct view){0};
	while (dns_option_next(&rest, &code, &value) > 0) {
		if (code == DNS_OPTION_PADDING || writer_left(&kept) < value.size + 4)
			continue;
		write_u16(&kept, code);
		write_u16(&kept, (uint16_t)value.size);
		if (code == DNS_OPTION_COOKIE && !to->cookie.size)
			to->cookie = view_of(kept.at, value.size);
		write_view(&kept, value);
	}
	to->options = view_of(w->options, writer_size(&kept));
}

static void waiter_queue(struct pending *p, struct waiter *w, uint32_t of)
{
	struct question *question = &p->questions[of];
	uint32_t i = (uint32_t)(w - p->waiters);
	*(question->last == NOTHING ? &question->first : &p->waiters[question->last].next) = i;
	question->last = i;
	w->of = of;
}

int pending_join(struct pending *p, const struct dns_asked *asked, const struct dns_query *query,
                 const struct origin *origin, int64_t now_us, uint32_t *ret_question)
{
	const struct dns_question *question = &asked->question;
	uint32_t bucket = bucket_of(p, question);
	if (p->waiter_count == p->limits.waiters)
		return ERR_LIMIT;
	uint32_t of = question_find(p, bucket, question);
	bool is_first = of == NOTHING;
	if (is_first)
		of = question_add(p, bucket, question);
	if (of == NOTHING)
		return ERR_LIMIT;
	struct waiter *w = waiter_take(p);
	w->query = *query;
	memcpy(w->question, query->question.bytes, query->question.size);
	w->query.question.bytes = w->question;
	w->query.packet = (struct view){0};
	keep_options(w, &query->edns);
	w->origin = *origin;
	w->redirect = asked->redirect;
	w->until_us = now_us + p->limits.timeout_us;
	w->is_answered = false;
	waiter_queue(p, w, of);
	*ret_question = of;
	return is_first ? PENDING_FIRST : PENDING_JOINED;
}

int pending_begin(struct pending *p, const struct dns_question *question, uint32_t *ret_question)
{
	uint32_t bucket = bucket_of(p, question);
	if (question_find(p, bucket, question) != NOTHING)
		return PENDING_JOINED;
	if (p->question_count >= p->limits.questions / 2)
		return ERR_LIMIT;
	*ret_question = question_add(p, bucket, question);
	return PENDING_FIRST;
}

const struct waiter *pending_next(struct pending *p, uint32_t question)
{
	struct question *from = &p->questions[question];
	assert(from->is_used);
	uint32_t i = from->first;
	if (i == NOTHING)
		return NULL;
	struct waiter *w = &p->waiters[i];
	from->first = w->next;
	if (from->first == NOTHING)
		from->last = NOTHING;
	*(w->older == NOTHING ? &p->oldest : &p->waiters[w->older].newer) = w->newer;
	*(w->newer == NOTHING ? &p->newest : &p->waiters[w->newer].older) = w->older;
	if (p->late == i)
		p->late = w->newer;
	w->next = p->waiter_free;
	p->waiter_free = i;
	p->waiter_count--;
	return w;
}

void pending_end(struct pending *p, uint32_t question)
{
	while (pending_next(p, question))
		;
	struct question *ended = &p->questions[question];
	uint32_t *link = &p->buckets[ended->bucket];
	while (*link != question)
		link = &p->questions[*link].next;
	*link = ended->next;
	ended->is_used = false;
	ended->next = p->question_free;
	p->question_free = question;
	p->question_count--;
}

const struct waiter *pending_expired(struct pending *p, int64_t now_us)
{
	if (p->oldest == NOTHING || p->waiters[p->oldest].until_us > now_us)
		return NULL;
	/* the oldest of all is the first of its question */
	return pending_next(p, p->waiters[p->oldest].of);
}

struct waiter *pending_late(struct pending *p, int64_t now_us)
{
	if (p->late == NOTHING)
		return NULL;
	struct waiter *w = &p->waiters[p->late];
	if (w->until_us - p->limits.timeout_us + p->limits.late_us > now_us)
		return NULL;
	p->late = w->newer;
	return w;
}

uint32_t pending_waiters(const struct pending *p)
{
	return p->waiter_count;
}
