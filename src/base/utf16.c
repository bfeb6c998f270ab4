#include "base/utf16.h"

#include "base/utf8.h"

enum { MARK = 0xfeff, UNKNOWN = 0xfffd };

bool utf16_begin(struct view first, struct utf16 *ret)
{
	bool is_little = view_starts_with(first, view_text("\xff\xfe"));
	bool is_big = view_starts_with(first, view_text("\xfe\xff"));
	*ret = (struct utf16){.is_big = is_big};
	return is_little || is_big;
}

static void put(struct utf16 *u, uint32_t c)
{
	u->out_size = (uint8_t)(u->out_size + utf8_write(c, u->out + u->out_size));
}

static void take_unit(struct utf16 *u, uint16_t unit)
{
	bool is_low = unit >= 0xdc00 && unit < 0xe000, is_high = unit >= 0xd800 && unit < 0xdc00;
	bool is_mark = unit == MARK && !u->has_mark;
	u->has_mark = true;
	if (is_low && u->has_high) {
		put(u, 0x10000 + ((uint32_t)(u->high - 0xd800) << 10 | (unit - 0xdc00)));
		u->has_high = false;
		return;
	}
	if (u->has_high)
		put(u, UNKNOWN);
	u->has_high = is_high;
	u->high = unit;
	if (!is_high && !is_mark)
		put(u, is_low ? UNKNOWN : unit);
}

static void take_byte(struct utf16 *u, uint8_t byte)
{
	if (u->has_byte)
		take_unit(u, (uint16_t)(u->is_big ? u->byte << 8 | byte : byte << 8 | u->byte));
	u->byte = byte;
	u->has_byte = !u->has_byte;
}

size_t utf16_decode(struct utf16 *u, struct view *in, uint8_t *room, size_t size)
{
	size_t written = 0;
	while (written < size) {
		if (u->out_at < u->out_size) {
			room[written++] = u->out[u->out_at++];
			continue;
		}
		if (in->size == 0)
			break;
		u->out_at = u->out_size = 0;
		take_byte(u, in->bytes[0]);
		*in = view_skip(*in, 1);
	}
	return written;
}
