/* Of meet.h: ids of models, which are words like others, and forms of secrets, which nobody may see. */
#include <ctype.h>
#include <string.h>

#include "scan/meet.h"
#include "scan/meet_private.h"

/* Whether a text ends as names of files and folders do, "notes.md", "src/". */
static bool is_like_a_path(struct view v)
{
	size_t size = 0;
	while (size < v.size && isalpha(v.bytes[v.size - 1 - size]))
		size++;
	if (v.size == 0 || v.bytes[v.size - 1] == '/')
		return true;
	return size > 0 && size <= 5 && size < v.size && v.bytes[v.size - 1 - size] == '.';
}

/* "OWNER/" or "REGION.OWNER.", which nothing but ids of models begins with. */
static bool is_owner(const struct scan *s, const struct image_identifier *x)
{
	const char *value = policy_text(s->settings.policy, x->value);
	size_t size = strlen(value);
	return size > 1 && strchr("/.:", value[size - 1]);
}

static bool may_match(const struct scan *s, const struct image_identifier *x, struct view id,
                      enum scan_model sure)
{
	switch (x->match) {
	case MATCH_EXACT: return true;
	case MATCH_PREFIX:
		return sure >= SCAN_MODEL_NAMED ||
		       (sure == SCAN_MODEL_LIKELY && is_owner(s, x) && !is_like_a_path(id));
	default: return sure == SCAN_MODEL_CERTAIN;
	}
}

static bool meet_id(struct scan *s, const struct scan_file *f, struct view id, struct view what,
                    enum scan_model sure)
{
	uint32_t found[DECISION_MATCHES_MAX], own[DECISION_MATCHES_MAX];
	const struct policy *p = s->settings.policy;
	struct facts facts = {.at_us = s->settings.at_us,
	                      .place = s->settings.place,
	                      .group = GROUP_MODEL,
	                      .text = id};
	struct verdict v;
	size_t own_count = 0;
	size_t count = text_index_find(&p->values, GROUP_MODEL, id, found, DECISION_MATCHES_MAX);
	if (sure == SCAN_MODEL_CERTAIN && count < DECISION_MATCHES_MAX)
		count += scan_expressions_find(s->expressions, GROUP_MODEL, id, found + count,
		                               DECISION_MATCHES_MAX - count);
	for (size_t i = 0; i < count; i++) {
		if (may_match(s, policy_identifier(p, found[i]), id, sure))
			own[own_count++] = found[i];
	}
	policy_decide_by(p, &facts, own, own_count, &v);
	return meet_put(s, f, &v, what, (struct view){0});
}

bool scan_meet_model(struct scan *s, const struct scan_file *f, struct view id,
                     enum scan_model sure)
{
	struct words what = {0};
	const uint8_t *colon = id.size ? memchr(id.bytes, ':', id.size) : NULL;
	if (id.size == 0 || id.size >= SCAN_TEXT_MAX)
		return false;
	words_add(&what, view_text("model "));
	words_add_masked(&what, id);
	if (meet_id(s, f, id, words_view(&what), sure))
		return true;
	/* a tag of Ollama's, as in name:8b */
	return colon && meet_id(s, f, view_of(id.bytes, (size_t)(colon - id.bytes)),
	                        words_view(&what), sure);
}

static bool has_word(struct view text, const char *word)
{
	size_t size = strlen(word);
	for (size_t i = 0; i + size <= text.size; i++) {
		if (view_is_nocase(view_of(text.bytes + i, size), word))
			return true;
	}
	return false;
}

/* Whether keys of that form are this product's: by the form itself, or by its name nearby. */
static bool is_of_product(const struct policy *p, const struct image_identifier *x,
                          struct view around)
{
	const char *product = policy_text(p, policy_product(p, x->product)->id);
	return x->role == ROLE_DEDICATED || has_word(around, product);
}

bool scan_meet_secret(struct scan *s, const struct scan_file *f, struct view key, struct view word,
                      struct view around)
{
	uint32_t found[DECISION_MATCHES_MAX], own[DECISION_MATCHES_MAX];
	const struct policy *p = s->settings.policy;
	struct facts facts = {
		.at_us = s->settings.at_us, .place = s->settings.place, .group = GROUP_MACHINE};
	struct words what = {0};
	struct verdict v;
	size_t own_count = 0;
	size_t count =
		scan_expressions_find_secret(s->expressions, word, found, DECISION_MATCHES_MAX);
	for (size_t i = 0; i < count; i++) {
		if (is_of_product(p, policy_identifier(p, found[i]), around))
			own[own_count++] = found[i];
	}
	if (own_count == 0)
		return false;
	words_add(&what, view_text("secret"));
	if (key.size) {
		words_add(&what, view_text(" in "));
		words_add_masked(&what, key);
	}
	policy_decide_by(p, &facts, own, own_count, &v);
	return meet_put(s, f, &v, words_view(&what), (struct view){0});
}
