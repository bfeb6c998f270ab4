#include "audit/dnstap_file.h"

#include <errno.h>
#include <stdlib.h>

#include "audit/coverage.h"
#include "audit/dnstap_judge.h"
#include "base/buffer.h"
#include "base/reader.h"

enum {
	SURE = 100,
	LENGTH_SIZE = 4,
	ESCAPE_SIZE = 2 * LENGTH_SIZE, /* a length of 0, then that of a control frame */
	CONTROL_MAX = 512,
};

enum control { CONTROL_START = 2, CONTROL_STOP = 3 };
enum { FIELD_CONTENT_TYPE = 1 };

struct dnstap_file {
	const struct audit_context *context;
	struct buffer carried; /* the begin of a frame whose end is not there yet */
	uint64_t skip;         /* of a frame that is too long */
	struct dnstap_seen seen;
};

static size_t u32_at(const uint8_t *at)
{
	return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

/* How long the frame is that begins there; or, where that cannot be told yet, how many bytes it takes to. */
static size_t frame_size(struct view bytes)
{
	if (bytes.size < LENGTH_SIZE)
		return LENGTH_SIZE;
	size_t size = u32_at(bytes.bytes);
	if (size)
		return LENGTH_SIZE + size;
	return bytes.size < ESCAPE_SIZE ? (size_t)ESCAPE_SIZE
	                                : ESCAPE_SIZE + u32_at(bytes.bytes + LENGTH_SIZE);
}

static bool is_control(struct view frame)
{
	return u32_at(frame.bytes) == 0;
}

/* A start says what the data are, if it says anything. */
static int read_control(struct view frame, uint32_t *ret_type)
{
	struct reader r = reader_open(frame.bytes + ESCAPE_SIZE, frame.size - ESCAPE_SIZE);
	uint32_t type = read_u32(&r);
	int code = OK;
	while (!r.failed && reader_left(&r)) {
		uint32_t field = read_u32(&r), size = read_u32(&r);
		struct view value = read_view(&r, size);
		if (field == FIELD_CONTENT_TYPE && !view_is(value, DNSTAP_CONTENT_TYPE))
			code = ERR_MALFORMED;
	}
	*ret_type = type;
	return r.failed || (type != CONTROL_START && type != CONTROL_STOP) ? ERR_MALFORMED : code;
}

int dnstap_file_probe(struct view first)
{
	if (first.size < ESCAPE_SIZE || u32_at(first.bytes) != 0)
		return 0;
	size_t size = frame_size(first);
	if (size > first.size || size > ESCAPE_SIZE + CONTROL_MAX)
		return 0;
	uint32_t type;
	return read_control(view_of(first.bytes, size), &type) == OK && type == CONTROL_START ? SURE
	                                                                                      : 0;
}

int dnstap_file_open(const struct audit_context *context, struct view first, void **ret)
{
	(void)first;
	struct dnstap_file *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->context = context;
	*ret = f;
	return OK;
}

static int read_data(struct dnstap_file *f, struct view data)
{
	struct dnstap tap;
	f->context->coverage->items++;
	int code = dnstap_decode(data, &tap);
	if (code == OK)
		code = dnstap_judge(f->context, &tap, &f->seen);
	if (code == ERR_MALFORMED) {
		coverage_not_understood(f->context, data);
		code = OK;
	}
	return code;
}

static int read_frame(struct dnstap_file *f, struct view frame)
{
	uint32_t type;
	return is_control(frame) ? read_control(frame, &type)
	                         : read_data(f, view_skip(frame, LENGTH_SIZE));
}

/* Whether the frame that begins there is read when it is whole; what is too long is counted now. */
static int look_ahead(struct dnstap_file *f, struct view begin)
{
	size_t size = frame_size(begin);
	if (begin.size < LENGTH_SIZE)
		return OK;
	if (is_control(begin))
		return size > ESCAPE_SIZE + CONTROL_MAX ? ERR_MALFORMED : OK;
	if (size <= LENGTH_SIZE + AUDIT_ITEM_MAX)
		return OK;
	f->context->coverage->items++;
	coverage_not_understood(f->context, view_of(begin.bytes, LENGTH_SIZE));
	f->skip = size;
	return OK;
}

static void use_skip(struct dnstap_file *f, struct view *block)
{
	size_t part = f->skip < block->size ? (size_t)f->skip : block->size;
	f->skip -= part;
	*block = view_skip(*block, part);
}

/* Fills up the frame that began in an earlier block. */
static int read_carried(struct dnstap_file *f, struct view *block)
{
	while (f->carried.size && block->size) {
		size_t more = frame_size(buffer_view(&f->carried)) - f->carried.size;
		size_t part = more < block->size ? more : block->size;
		buffer_add(&f->carried, block->bytes, part);
		if (f->carried.failed)
			return -ENOMEM;
		*block = view_skip(*block, part);
		struct view frame = buffer_view(&f->carried);
		int code = look_ahead(f, frame);
		if (f->skip)
			f->skip -= frame.size;
		else if (code == OK && frame_size(frame) == frame.size)
			code = read_frame(f, frame);
		else if (code == OK)
			continue;
		f->carried.size = 0;
		if (code < 0)
			return code;
	}
	return OK;
}

/* All frames that are whole in the block. */
static int read_whole(struct dnstap_file *f, struct view *block)
{
	int code = OK;
	while (code == OK && block->size) {
		code = look_ahead(f, *block);
		if (code < 0)
			return code;
		if (f->skip) {
			use_skip(f, block);
			continue;
		}
		size_t size = frame_size(*block);
		if (size > block->size)
			break;
		code = read_frame(f, view_of(block->bytes, size));
		*block = view_skip(*block, size);
	}
	return code;
}

int dnstap_file_read(void *reader, struct view block)
{
	struct dnstap_file *f = reader;
	use_skip(f, &block);
	int code = read_carried(f, &block);
	use_skip(f, &block);
	if (code == OK)
		code = read_whole(f, &block);
	if (code == OK && block.size) {
		buffer_add_view(&f->carried, block);
		code = f->carried.failed ? -ENOMEM : OK;
	}
	return code;
}

int dnstap_file_finish(void *reader)
{
	struct dnstap_file *f = reader;
	if (f->carried.size) {
		f->context->coverage->items++;
		coverage_not_understood(f->context, buffer_view(&f->carried));
	}
	return f->carried.size || f->skip ? ERR_TRUNCATED : OK;
}

void dnstap_file_close(void *reader)
{
	struct dnstap_file *f = reader;
	if (!f)
		return;
	buffer_done(&f->carried);
	free(f);
}
