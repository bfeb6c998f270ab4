/* SPDX as tag-value: the same records as its JSON has. */
#include <errno.h>
#include <stdlib.h>

#include "scan/collected_lines.h"
#include "scan/collected_spdx.h"
#include "scan/text.h"

/* Of a text more than this is no text: its end was forgotten. */
enum { HELD_MAX = 64 * 1024 };
_Static_assert((int)HELD_MAX > (int)COLLECTED_LINE_MAX, "there is room for a line");

static const char text_begin[] = "<text>", text_end[] = "</text>";
_Static_assert((int)COLLECTED_LINE_KEPT >= (int)sizeof(text_end) - 2,
               "one may lie across two parts");

struct place {
	uint64_t line, column;
};

struct reader {
	uint64_t not_understood;
	struct collected_lines lines;
	struct collected_records records;
	bool is_open, is_text;      /* a package; a text of several lines */
	bool is_comment;            /* the line, to its end */
	struct place text, unended; /* where it began; where the first began that has no end */
	size_t held_size;
	uint8_t held[HELD_MAX]; /* lines of it that would be tags if it had no end */
};

static int tell_text(struct reader *r, const char *key, struct view text)
{
	return collected_tell_member(&r->records, key, JSON_TEXT, text);
}

static int end_package(struct reader *r)
{
	bool was_open = r->is_open;
	r->is_open = false;
	return was_open ? collected_tell_entry_end(&r->records) : OK;
}

static int on_name(struct reader *r, struct view name)
{
	int code = end_package(r);
	if (code >= 0)
		code = collected_tell_entry(&r->records, "packages");
	r->is_open = code == OK;
	return code == OK ? tell_text(r, "name", name) : code;
}

static int on_version(struct reader *r, struct view version)
{
	return r->is_open ? tell_text(r, "versionInfo", version) : OK;
}

static bool has_purl(struct view words)
{
	bool has_one = false;
	while (!has_one && (words = view_trim(words)).size) {
		size_t size = scan_text_until(words, " \t\r\v\f");
		has_one = collected_spdx_is_purl(view_of(words.bytes, size));
		words = view_skip(words, size);
	}
	return has_one;
}

/* "PACKAGE-MANAGER purl pkg:npm/x@1": as in other syntaxes it is the last that tells, whatever the type is called. */
static int on_reference(struct reader *r, struct view rest)
{
	size_t start = rest.size;
	while (start && !view_is_space(rest.bytes[start - 1]))
		start--;
	struct view locator = view_skip(rest, start);
	bool is_purl = has_purl(view_of(rest.bytes, start)), is_name = false;
	if (!r->is_open) {
		(void)collected_spdx_check(&r->records.out, is_purl, locator);
		return collected_spdx_reference(&r->records.out, locator, (struct view){0},
		                                &is_name);
	}
	int code = collected_tell_entry(&r->records, "externalRefs");
	if (code == OK && is_purl)
		code = tell_text(r, "referenceType", view_text("purl"));
	if (code == OK)
		code = tell_text(r, "referenceLocator", locator);
	return code == OK ? collected_tell_entry_end(&r->records) : code;
}

static const char name_tag[] = "PackageName:";
static const struct tag {
	const char *name;
	int (*on)(struct reader *r, struct view value);
} tags[] = {
	{name_tag, on_name},
	{"PackageVersion:", on_version},
	{"ExternalRef:", on_reference},
};

static const struct tag *tag_of(struct view line)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		if (view_starts_with(line, view_text(tags[i].name)))
			return &tags[i];
	}
	return NULL;
}

static const uint8_t *find(struct view text, const char *mark)
{
	return text.size ? memmem(text.bytes, text.size, mark, strlen(mark)) : NULL;
}

/* Any value may be written as a text. Of one in several lines the first counts. */
static struct view value_of(struct reader *r, struct view text)
{
	if (!view_starts_with(text, view_text(text_begin)))
		return text;
	text = view_skip(text, strlen(text_begin));
	const uint8_t *end = find(text, text_end);
	struct view value = end ? view_of(text.bytes, (size_t)(end - text.bytes)) : text;
	r->not_understood += value.size == 0 && !end;
	return view_trim(value);
}

static int on_tag(struct reader *r, struct view line)
{
	const struct tag *t = tag_of(line);
	return t ? t->on(r, value_of(r, view_trim(view_skip(line, strlen(t->name))))) : OK;
}

