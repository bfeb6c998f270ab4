#include "daemon/fetcher.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log_line.h"

/* Lists that change together become one policy. */
#define GATHER_US   (SECOND_US / 2)
#define POSTPONE_US (60 * SECOND_US)

static void plan(struct fetch_slot *s, const struct fetch_past *past, int64_t now_us)
{
	if (s->is_offered)
		s->due_us = TIME_MAX;
	else if (s->is_owed)
		s->due_us = now_us;
	else
		s->due_us = fetch_due(past, s->list.of->refresh_us, now_us, randombytes_random());
}

static int open_slot(struct fetcher *f, struct fetch_slot *s, int64_t now_us)
{
	struct fetch_past past;
	int code = fetch_list_open(&s->list, &s->is_offered, &past);
	if (code < 0)
		return code;
	plan(s, &past, now_us);
	/* who starts without a copy does not sit out an old failure */
	if (!past.has_copy && !s->is_offered)
		s->due_us = now_us;
	if (s->is_offered)
		f->offer_at_us = now_us;
	return OK;
}

static void drop(struct fetcher *f)
{
	https_cancel(f->client);
	free(f->slots);
	arena_done(&f->arena);
	f->slots = NULL;
	f->count = f->running = 0;
	f->in_round = false;
}

int fetcher_set(struct fetcher *f, struct view text, int64_t now_us)
{
	struct subscriptions all;
	drop(f);
	arena_init(&f->arena, 0);
	int code = subscriptions_parse(text, &f->arena, &all);
	if (code < 0)
		return code;
	f->slots = calloc(all.lists.count + 1, sizeof(*f->slots));
	if (!f->slots)
		return ERR_LIMIT;
	for (size_t i = 0; code == OK && i < all.lists.count; i++) {
		struct fetch_slot *s = &f->slots[f->count++];
		s->list = (struct fetch_list){f->folder,
		                              (const struct subscription *)all.lists.items + i};
		code = open_slot(f, s, now_us);
	}
	return code;
}

void fetcher_done(struct fetcher *f)
{
	drop(f);
	https_close(f->client);
}

static int start(struct fetcher *f, struct fetch_slot *s)
{
	int code = fetch_list_tags(&s->list, &s->tags);
	if (code < 0)
		return code;
	const struct subscription *of = s->list.of;
	struct https_request request = {.url = of->url,
	                                .etag = s->tags.etag[0] ? s->tags.etag : NULL,
	                                .modified = s->tags.modified[0] ? s->tags.modified : NULL,
	                                .authorities = of->ca,
	                                .size_max = (size_t)of->size_max,
	                                .timeout_us = f->timeout_us,
	                                .context = s};
	code = https_get(f->client, &request);
	s->is_owed = false;
	s->is_running = code == OK;
	f->running += s->is_running;
	return code;
}

static void say(const struct fetch_slot *s, enum fetch_outcome outcome, const char *sentence)
{
	const char *id = s->list.of->id;
	switch (outcome) {
	case FETCH_SAME: log_line(LOG_LEVEL_DEBUG, "list %s is current", id); break;
	case FETCH_OFFERED: log_line(LOG_LEVEL_INFO, "list %s has changed", id); break;
	case FETCH_HELD:
		log_line(LOG_LEVEL_WARNING,
		         "list %s: %s; the copy before stays in force until `writ lists accept %s`",
		         id, sentence, id);
		break;
	case FETCH_FAILED:
		log_line(LOG_LEVEL_WARNING, "cannot fetch list %s: %s; what was in force stays", id,
		         sentence);
	}
}

static int finish(struct fetcher *f, struct https_answer *answer, int64_t now_us)
{
	struct fetch_slot *s = answer->context;
	struct fetch_past past;
	enum fetch_outcome outcome;
	char sentence[HTTPS_SENTENCE_MAX];
	s->is_running = false;
	f->running--;
	int code = fetch_list_answer(&s->list, answer, now_us, &outcome, sentence);
	if (code == OK)
		code = fetch_list_open(&s->list, &s->is_offered, &past);
	if (code < 0)
		return code;
	say(s, outcome, sentence);
	plan(s, &past, now_us);
	if (s->is_offered)
		f->offer_at_us = now_us + GATHER_US;
	else
		s->is_asked = false;
	return OK;
}

