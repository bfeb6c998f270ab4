/* line_scan_address.c - addresses in a line that a policy lists. */
#include "audit/line_scan_private.h"

enum { TEXT4_MAX = 15, TEXT6_MAX = 45, GROUP_DIGITS = 4 };

/* Four numbers of up to three digits, as nearly every address is written; backwards from their end. */
static bool read_backwards(struct view run, size_t end, struct address *ret)
{
	ret->size = 4;
	for (size_t i = 4; i-- > 0;) {
		unsigned number = 0, unit = 1, digits = 0;
		while (end > 0 && digits < 4 && run.bytes[end - 1] >= '0' &&
		       run.bytes[end - 1] <= '9') {
			number += unit * (run.bytes[--end] - '0');
			unit *= 10;
			digits++;
		}
		bool is_number = digits >= 1 && digits <= 3 && number <= 255;
		if (!is_number || (i && (end == 0 || run.bytes[--end] != '.')))
			return false;
		ret->bytes[i] = (uint8_t)number;
	}
	return true;
}

bool line_scan_is_address4(const struct line_scan *s, size_t at)
{
	struct address address;
	size_t end = s->chunk + at;
	while (end > 0 && s->run.bytes[end - 1] == '.')
		end--;
	return read_backwards(s->run, end, &address) &&
	       line_filter_has_address(s->filter, &address);
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The first group stands before the colon; its number says at once whether any listed prefix begins so. */
bool line_scan_is_address6(const struct line_scan *s, size_t colon)
{
	size_t at = s->chunk + colon, begin = at, end = at;
	unsigned group = 0;
	while (begin > 0 && at - begin < GROUP_DIGITS && hex_value(s->run.bytes[begin - 1]) >= 0)
		begin--;
	for (size_t i = begin; i < at; i++)
		group = group << 4 | (unsigned)hex_value(s->run.bytes[i]);
	if (!(s->filter->address6[group / 64] >> (group % 64) & 1))
		return false;
	while (end < s->run.size && end - begin < TEXT6_MAX &&
	       (hex_value(s->run.bytes[end]) >= 0 || s->run.bytes[end] == ':' ||
	        s->run.bytes[end] == '.'))
		end++;
	struct address address;
	uint8_t copy[TEXT6_MAX];
	memcpy(copy, s->run.bytes + begin, end - begin);
	return address_parse(view_of(copy, end - begin), &address) == OK &&
	       line_filter_has_address(s->filter, &address);
}
