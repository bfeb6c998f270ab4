#include "scan/collected_lines.h"

static int give(struct collected_lines *l)
{
	struct view text = view_trim(view_of(l->bytes, l->size));
	uint64_t skipped = text.size ? (uint64_t)(text.bytes - l->bytes) : 0;
	const struct collected_line line = {
		.text = text,
		.number = l->count + 1,
		.column = l->passed + skipped + 1,
		.is_part = l->is_long,
		.is_rest = l->passed > 0,
	};
	return l->on_line(l->context, &line);
}

static int end_line(struct collected_lines *l)
{
	int code = give(l);
	l->count++;
	l->too_long += l->is_long;
	l->size = 0;
	l->passed = 0;
	l->is_long = false;
	return code;
}

static int make_room(struct collected_lines *l)
{
	l->is_long = true;
	int code = give(l);
	memmove(l->bytes, l->bytes + l->size - COLLECTED_LINE_KEPT, COLLECTED_LINE_KEPT);
	l->passed += l->size - COLLECTED_LINE_KEPT;
	l->size = COLLECTED_LINE_KEPT;
	return code;
}

static int add(struct collected_lines *l, struct view part)
{
	int code = OK;
	while (code >= 0 && part.size) {
		if (l->size == sizeof(l->bytes))
			code = make_room(l);
		size_t room = sizeof(l->bytes) - l->size;
		size_t size = part.size < room ? part.size : room;
		memcpy(l->bytes + l->size, part.bytes, size);
		l->size += size;
		part = view_skip(part, size);
	}
	return code;
}

static int feed(void *context, struct view block)
{
	struct collected_lines *l = context;
	int code = OK;
	while (code >= 0 && block.size) {
		const uint8_t *end = memchr(block.bytes, '\n', block.size);
		size_t size = end ? (size_t)(end - block.bytes) : block.size;
		code = add(l, view_of(block.bytes, size));
		if (code >= 0 && end)
			code = end_line(l);
		block = view_skip(block, size + (end != NULL));
	}
	return code < 0 ? code : OK;
}

int collected_lines_read(struct collected_lines *l, const struct collected_input *in)
{
	int code = collected_feed(in, feed, l);
	if (code == OK && l->size)
		code = end_line(l);
	return code < 0 ? code : OK;
}
