#include "finding/result_diff.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

const char *const result_change_names[] = {
	[RESULT_NEW] = "new",
	[RESULT_STILL] = "still",
	[RESULT_CHANGES] = NULL,
};

struct earlier_finding {
	const char *key; /* what makes it the same, a line a part */
	struct result_gone words;
	bool is_met;
};

struct result_earlier {
	struct arena arena;
	enum subjects_mode mode;
	const char *period;
	struct earlier_finding *findings;
	size_t count, slot_count;
	uint32_t *slots; /* 1 + index; twice as many as findings at least */
};

static const char *copy(struct result_earlier *e, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return arena_text(&e->arena, view_of(json_string_value(value), json_string_length(value)));
}

static const char *join_facets(struct result_earlier *e, const json_t *facets)
{
	size_t i;
	json_t *facet;
	const char *text = "";
	json_array_foreach(facets, i, facet)
	{
		const char *name = json_string_value(facet);
		text = arena_printf(&e->arena, "%s%s%s", text, i ? " " : "", name ? name : "");
		if (!text)
			break;
	}
	return text;
}

static const char *key_of(struct arena *a, const struct result_gone *w)
{
	return arena_printf(a, "%s\n%s\n%s\n%s\n%s\n%s\n%s", w->product, w->facets, w->identifier,
	                    w->subject, w->unit, w->where, w->item);
}

/* The slot of that key, or the empty one where it belongs. */
static uint32_t *find(const struct result_earlier *e, const char *key)
{
	size_t at = hash_view(view_text(key), 0) & (e->slot_count - 1);
	while (e->slots[at] && strcmp(e->findings[e->slots[at] - 1].key, key) != 0)
		at = (at + 1) & (e->slot_count - 1);
	return &e->slots[at];
}

static int add(struct result_earlier *e, const json_t *finding)
{
	struct result_gone w = {
		.product = copy(e, finding, "product"),
		.facets = join_facets(e, json_object_get(finding, "facets")),
		.identifier = copy(e, finding, "identifier"),
		.subject = copy(e, finding, "subject"),
		.unit = copy(e, finding, "unit"),
		.where = copy(e, finding, "where"),
		.item = copy(e, finding, "item"),
		.what = copy(e, finding, "what"),
		.last = copy(e, finding, "last"),
	};
	if (e->arena.failed)
		return -ENOMEM;
	if (!*w.product || !*w.identifier)
		return ERR_MALFORMED;
	const char *key = key_of(&e->arena, &w);
	if (!key)
		return -ENOMEM;
	uint32_t *slot = find(e, key);
	if (*slot)
		return OK;
	e->findings[e->count++] = (struct earlier_finding){.key = key, .words = w};
	*slot = (uint32_t)e->count;
	return OK;
}

static int read_mode(struct result_earlier *e, const json_t *root)
{
	const char *mode = json_string_value(json_object_get(root, "subjects"));
	e->period = copy(e, root, "period");
	for (int i = 0; mode && i < SUBJECTS_MODES; i++) {
		if (strcmp(mode, subjects_mode_names[i]) == 0) {
			e->mode = (enum subjects_mode)i;
			return e->period ? OK : -ENOMEM;
		}
	}
	return ERR_MALFORMED;
}

static int read_all(struct result_earlier *e, const json_t *root)
{
	const json_t *findings = json_object_get(root, "findings");
	size_t i, count = json_array_size(findings);
	json_t *finding;
	int code = json_is_array(findings) ? read_mode(e, root) : ERR_MALFORMED;
	if (code < 0)
		return code;
	for (e->slot_count = 2; e->slot_count < 2 * count; e->slot_count *= 2)
		;
	e->findings = calloc(count + 1, sizeof(*e->findings));
	e->slots = calloc(e->slot_count, sizeof(*e->slots));
	if (!e->findings || !e->slots)
		return -ENOMEM;
	json_array_foreach(findings, i, finding)
	{
		code = add(e, finding);
		if (code < 0)
			break;
	}
	return code;
}

int result_earlier_read(struct view json, struct result_earlier **ret)
{
	struct result_earlier *e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	arena_init(&e->arena, 0);
	json_t *root =
		json_loadb((const char *)json.bytes, json.size, JSON_REJECT_DUPLICATES, NULL);
	int code = json_is_object(root) ? read_all(e, root) : ERR_MALFORMED;
	json_decref(root);
	if (code < 0)
		result_earlier_free(e);
	else
		*ret = e;
	return code;
}