int fetcher_work(struct fetcher *f, int64_t now_us)
{
	struct https_answer answer;
	int code = OK;
	while (code == OK && https_next(f->client, &answer)) {
		code = finish(f, &answer, now_us);
		buffer_done(&answer.body);
	}
	for (size_t i = 0; code == OK && i < f->count && f->running < FETCHES_MAX; i++) {
		struct fetch_slot *s = &f->slots[i];
		if (!s->is_running && !s->is_offered && s->due_us <= now_us)
			code = start(f, s);
	}
	return code;
}

int64_t fetcher_next_us(const struct fetcher *f)
{
	int64_t next = TIME_MAX;
	for (size_t i = 0; i < f->count; i++) {
		const struct fetch_slot *s = &f->slots[i];
		int64_t at = s->is_running                  ? TIME_MAX
		             : s->is_offered && f->in_round ? TIME_MAX
		             : s->is_offered                ? f->offer_at_us
		             : f->running == FETCHES_MAX    ? TIME_MAX
		                                            : s->due_us;
		next = at < next ? at : next;
	}
	return next;
}

bool fetcher_offers(struct fetcher *f, int64_t now_us)
{
	bool any = false;
	if (f->in_round || now_us < f->offer_at_us)
		return false;
	for (size_t i = 0; i < f->count; i++) {
		f->slots[i].in_round = f->slots[i].is_offered;
		any |= f->slots[i].is_offered;
	}
	f->in_round = any;
	return any;
}

int fetcher_settle(struct fetcher *f, const char *why)
{
	int code = OK;
	f->in_round = false;
	for (size_t i = 0; code == OK && i < f->count; i++) {
		struct fetch_slot *s = &f->slots[i];
		struct fetch_past past;
		if (!s->in_round)
			continue;
		s->in_round = s->is_offered = false;
		s->is_asked = s->is_owed;
		code = why ? fetch_list_hold(&s->list, why) : fetch_list_take(&s->list);
		if (code == OK)
			code = fetch_list_open(&s->list, &s->is_offered, &past);
		if (code == OK)
			plan(s, &past, past.tried_us);
	}
	return code;
}

void fetcher_postpone(struct fetcher *f, int64_t now_us)
{
	f->in_round = false;
	f->offer_at_us = now_us + POSTPONE_US;
	for (size_t i = 0; i < f->count; i++)
		f->slots[i].in_round = f->slots[i].is_asked = f->slots[i].is_owed = false;
}

static struct fetch_slot *find(const struct fetcher *f, struct view id)
{
	for (size_t i = 0; i < f->count; i++) {
		if (view_is(id, f->slots[i].list.of->id))
			return &f->slots[i];
	}
	return NULL;
}

int fetcher_refresh(struct fetcher *f, struct view id, int64_t now_us)
{
	if (id.size && !find(f, id))
		return ERR_MISSING;
	for (size_t i = 0; i < f->count; i++) {
		struct fetch_slot *s = &f->slots[i];
		if (id.size && s != find(f, id))
			continue;
		s->is_asked = true;
		s->is_owed = !s->is_running;
		s->due_us = s->is_offered ? s->due_us : now_us;
		if (!f->in_round && s->is_offered)
			f->offer_at_us = now_us;
	}
	return OK;
}

int fetcher_accept(struct fetcher *f, struct view id, int64_t now_us)
{
	struct fetch_slot *s = find(f, id);
	if (s && s->is_running)
		return -EAGAIN;
	int code = s && !s->is_offered ? fetch_list_accept(&s->list) : ERR_MISSING;
	if (code < 0)
		return code;
	s->is_offered = s->is_asked = true;
	f->offer_at_us = now_us;
	return OK;
}

bool fetcher_is_idle(const struct fetcher *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->slots[i].is_asked)
			return false;
	}
	return true;
}
