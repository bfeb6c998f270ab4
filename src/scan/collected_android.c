/* What `pm list packages` prints: "package:com.x", "package:/data/app/.../base.apk=com.x  installer=y". */
#include <errno.h>
#include <stdlib.h>

#include "scan/collected_lines.h"

struct reader {
	collected_on *on;
	void *context;
	uint64_t not_understood;
	struct collected_lines lines;
};

static int on_package(struct reader *r, struct view rest, uint64_t number)
{
	struct view id = view_split(&rest, ' ');
	struct collected_item item = {.kind = COLLECTED_APPLICATION, .number = number};
	const uint8_t *equals = id.size ? memrchr(id.bytes, '=', id.size) : NULL;
	if (equals) {
		item.path = view_of(id.bytes, (size_t)(equals - id.bytes));
		id = view_skip(id, item.path.size + 1);
	}
	item.id = view_trim(id);
	return item.id.size ? r->on(r->context, &item) : OK;
}

static int on_line(void *context, const struct collected_line *line)
{
	static const char begin[] = "package:";
	struct reader *r = context;
	if (line->is_part || line->text.size == 0)
		return OK;
	if (view_starts_with(line->text, view_text(begin)))
		return on_package(r, view_skip(line->text, strlen(begin)), line->number);
	r->not_understood++;
	return OK;
}

int collected_read_android(const struct collected_input *in, collected_on *on, void *context,
                           struct collected_count *count)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->on = on;
	r->context = context;
	r->lines.on_line = on_line;
	r->lines.context = r;
	int code = collected_lines_read(&r->lines, in);
	count->items = r->lines.count;
	count->not_understood = r->not_understood + r->lines.too_long;
	explicit_bzero(r, sizeof(*r));
	free(r);
	return code;
}

int collected_probe_android(struct view first)
{
	return view_starts_with(view_trim(first), view_text("package:")) ? 90 : 0;
}
