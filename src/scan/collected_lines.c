#include <errno.h>
#include <stdlib.h>

#include "scan/collected_purl.h"
#include "scan/collected_record.h"

/* Of a text more than this is no text: its end was forgotten. */
enum { HELD_MAX = 64 * 1024 };
_Static_assert((int)HELD_MAX > (int)COLLECTED_LINE_MAX, "there is room for a line");

static const char text_begin[] = "<text>", text_end[] = "</text>";

struct place {
	uint64_t line, column;
};

/* A reader of a format of lines: what it makes of one is the function, and of the parts of one that is too long the other, or NULL. */
struct reader {
	int (*on_line)(struct reader *r, struct view line);
	int (*on_part)(struct reader *r, struct view part);
	collected_on *on;
	void *context;
	uint64_t lines, not_understood;
	bool is_long;
	uint64_t passed; /* of a long line, before what is in `line` */
	size_t size;
	uint8_t line[COLLECTED_LINE_MAX];
	/* of SPDX */
	struct collected_records records;
	bool is_open, is_text;      /* a package; a text of several lines */
	bool is_comment;            /* the line, to its end */
	struct place text, unended; /* where it began; where the first began that has no end */
	size_t held_size;
	uint8_t held[HELD_MAX]; /* lines of it that would be tags if it had no end */
};

/* SPDX as tag-value: the same records as its JSON has. */

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

/* "PACKAGE-MANAGER purl pkg:npm/x@1": as in other syntaxes it is the last that tells, whatever the type is called. */
static int on_reference(struct reader *r, struct view rest)
{
	size_t start = rest.size;
	while (start && !view_is_space(rest.bytes[start - 1]))
		start--;
	struct view locator = view_skip(rest, start);
	if (!r->is_open)
		return OK;
	struct collected_purl room;
	struct collected_item item = {0};
	r->not_understood += collected_has_part(view_of(rest.bytes, start), "purl") &&
	                     collected_purl_read(locator, &room, &item) < 0;
	int code = collected_tell_entry(&r->records, "externalRefs");
	if (code == OK)
		code = tell_text(r, "referenceLocator", locator);
	return code == OK ? collected_tell_entry_end(&r->records) : code;
}

