#include "daemon/fetch_list.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "policy/list_check.h"

/* The state of a list while one call works on it. */
struct desk {
	const struct fetch_list *list;
	struct arena arena;
	struct list_state state;
};

static int desk_open(const struct fetch_list *l, struct desk *d)
{
	d->list = l;
	arena_init(&d->arena, 0);
	int code = list_state_read(l->folder, l->of->id, &d->arena, &d->state);
	if (code == ERR_INVALID || code == ERR_LIMIT) {
		d->state = list_state_none;
		code = OK;
	}
	if (code < 0)
		arena_done(&d->arena);
	return code;
}

static int desk_close(struct desk *d, int code)
{
	if (code == OK)
		code = list_state_write(d->list->folder, d->list->of->id, &d->state);
	arena_done(&d->arena);
	return code;
}

static int move(const struct desk *d, enum list_file from, enum list_file to)
{
	return list_store_move(d->list->folder, d->list->of->id, from, to);
}

static int drop_held(struct desk *d)
{
	d->state.held = list_state_none.copy;
	return list_store_remove(d->list->folder, d->list->of->id, LIST_FILE_HELD);
}

/* The SHA-256 of a file, "" when it is not there. */
static int hash_file(const struct desk *d, enum list_file file, char ret[static LIST_SHA256_SIZE])
{
	struct buffer bytes = {0};
	ret[0] = '\0';
	int code = list_store_read(d->list->folder, d->list->of->id, file, LIST_TEXT_MAX, &bytes);
	if (code == OK)
		list_sha256(buffer_view(&bytes), ret);
	buffer_done(&bytes);
	return code == ERR_MISSING ? OK : code;
}

static bool is_version(const struct list_version *v, const char *sha256)
{
	return v->sha256 && strcmp(v->sha256, sha256) == 0;
}

/* Between a file and the state that names it the process may have ended. */
static int reconcile(struct desk *d, char ret_copy[static LIST_SHA256_SIZE], bool *ret_offers)
{
	struct list_state *s = &d->state;
	char offer[LIST_SHA256_SIZE], held[LIST_SHA256_SIZE];
	int code = hash_file(d, LIST_FILE_COPY, ret_copy);
	if (code == OK)
		code = hash_file(d, LIST_FILE_OFFER, offer);
	if (code < 0)
		return code;
	if (is_version(&s->offer, ret_copy))
		s->copy = s->offer;
	else if (!is_version(&s->copy, ret_copy))
		s->copy = list_state_none.copy;
	code = hash_file(d, LIST_FILE_HELD, held);
	if (code == OK && !(held[0] && is_version(&s->held, held)))
		code = drop_held(d);
	*ret_offers = offer[0] && is_version(&s->offer, offer);
	if (code < 0 || *ret_offers)
		return code;
	s->offer = list_state_none.copy;
	return list_store_remove(d->list->folder, d->list->of->id, LIST_FILE_OFFER);
}

int fetch_list_open(const struct fetch_list *l, bool *ret_offers, struct fetch_past *ret)
{
	struct desk d;
	char copy[LIST_SHA256_SIZE];
	int code = desk_open(l, &d);
	if (code < 0)
		return code;
	code = reconcile(&d, copy, ret_offers);
	bool is_right = copy[0] && (!l->of->pin || strcasecmp(copy, l->of->pin) == 0);
	bool is_asked = d.state.url && strcmp(d.state.url, l->of->url) == 0;
	if (code == OK)
		*ret = (struct fetch_past){.tried_us = is_asked ? d.state.tried_us : TIME_MIN,
		                           .failures = d.state.failures,
		                           .has_copy = is_right,
		                           .is_pinned = l->of->pin != NULL};
	return desk_close(&d, code);
}

static void copy_text(char *to, const char *from)
{
	(void)snprintf(to, HTTPS_TAG_MAX + 1, "%s", from ? from : "");
}

int fetch_list_tags(const struct fetch_list *l, struct fetch_tags *ret)
{
	struct desk d;
	char copy[LIST_SHA256_SIZE];
	int code = desk_open(l, &d);
	if (code < 0)
		return code;
	code = hash_file(&d, LIST_FILE_COPY, copy);
	const struct list_version *v = &d.state.copy;
	bool is_right = copy[0] && is_version(v, copy) && v->url &&
	                strcmp(v->url, l->of->url) == 0 &&
	                (!l->of->pin || strcasecmp(copy, l->of->pin) == 0);
	copy_text(ret->etag, is_right ? v->etag : NULL);
	copy_text(ret->modified, is_right ? v->modified : NULL);
	arena_done(&d.arena);
	return code;
}

static const char *optional(const char *text)
{
	return text[0] ? text : NULL;
}

static void fail(struct desk *d, const char *sentence)
{
	d->state.failures++;
	d->state.problem = arena_text(&d->arena, view_text(sentence));
}

static void succeed(struct desk *d, int64_t now_us)
{
	d->state.checked_us = now_us;
	d->state.failures = 0;
	d->state.problem = NULL;
}

/* What passed, or all but passed: written down and named in the state. */
static int keep(struct desk *d, const struct https_answer *answer, enum list_file file,
                struct list_version *to, const char *sha256, const struct name_list_counts *counts)
{
	*to = (struct list_version){.sha256 = sha256,
	                            .url = d->list->of->url,
	                            .etag = optional(answer->etag),
	                            .modified = optional(answer->modified),
	                            .names = (int64_t)counts->names,
	                            .fetched_us = d->state.tried_us};
	return list_store_write(d->list->folder, d->list->of->id, file, buffer_view(&answer->body));
}

