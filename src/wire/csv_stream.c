#include "wire/csv_stream.h"

static const uint8_t order_mark[] = {0xef, 0xbb, 0xbf};

void csv_stream_begin(struct csv_stream *s, uint8_t separator, csv_stream_on *on, void *context)
{
	s->on = on;
	s->context = context;
	s->rows = s->cut = 0;
	s->separator = separator;
	s->mark = 0;
	s->is_quoted = s->was_quote = s->is_begun = s->is_cut = false;
	s->error = OK;
	s->size = s->count = 0;
}

uint8_t csv_stream_separator(struct view first)
{
	static const uint8_t separators[] = {',', ';', '\t'};
	size_t counts[3] = {0}, best = 0;
	bool is_quoted = false;
	for (size_t i = 0; i < first.size; i++) {
		uint8_t c = first.bytes[i];
		is_quoted ^= c == '"';
		if (!is_quoted && (c == '\n' || c == '\r'))
			break;
		for (size_t k = 0; k < sizeof(separators); k++)
			counts[k] += !is_quoted && c == separators[k];
	}
	for (size_t k = 1; k < sizeof(separators); k++) {
		if (counts[k] > counts[best])
			best = k;
	}
	return separators[best];
}

static void end_field(struct csv_stream *s)
{
	s->is_quoted = s->was_quote = false;
	if (s->count == CSV_FIELDS_MAX) {
		s->is_cut = true;
		return;
	}
	s->ends[s->count++] = s->size;
}

static int end_row(struct csv_stream *s)
{
	struct view fields[CSV_FIELDS_MAX];
	size_t at = 0;
	end_field(s);
	for (size_t i = 0; i < s->count; i++) {
		fields[i] = view_of(s->row + at, s->ends[i] - at);
		at = s->ends[i];
	}
	size_t count = s->count;
	s->rows++;
	s->cut += s->is_cut;
	s->is_begun = s->is_cut = false;
	s->size = s->count = 0;
	return s->on(s->context, fields, count);
}

static void add(struct csv_stream *s, uint8_t c)
{
	/* behind the last field that there is room for nothing is kept */
	if (s->size == CSV_ROW_MAX || s->count == CSV_FIELDS_MAX)
		s->is_cut = true;
	else
		s->row[s->size++] = c;
}

static int take_quoted(struct csv_stream *s, uint8_t c)
{
	if (c == '"')
		s->was_quote = true;
	else
		add(s, c);
	return OK;
}

static bool is_at_begin_of_field(const struct csv_stream *s)
{
	return s->size == (s->count ? s->ends[s->count - 1] : 0);
}

static int take(struct csv_stream *s, uint8_t c)
{
	if (s->is_quoted && !s->was_quote)
		return take_quoted(s, c);
	if (c == '"' && (s->was_quote || !is_at_begin_of_field(s))) {
		s->was_quote = false;
		add(s, c);
		return OK;
	}
	s->was_quote = false;
	if (c == '\n' || c == '\r')
		return s->is_begun ? end_row(s) : OK;
	s->is_begun = true;
	if (c == s->separator)
		end_field(s);
	else if (c == '"')
		s->is_quoted = true;
	else {
		s->is_quoted = false;
		add(s, c);
	}
	return OK;
}

int csv_stream_feed(struct csv_stream *s, struct view block)
{
	if (s->separator == 0 && block.size)
		s->separator = csv_stream_separator(block);
	for (size_t i = 0; i < block.size && s->error == OK; i++) {
		if (s->mark < sizeof(order_mark) && block.bytes[i] == order_mark[s->mark]) {
			s->mark++;
			continue;
		}
		s->mark = sizeof(order_mark);
		int r = take(s, block.bytes[i]);
		s->error = r < 0 ? r : OK;
	}
	return s->error;
}

int csv_stream_end(struct csv_stream *s)
{
	if (s->error == OK && s->is_begun) {
		int r = end_row(s);
		s->error = r < 0 ? r : OK;
	}
	return s->error;
}