static const struct tag {
	const char *name;
	int (*on)(struct reader *r, struct view value);
} tags[] = {
	{"PackageName:", on_name},
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

/* Any value may be written as a text. Of one in several lines the first counts. */
static struct view value_of(struct reader *r, struct view text)
{
	if (!view_starts_with(text, view_text(text_begin)))
		return text;
	text = view_skip(text, strlen(text_begin));
	const uint8_t *end =
		text.size ? memmem(text.bytes, text.size, text_end, strlen(text_end)) : NULL;
	struct view value = end ? view_of(text.bytes, (size_t)(end - text.bytes)) : text;
	r->not_understood += value.size == 0 && !end;
	return view_trim(value);
}

static int on_tag(struct reader *r, struct view line)
{
	const struct tag *t = tag_of(line);
	return t ? t->on(r, value_of(r, view_trim(view_skip(line, strlen(t->name))))) : OK;
}

static const uint8_t *find_text(struct view line)
{
	return line.size ? memmem(line.bytes, line.size, text_begin, strlen(text_begin)) : NULL;
}

/* A text of several lines has nothing that begins one. Nor has a comment. */
static bool is_within_text(struct reader *r, struct view line)
{
	bool was_within = r->is_text;
	if (r->passed == 0)
		r->is_comment = view_starts_with(line, view_text("#"));
	const uint8_t *at = was_within || r->is_comment ? NULL : find_text(line);
	if (at) {
		r->is_text = true;
		r->text = (struct place){r->lines + 1, r->passed + (uint64_t)(at - r->line) + 1};
		line = view_skip(line, (size_t)(at - line.bytes) + strlen(text_begin));
	}
	if (r->is_text && collected_has_part(line, text_end)) {
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

static int on_spdx_line(struct reader *r, struct view line)
{
	int code = r->is_text && begins_text(line) ? end_unended(r) : OK;
	if (code < 0)
		return code;
	if (!is_within_text(r, line))
		return on_tag(r, line);
	return r->is_text && tag_of(line) ? hold(r, line) : OK;
}

/* Only what a text begins or ends with counts. */
static int on_spdx_part(struct reader *r, struct view part)
{
	bool is_unended = r->is_text && !r->is_long && begins_text(part);
	int code = is_unended ? end_unended(r) : OK;
	(void)is_within_text(r, part);
	return code;
}

/* "package:com.x", "package:/data/app/.../base.apk=com.x  installer=y". */
static int on_android_line(struct reader *r, struct view line)
{
	static const char begin[] = "package:";
	if (line.size == 0)
		return OK;
	if (!view_starts_with(line, view_text(begin))) {
		r->not_understood++;
		return OK;
	}
	struct view rest = view_skip(line, strlen(begin));
	struct view id = view_split(&rest, ' ');
	struct collected_item item = {.kind = COLLECTED_APPLICATION};
	const uint8_t *equals = id.size ? memrchr(id.bytes, '=', id.size) : NULL;
	if (equals) {
		item.path = view_of(id.bytes, (size_t)(equals - id.bytes));
		id = view_skip(id, item.path.size + 1);
	}
	item.id = view_trim(id);
	item.number = r->lines + 1;
	return item.id.size ? r->on(r->context, &item) : OK;
}

static int end_line(struct reader *r)
{
	struct view line = view_trim(view_of(r->line, r->size));
	int code = OK;
	if (r->is_long) {
		code = r->on_part ? r->on_part(r, line) : OK;
		r->not_understood++;
	} else {
		code = r->on_line(r, line);
	}
	r->lines++;
	r->size = 0;
	r->passed = 0;
	r->is_long = false;
	return code;
}

/* A mark may lie across two parts of a line. */
static int make_room(struct reader *r)
{
	enum { KEPT = sizeof(text_end) - 2 };
	int code = r->on_part ? r->on_part(r, view_trim(view_of(r->line, r->size))) : OK;
	r->is_long = true;
	memmove(r->line, r->line + r->size - KEPT, KEPT);
	r->passed += r->size - KEPT;
	r->size = KEPT;
	return code;
}

static int add(struct reader *r, struct view part)
{
	int code = OK;
	while (code >= 0 && part.size) {
		if (r->size == sizeof(r->line))
			code = make_room(r);
		size_t room = sizeof(r->line) - r->size;
		size_t size = part.size < room ? part.size : room;
		memcpy(r->line + r->size, part.bytes, size);
		r->size += size;
		part = view_skip(part, size);
	}
	return code;
}

static int feed(void *context, struct view block)
{
	struct reader *r = context;
	int code = OK;
	while (code >= 0 && block.size) {
		const uint8_t *end = memchr(block.bytes, '\n', block.size);
		size_t size = end ? (size_t)(end - block.bytes) : block.size;
		code = add(r, view_of(block.bytes, size));
		if (code >= 0 && end)
			code = end_line(r);
		block = view_skip(block, size + (end != NULL));
	}
	return code < 0 ? code : OK;
}

static int feed_all(struct reader *r, const struct collected_input *in)
{
	int code = collected_feed(in, feed, r);
	if (code == OK && (r->size || r->is_long))
		code = end_line(r);
	return code < 0 ? code : OK;
}

/* The document is a record, in which packages lie. */
static int read_spdx(struct reader *r, const struct collected_input *in)
{
	int code = collected_tell(&r->records, JSON_OBJECT_BEGIN, (struct view){0});
	if (code == OK)
		code = feed_all(r, in);
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
	r->on_line = on_spdx_line;
	r->on_part = on_spdx_part;
	int code = collected_records_begin(&collected_form_spdx, on, context, &r->records);
	if (code == OK) {
		code = read_spdx(r, in);
		count->not_understood = r->not_understood;
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

int collected_read_android(const struct collected_input *in, collected_on *on, void *context,
                           struct collected_count *count)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->on_line = on_android_line;
	r->on = on;
	r->context = context;
	int code = feed_all(r, in);
	count->items = r->lines;
	count->not_understood = r->not_understood;
	explicit_bzero(r, sizeof(*r));
	free(r);
	return code;
}

int collected_probe_spdx_lines(struct view first)
{
	static const char mark[] = "SPDXVersion:";
	return first.size && memmem(first.bytes, first.size, mark, strlen(mark)) ? 90 : 0;
}

int collected_probe_android(struct view first)
{
	return view_starts_with(view_trim(first), view_text("package:")) ? 90 : 0;
}
