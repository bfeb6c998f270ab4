#include "gate/dns/pending.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/hash.h"

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
	                      .newest = NOTHING};
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
	p->waiter_count++;
	return w;
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
	uint64_t hash = hash_view(dname_view(&question->name), p->seed + question->type);
	uint32_t bucket = (uint32_t)hash & p->bucket_mask;
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
	w->query.packet = w->query.edns.cookie = w->query.edns.options = (struct view){0};
	w->query.edns.ede_text = (struct view){0};
	w->origin = *origin;
	w->redirect = asked->redirect;
	w->until_us = now_us + p->limits.timeout_us;
	waiter_queue(p, w, of);
	*ret_question = of;
	return is_first ? PENDING_FIRST : PENDING_JOINED;
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

uint32_t pending_questions(const struct pending *p)
{
	return p->question_count;
}

uint32_t pending_waiters(const struct pending *p)
{
	return p->waiter_count;
}
