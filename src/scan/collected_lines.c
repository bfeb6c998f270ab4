#include <errno.h>
#include <stdlib.h>

#include "scan/collected_purl.h"
#include "scan/collected_record.h"

/* A reader of a format of lines: what it makes of one is the function. */
struct reader {
	int (*on_line)(struct reader *r, struct view line);
	collected_on *on;
	void *context;
	uint64_t lines, not_understood;
	bool is_long;
	size_t size;
	uint8_t line[COLLECTED_LINE_MAX];
	struct collected_records records; /* of SPDX */
	bool is_open, is_text;            /* a package; a text of several lines */
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

/* A text of several lines has nothing that begins one. */
static bool is_within_text(struct reader *r, struct view line)
{
	bool was_within = r->is_text;
	if (!was_within)
		r->is_text = collected_has_part(line, "<text>");
	if (r->is_text && collected_has_part(line, "</text>"))
		r->is_text = false;
	return was_within;
}

static int on_spdx_line(struct reader *r, struct view line)
{
	if (is_within_text(r, line))
		return OK;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		struct view name = view_text(tags[i].name);
		if (view_starts_with(line, name))
			return tags[i].on(r, view_trim(view_skip(line, name.size)));
	}
	return OK;
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
	item.number = r->lines;
	return item.id.size ? r->on(r->context, &item) : OK;
}

static int end_line(struct reader *r)
{
	struct view line = view_trim(view_of(r->line, r->size));
	bool is_long = r->is_long;
	r->lines++;
	r->size = 0;
	r->is_long = false;
	if (is_long) {
		(void)is_within_text(r, line);
		r->not_understood++;
		return OK;
	}
	return r->on_line(r, line);
}

/* Of a line that is too long only what a text begins or ends with counts, also across two parts of it. */
static void make_room(struct reader *r)
{
	enum { KEPT = sizeof("</text>") - 2 };
	r->is_long = true;
	(void)is_within_text(r, view_of(r->line, r->size));
	memmove(r->line, r->line + r->size - KEPT, KEPT);
	r->size = KEPT;
}

static void add(struct reader *r, struct view part)
{
	while (part.size) {
		if (r->size == sizeof(r->line))
			make_room(r);
		size_t room = sizeof(r->line) - r->size;
		size_t size = part.size < room ? part.size : room;
		memcpy(r->line + r->size, part.bytes, size);
		r->size += size;
		part = view_skip(part, size);
	}
}

static int feed(void *context, struct view block)
{
	struct reader *r = context;
	int code = OK;
	while (code >= 0 && block.size) {
		const uint8_t *end = memchr(block.bytes, '\n', block.size);
		size_t size = end ? (size_t)(end - block.bytes) : block.size;
		add(r, view_of(block.bytes, size));
		if (end)
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

static int read_lines(struct reader *r, const struct collected_input *in,
                      struct collected_count *count)
{
	int code = feed_all(r, in);
	count->items = r->lines;
	count->not_understood = r->not_understood;
	return code;
}

/* The document is a record, in which packages lie. */
static int read_spdx(struct reader *r, const struct collected_input *in,
                     struct collected_count *count)
{
	int code = collected_tell(&r->records, JSON_OBJECT_BEGIN, (struct view){0});
	if (code == OK)
		code = read_lines(r, in, count);
	if (code == OK)
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
	int code = collected_records_begin(&collected_form_spdx, on, context, &r->records);
	if (code == OK) {
		code = read_spdx(r, in, count);
		collected_records_end(&r->records, count);
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
	int code = read_lines(r, in, count);
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
