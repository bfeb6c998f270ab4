#include <errno.h>
#include <stdlib.h>

#include "scan/collected.h"
#include "scan/collected_purl.h"

/* A reader of a format of lines: what it makes of one is the function. */
struct reader {
	int (*on_line)(struct reader *r, struct view line);
	collected_on *on;
	void *context;
	uint64_t lines, not_understood;
	bool is_long;
	size_t size;
	uint8_t line[COLLECTED_LINE_MAX];
	char name[512]; /* of the package that lines are about */
};

static int give(struct reader *r, struct collected_item *item)
{
	item->number = r->lines;
	return r->on(r->context, item);
}

/* SPDX: "PackageName: x", "ExternalRef: PACKAGE-MANAGER purl pkg:npm/x@1". */
static int on_spdx_line(struct reader *r, struct view line)
{
	static const char name[] = "PackageName:", reference[] = "ExternalRef:";
	struct collected_purl room;
	struct collected_item item = {.kind = COLLECTED_PACKAGE};
	if (view_starts_with(line, view_text(name))) {
		item.id = item.name = view_trim(view_skip(line, strlen(name)));
		size_t size =
			item.id.size < sizeof(r->name) - 1 ? item.id.size : sizeof(r->name) - 1;
		if (size)
			memcpy(r->name, item.id.bytes, size);
		r->name[size] = '\0';
		return item.id.size ? give(r, &item) : OK;
	}
	if (!view_starts_with(line, view_text(reference)))
		return OK;
	struct view rest = view_trim(view_skip(line, strlen(reference)));
	(void)view_split(&rest, ' ');
	struct view type = view_split(&rest, ' ');
	if (!view_is(type, "purl"))
		return OK;
	item.name = view_text(r->name);
	if (collected_purl_read(view_trim(rest), &room, &item) == OK)
		return give(r, &item);
	r->not_understood++;
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
	return item.id.size ? give(r, &item) : OK;
}

static int end_line(struct reader *r)
{
	struct view line = view_trim(view_of(r->line, r->size));
	bool is_long = r->is_long;
	r->lines++;
	r->size = 0;
	r->is_long = false;
	if (is_long) {
		r->not_understood++;
		return OK;
	}
	return r->on_line(r, line);
}

static void add(struct reader *r, struct view part)
{
	size_t room = sizeof(r->line) - r->size;
	r->is_long |= part.size > room;
	size_t size = part.size < room ? part.size : room;
	if (size)
		memcpy(r->line + r->size, part.bytes, size);
	r->size += size;
}

static int feed(struct reader *r, struct view block)
{
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
	struct view block;
	int code = in->next(in->context, &block);
	while (code == OK && block.size) {
		code = feed(r, block);
		if (code == OK)
			code = in->next(in->context, &block);
	}
	if (code == OK && (r->size || r->is_long))
		code = end_line(r);
	return code < 0 ? code : OK;
}

static int read_lines(int (*on_line)(struct reader *, struct view),
                      const struct collected_input *in, collected_on *on, void *context,
                      struct collected_count *count)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->on_line = on_line;
	r->on = on;
	r->context = context;
	int code = feed_all(r, in);
	count->items = r->lines;
	count->not_understood = r->not_understood;
	explicit_bzero(r, sizeof(*r));
	free(r);
	return code;
}

int collected_read_spdx_lines(const struct collected_input *in, collected_on *on, void *context,
                              struct collected_count *count)
{
	return read_lines(on_spdx_line, in, on, context, count);
}

int collected_read_android(const struct collected_input *in, collected_on *on, void *context,
                           struct collected_count *count)
{
	return read_lines(on_android_line, in, on, context, count);
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