/* A text of several lines has nothing that begins one. Nor has a comment. */
static bool is_within_text(struct reader *r, const struct collected_line *line)
{
	bool was_within = r->is_text;
	struct view rest = line->text;
	if (!line->is_rest)
		r->is_comment = view_starts_with(rest, view_text("#"));
	const uint8_t *at = was_within || r->is_comment ? NULL : find(rest, text_begin);
	if (at) {
		size_t before = (size_t)(at - rest.bytes);
		r->is_text = true;
		r->text = (struct place){line->number, line->column + before};
		rest = view_skip(rest, before + strlen(text_begin));
	}
	if (r->is_text && find(rest, text_end)) {
		r->is_text = false;
		r->held_size = 0;
	}
	return was_within;
}

/* A tag with a text as its value: within a text it says that this one has no end, as for SPDX' own tools. */
static bool begins_text(struct view line)
{
	size_t size = 0;
	while (size < line.size && view_is_letter(line.bytes[size]))
		size++;
	return size && size < line.size && line.bytes[size] == ':' &&
	       view_starts_with(view_trim(view_skip(line, size + 1)), view_text(text_begin));
}

/* It ends with the line that it begins in: what it would hide is rather told twice than never. */
static int end_unended(struct reader *r)
{
	struct view rest = view_of(r->held, r->held_size);
	int code = OK;
	if (r->unended.line == 0)
		r->unended = r->text;
	r->not_understood++;
	r->is_text = false;
	r->held_size = 0;
	while (code >= 0 && rest.size)
		code = on_tag(r, view_split(&rest, '\n'));
	return code;
}

static int hold(struct reader *r, struct view line)
{
	if (line.size >= sizeof(r->held) - r->held_size) {
		int code = end_unended(r);
		return code >= 0 ? on_tag(r, line) : code;
	}
	memcpy(r->held + r->held_size, line.bytes, line.size);
	r->held_size += line.size;
	r->held[r->held_size++] = '\n';
	return OK;
}

/* Whether the first part of a line that is too long begins a package, as far as it can be seen behind so many spaces. */
static bool may_be_name(struct view begin)
{
	struct view tag = view_text(name_tag);
	return view_starts_with(begin, tag) || view_starts_with(tag, begin);
}

/* Of a line that is too long only what a text begins or ends with counts, and that a package begins, whose name is not known:
 * what follows is not of the one before. */
static int on_line(void *context, const struct collected_line *line)
{
	struct reader *r = context;
	bool is_unended = r->is_text && !line->is_rest && begins_text(line->text);
	int code = is_unended ? end_unended(r) : OK;
	if (code < 0)
		return code;
	bool was_within = is_within_text(r, line);
	if (line->is_part && (line->is_rest || !may_be_name(line->text)))
		return OK;
	struct view text = line->is_part ? view_text(name_tag) : line->text;
	if (!was_within)
		return on_tag(r, text);
	return r->is_text && tag_of(text) ? hold(r, text) : OK;
}

/* The document is a record, in which packages lie. */
static int read_spdx(struct reader *r, const struct collected_input *in)
{
	int code = collected_tell(&r->records, JSON_OBJECT_BEGIN, (struct view){0});
	if (code == OK)
		code = collected_lines_read(&r->lines, in);
	if (code == OK && r->is_text)
		code = end_unended(r);
	if (code >= 0)
		code = end_package(r);
	return code >= 0 ? collected_tell(&r->records, JSON_OBJECT_END, (struct view){0}) : code;
}

int collected_read_spdx_lines(const struct collected_input *in, collected_on *on, void *context,
                              struct collected_count *count)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->lines.on_line = on_line;
	r->lines.context = r;
	int code = collected_records_begin(&collected_form_spdx, on, context, &r->records);
	if (code == OK) {
		code = read_spdx(r, in);
		count->not_understood = r->not_understood + r->lines.too_long;
		collected_records_end(&r->records, count);
	}
	if (code >= 0 && r->unended.line) {
		count->why = "a text begins here that has no end: </text> was expected";
		count->line = r->unended.line;
		count->column = r->unended.column;
	}
	explicit_bzero(r, sizeof(*r));
	free(r);
	return code;
}

int collected_probe_spdx_lines(struct view first)
{
	return collected_has_part(first, "SPDXVersion:") ? 90 : 0;
}
