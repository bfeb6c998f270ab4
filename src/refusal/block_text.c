#include "refusal/block_text.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "base/writer.h"

/* What a refusal is put together from, in each language of language_names[]. */
static const struct phrases {
	const char *language;
	const char *order, *open, *close, *prohibits, *here; /* Order X (C) prohibits P here. */
	const char *rule, *because;                          /* Rule X: reason */
	const char *contact, *stop, *reference;
	const char *canary; /* when there is no rule */
} phrases[] = {
	{"en", "Order ", " (", ")", " prohibits ", " here.", "Rule ", ": ", " Contact: ", ".",
         " Reference: ", "This network keeps DNS to its own resolver."},
	{"zh-TW", "命令 ", "（", "）", "：此處禁止使用 ", "。", "規則 ", "：", " 聯絡：", "。",
         " 代碼：", "本網路僅使用自己的 DNS 解析服務。"},
};

static const struct phrases *phrases_of(const char *language)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++) {
		if (strcmp(phrases[i].language, language) == 0)
			return &phrases[i];
	}
	return &phrases[0];
}

/* Long texts are cut between characters: an answer over UDP has little room, and `writ why` has it all. */
static void add(struct writer *w, const char *text, size_t size_max)
{
	struct view rest = view_text(text);
	size_t taken = 0;
	for (size_t size; (size = utf8_size(rest)) && taken + size <= size_max; taken += size)
		rest = view_skip(rest, size);
	write_bytes(w, text, taken);
}

/* An order is named with its clause; a list of the organisation's own has no clause, and says its reason. */
static void name_rule(const struct policy *policy, const struct image_rule *rule,
                      const struct phrases *p, struct writer *w)
{
	const struct image_obligation *o = policy_obligation(policy, rule->obligation);
	const char *clause = policy_text(policy, o->clause);
	add(w, *clause ? p->order : p->rule, SIZE_MAX);
	add(w, policy_text(policy, policy_order(policy, rule->order)->id), 64);
	if (!*clause) {
		add(w, p->because, SIZE_MAX);
		add(w, policy_text(policy, o->text), 110);
		return;
	}
	if (strcmp(clause, "unknown") != 0) {
		add(w, p->open, SIZE_MAX);
		add(w, clause, 40);
		add(w, p->close, SIZE_MAX);
	}
	add(w, p->prohibits, SIZE_MAX);
	add(w, policy_text(policy, policy_product(policy, rule->product)->title), 50);
	add(w, p->here, SIZE_MAX);
}

void block_text_write(const struct policy *policy, uint32_t rule, const char *language,
                      struct block_text *ret)
{
	const struct phrases *p = phrases_of(language);
	const struct image_rule *row = policy_rule(policy, rule);
	struct writer w = writer_open(ret->text, sizeof(ret->text));
	if (row)
		name_rule(policy, row, p, &w);
	else
		add(&w, p->canary, SIZE_MAX);
	ret->why_size = writer_size(&w);
	add(&w, p->contact, SIZE_MAX);
	add(&w, policy_text(policy, policy_organisation(policy)->contact), 120);
	add(&w, p->stop, SIZE_MAX);
	ret->size = writer_size(&w);
	add(&w, p->reference, SIZE_MAX);
	ret->label_size = writer_size(&w) - ret->size;
	ret->language = p->language;
	ret->rule = rule;
	ret->is_set = true;
	assert(!w.failed);
}

void block_texts_clear(struct block_texts *t)
{
	for (size_t i = 0; i < BLOCK_TEXTS; i++)
		t->rows[i].is_set = false;
}

const struct block_text *block_texts_get(struct block_texts *t, const struct policy *policy,
                                         uint32_t rule)
{
	struct block_text *row = &t->rows[rule % BLOCK_TEXTS];
	if (!row->is_set || row->rule != rule)
		block_text_write(policy, rule,
		                 policy_text(policy, policy_organisation(policy)->language), row);
	return row;
}