static int hold(struct desk *d, const struct https_answer *answer, const char *sha256,
                const struct name_list_counts *counts)
{
	d->state.problem = arena_printf(&d->arena, "held: %s (%zu, before %lld)",
	                                list_finding_texts[LIST_SHRUNK], counts->names,
	                                (long long)d->state.copy.names);
	return keep(d, answer, LIST_FILE_HELD, &d->state.held, sha256, counts);
}

/* A body that is neither the copy nor pinned to be another. */
static int judge(struct desk *d, const struct https_answer *answer, const char *sha256,
                 enum fetch_outcome *ret)
{
	struct name_list_counts counts;
	const struct subscription *of = d->list->of;
	size_t before = of->pin ? 0 : (size_t)d->state.copy.names;
	enum list_finding finding = list_check(buffer_view(&answer->body),
	                                       (enum name_list_format)of->format, before, &counts);
	*ret = FETCH_FAILED;
	if (finding != LIST_GOOD && finding != LIST_SHRUNK) {
		fail(d, list_finding_texts[finding]);
		return OK;
	}
	succeed(d, d->state.tried_us);
	*ret = finding == LIST_GOOD ? FETCH_OFFERED : FETCH_HELD;
	if (finding == LIST_SHRUNK)
		return hold(d, answer, sha256, &counts);
	int code = keep(d, answer, LIST_FILE_OFFER, &d->state.offer, sha256, &counts);
	return code < 0 ? code : drop_held(d);
}

static int take_body(struct desk *d, const struct https_answer *answer, enum fetch_outcome *ret)
{
	char hash[LIST_SHA256_SIZE];
	const char *sha256 =
		arena_text(&d->arena, view_text(list_sha256(buffer_view(&answer->body), hash)));
	const struct subscription *of = d->list->of;
	if (!sha256)
		return ERR_LIMIT;
	if (of->pin && strcasecmp(sha256, of->pin) != 0) {
		*ret = FETCH_FAILED;
		fail(d,
		     arena_printf(&d->arena, "its SHA-256 is %s, expected the pinned one", sha256));
		return OK;
	}
	if (is_version(&d->state.held, sha256)) {
		const char *problem = d->state.problem;
		*ret = FETCH_HELD;
		succeed(d, d->state.tried_us);
		d->state.problem = problem;
		return OK;
	}
	if (!is_version(&d->state.copy, sha256))
		return judge(d, answer, sha256, ret);
	*ret = FETCH_SAME;
	succeed(d, d->state.tried_us);
	d->state.copy.url = of->url;
	d->state.copy.etag = optional(answer->etag);
	d->state.copy.modified = optional(answer->modified);
	return drop_held(d);
}

int fetch_list_answer(const struct fetch_list *l, const struct https_answer *answer, int64_t now_us,
                      enum fetch_outcome *ret, char ret_sentence[static HTTPS_SENTENCE_MAX])
{
	struct desk d;
	char copy[LIST_SHA256_SIZE];
	bool offers;
	int code = desk_open(l, &d);
	if (code < 0)
		return code;
	code = reconcile(&d, copy, &offers);
	d.state.tried_us = now_us;
	d.state.url = l->of->url;
	*ret = FETCH_FAILED;
	if (answer->outcome == HTTPS_FAILED) {
		fail(&d, answer->sentence);
	} else if (code == OK && answer->outcome == HTTPS_SAME) {
		*ret = FETCH_SAME;
		succeed(&d, now_us);
		code = drop_held(&d);
	} else if (code == OK) {
		code = take_body(&d, answer, ret);
	}
	(void)snprintf(ret_sentence, HTTPS_SENTENCE_MAX, "%s",
	               d.state.problem ? d.state.problem : "");
	return desk_close(&d, code);
}

int fetch_list_take(const struct fetch_list *l)
{
	struct desk d;
	int code = desk_open(l, &d);
	if (code < 0)
		return code;
	code = move(&d, LIST_FILE_OFFER, LIST_FILE_COPY);
	d.state.copy = d.state.offer;
	d.state.offer = list_state_none.copy;
	return desk_close(&d, code);
}

int fetch_list_hold(const struct fetch_list *l, const char *why)
{
	struct desk d;
	int code = desk_open(l, &d);
	if (code < 0)
		return code;
	code = move(&d, LIST_FILE_OFFER, LIST_FILE_HELD);
	d.state.held = d.state.offer;
	d.state.offer = list_state_none.copy;
	d.state.problem = arena_printf(&d.arena, "held: %.300s", why);
	return desk_close(&d, code);
}

int fetch_list_accept(const struct fetch_list *l)
{
	struct desk d;
	int code = desk_open(l, &d);
	if (code < 0)
		return code;
	if (!d.state.held.sha256) {
		arena_done(&d.arena);
		return ERR_MISSING;
	}
	code = move(&d, LIST_FILE_HELD, LIST_FILE_OFFER);
	d.state.offer = d.state.held;
	d.state.held = list_state_none.copy;
	d.state.problem = NULL;
	return desk_close(&d, code);
}
