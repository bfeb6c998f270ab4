#include "refusal/page.h"

#include <assert.h>
#include <stdio.h>

#include "base/utf8.h"
#include "base/writer.h"
#include "policy/organisation.h"
#include "record/event.h"
#include "refusal/block_text.h"

/* as they are written */
enum { SENTENCE_MAX = 1500, WORDS_MAX = 1000, NAME_MAX = 400 };
enum { LANGUAGES_MAX = 16, QUALITY_ONE = 1000 };

static const struct page_words {
	const char *language;
	const char *title, *words, *organisation;
} page_words[] = {
	{"en", "This is blocked here", "The obligation says: ", "Network of: "},
	{"zh-TW", "此內容在此處被封鎖", "義務內容：", "網路管理單位："},
};

static const struct page_words *words_of(const char *language)
{
	for (size_t i = 0; i < sizeof(page_words) / sizeof(*page_words); i++) {
		if (strcmp(page_words[i].language, language) == 0)
			return &page_words[i];
	}
	return &page_words[0];
}

/* "0.8" as 800; what is no quality counts as none. RFC 9110 s12.4.2. */
static unsigned quality_of(struct view text)
{
	unsigned value = 0, worth = QUALITY_ONE;
	for (size_t i = 0; i < text.size && i < 5; i++) {
		uint8_t c = text.bytes[i];
		if (i == 1 ? c != '.' : c < '0' || c > '9')
			return 0;
		if (i == 1)
			continue;
		value += (unsigned)(c - '0') * worth;
		worth /= 10;
	}
	return value <= QUALITY_ONE ? value : 0;
}

/* "zh", "zh-Hant-TW" and "zh-TW" all want what there is in Chinese. */
static bool is_same_language(struct view range, const char *language)
{
	struct view main = view_text(language);
	struct view primary = view_split(&range, '-'), ours = view_split(&main, '-');
	return primary.size == ours.size &&
	       strncasecmp((const char *)primary.bytes, (const char *)ours.bytes, ours.size) == 0;
}

static const char *find_language(struct view range)
{
	for (size_t i = 0; range.size && language_names[i]; i++) {
		if (is_same_language(range, language_names[i]))
			return language_names[i];
	}
	return NULL;
}

const char *page_language(struct view accept_language)
{
	const char *best = NULL;
	unsigned best_quality = 0;
	for (unsigned i = 0; accept_language.size && i < LANGUAGES_MAX; i++) {
		struct view rest = view_split(&accept_language, ',');
		struct view range = view_trim(view_split(&rest, ';'));
		struct view parameter = view_trim(rest);
		unsigned quality = QUALITY_ONE;
		if (view_starts_with(parameter, view_text("q=")))
			quality = quality_of(view_skip(parameter, 2));
		const char *language = find_language(range);
		if (language && quality > best_quality) {
			best = language;
			best_quality = quality;
		}
	}
	return best;
}

static void add(struct writer *w, const char *text)
{
	write_view(w, view_text(text));
}

static struct view escape(struct view character)
{
	switch (character.bytes[0]) {
	case '&': return view_text("&amp;");
	case '<': return view_text("&lt;");
	case '>': return view_text("&gt;");
	case '"': return view_text("&quot;");
	case '\'': return view_text("&#39;");
	default: return character;
	}
}

/* As text between tags or in quotes; cut between characters where it comes to more than `size_max` bytes. */
static void add_escaped(struct writer *w, struct view text, size_t size_max)
{
	size_t size;
	while ((size = utf8_size(text)) > 0) {
		struct view out = escape(view_of(text.bytes, size));
		if (out.size > size_max)
			return;
		size_max -= out.size;
		write_view(w, out);
		text = view_skip(text, size);
	}
}

static void add_sentence(struct writer *w, const struct page *page, const struct block_text *text)
{
	char reference[EVENT_REFERENCE_SIZE];
	add(w, "<p>");
	add_escaped(w, view_of(text->text, text->size), SENTENCE_MAX);
	if (page->reference) {
		write_bytes(w, text->text + text->size, text->label_size);
		add(w, event_reference_print(page->reference, reference));
	}
	add(w, "</p>\n");
}

static void write_body(struct writer *w, const struct page *page, const struct block_text *text)
{
	const struct policy *p = page->policy;
	const struct page_words *words = words_of(text->language);
	const struct image_rule *rule = policy_rule(p, page->rule);
	const char *says = policy_text(p, policy_obligation(p, rule->obligation)->text);
	add(w, "<!doctype html>\n<html lang=\"");
	add(w, text->language);
	add(w, "\"><meta charset=\"utf-8\"><title>");
	add(w, words->title);
	add(w, "</title>\n<h1>");
	add(w, words->title);
	add(w, "</h1>\n");
	add_sentence(w, page, text);
	add(w, "<p>");
	add(w, words->words);
	add_escaped(w, view_text(says), WORDS_MAX);
	add(w, "</p>\n<p>");
	add(w, words->organisation);
	add_escaped(w, view_text(policy_text(p, policy_organisation(p)->name)), NAME_MAX);
	add(w, "</p>\n");
}

/* A rule of the organisation's own has no clause. */
static const char *status_of(const struct policy *p, uint32_t rule)
{
	const struct image_rule *row = policy_rule(p, rule);
	return *policy_text(p, policy_obligation(p, row->obligation)->clause)
	               ? "451 Unavailable For Legal Reasons"
	               : "403 Forbidden";
}

size_t page_write(const struct page *page, uint8_t room[static PAGE_SIZE_MAX])
{
	enum { HEAD_SIZE = 256 };
	const char *language = page_language(page->accept_language);
	char head[HEAD_SIZE];
	uint8_t body[PAGE_SIZE_MAX - HEAD_SIZE];
	struct block_text text;
	if (!language)
		language = policy_text(page->policy, policy_organisation(page->policy)->language);
	block_text_write(page->policy, page->rule, language, &text);
	struct writer b = writer_open(body, sizeof(body)), w = writer_open(room, PAGE_SIZE_MAX);
	write_body(&b, page, &text);
	int size = snprintf(head, sizeof(head),
	                    "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
	                    "Content-Language: %s\r\nContent-Length: %zu\r\n"
	                    "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
	                    status_of(page->policy, page->rule), text.language, writer_size(&b));
	assert(!b.failed && size > 0 && size < HEAD_SIZE);
	write_bytes(&w, head, (size_t)size);
	if (!page->is_head)
		write_bytes(&w, body, writer_size(&b));
	return writer_size(&w);
}