void result_earlier_free(struct result_earlier *e)
{
	if (!e)
		return;
	arena_done(&e->arena);
	free(e->findings);
	free(e->slots);
	free(e);
}

enum subjects_mode result_earlier_mode(const struct result_earlier *e)
{
	return e->mode;
}

const char *result_earlier_period(const struct result_earlier *e)
{
	return e->period;
}

bool result_earlier_is_comparable(const struct result_earlier *e, const struct subjects *now)
{
	return e->mode == now->mode && strcmp(e->period, now->period) == 0 &&
	       e->mode != SUBJECTS_RUN;
}

/* A path may have bytes that are no UTF-8: as result_write_json() writes it. */
static const char *as_in_json(struct arena *a, struct view where)
{
	struct buffer text = {0};
	struct json_writer j = {.out = &text};
	json_view(&j, NULL, where);
	json_t *read = json_loadb((const char *)text.bytes, text.size, JSON_DECODE_ANY, NULL);
	const char *copy =
		arena_text(a, view_of(json_string_value(read), json_string_length(read)));
	json_decref(read);
	buffer_done(&text);
	return copy;
}

static int meet(const struct result *now, const struct finding *f, struct result_earlier *e,
                enum result_change *ret)
{
	const struct policy *p = findings_policy(now->findings);
	const struct image_identifier *i = policy_identifier(p, f->identifier);
	char subject[SUBJECT_TEXT_SIZE], facets[RESULT_FACETS_SIZE];
	struct arena a;
	arena_init(&a, 0);
	const char *key =
		key_of(&a, &(struct result_gone){
				   .product = policy_text(p, policy_product(p, i->product)->id),
				   .facets = result_facets(p, f->identifier, " ", facets),
				   .identifier = policy_text(p, i->id),
				   .subject = subjects_name(now->subjects, f, subject),
				   .unit = result_unit(p, f),
				   .where = as_in_json(&a, f->where),
				   .item = as_in_json(&a, f->item),
			   });
	uint32_t *slot = key ? find(e, key) : NULL;
	if (slot && *slot)
		e->findings[*slot - 1].is_met = true;
	*ret = slot && *slot ? RESULT_STILL : RESULT_NEW;
	arena_done(&a);
	return key ? OK : -ENOMEM;
}

static int compare(const struct result *now, struct result_diff *d)
{
	size_t count = findings_count(now->findings);
	struct result_earlier *e = d->earlier;
	if (!result_earlier_is_comparable(e, now->subjects))
		return ERR_DENIED;
	d->changes = calloc(count + 1, sizeof(*d->changes));
	d->gone = calloc(e->count + 1, sizeof(*d->gone));
	int code = d->changes && d->gone ? OK : -ENOMEM;
	for (size_t i = 0; code == OK && i < count; i++) {
		code = meet(now, findings_at(now->findings, i), e, &d->changes[i]);
		d->new_count += d->changes[i] == RESULT_NEW;
	}
	d->still_count = count - d->new_count;
	for (size_t i = 0; code == OK && i < e->count; i++) {
		if (!e->findings[i].is_met)
			d->gone[d->gone_count++] = e->findings[i].words;
	}
	return code;
}

int result_diff_make(const struct result *now, struct result_earlier *e, struct result_diff *ret)
{
	struct result_diff d = {.earlier = e};
	int code = compare(now, &d);
	if (code < 0)
		result_diff_done(&d);
	else
		*ret = d;
	return code;
}

void result_diff_done(struct result_diff *d)
{
	result_earlier_free(d->earlier);
	free(d->changes);
	free(d->gone);
	*d = (struct result_diff){0};
}

void result_diff_write_json(const struct result_diff *d, struct json_writer *j)
{
	json_object_begin(j, "changes");
	json_int(j, "new", (int64_t)d->new_count);
	json_int(j, "still", (int64_t)d->still_count);
	json_array_begin(j, "gone");
	for (size_t i = 0; i < d->gone_count; i++) {
		const struct result_gone *g = &d->gone[i];
		json_object_begin(j, NULL);
		json_text(j, "product", g->product);
		json_text(j, "facets", g->facets);
		json_text(j, "identifier", g->identifier);
		json_optional(j, "subject", view_text(g->subject));
		json_optional(j, "unit", view_text(g->unit));
		json_optional(j, "where", view_text(g->where));
		json_optional(j, "item", view_text(g->item));
		json_optional(j, "what", view_text(g->what));
		json_optional(j, "last", view_text(g->last));
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}
