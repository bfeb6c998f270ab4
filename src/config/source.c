#include "config/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "config/text.h"

void source_complain(struct source *s, struct config_mark at, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	problem_add(s->problems, s->file, at.line, at.column, "%s", text);
	s->is_bad = true;
}

void source_fail(struct source *s, int error)
{
	if (s->error == OK)
		s->error = error;
}

/* Columns count characters, as an editor does. */
static struct config_mark mark_of_offset(struct view text, size_t offset)
{
	struct config_mark at = {1, 1};
	for (size_t i = 0; i < offset && i < text.size; i++) {
		uint8_t c = text.bytes[i];
		bool is_crlf = c == '\r' && i + 1 < text.size && text.bytes[i + 1] == '\n';
		if (c == '\n' || (c == '\r' && !is_crlf))
			at = (struct config_mark){at.line + 1, 1};
		else if ((c & 0xc0) != 0x80 && !is_crlf)
			at.column++;
	}
	return at;
}

/* What YAML 1.1 s5.1 lets a stream contain, within well-formed UTF-8; libyaml would name no line. */
static size_t allowed_size(struct view v)
{
	uint8_t c = v.bytes[0];
	if (c < 0x80)
		return (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\r' || c == '\t';
	size_t size = utf8_size(v);
	bool is_c1 = size == 2 && c == 0xc2 && v.bytes[1] < 0xa0 && v.bytes[1] != 0x85;
	bool is_mark = size == 3 && memcmp(v.bytes, "\xef\xbb\xbf", 3) == 0;
	bool is_none = size == 3 && memcmp(v.bytes, "\xef\xbf", 2) == 0 && v.bytes[2] >= 0xbe;
	return is_c1 || is_mark || is_none ? 0 : size;
}

static void check_characters(struct source *s)
{
	struct view left = s->text;
	while (left.size) {
		size_t size = allowed_size(left);
		if (size == 0)
			break;
		left = view_skip(left, size);
	}
	if (left.size == 0)
		return;
	struct config_mark at = mark_of_offset(s->text, s->text.size - left.size);
	bool is_utf8 = utf8_size(left);
	source_complain(s, at, "%s 0x%02x, expected text in UTF-8",
	                is_utf8 ? "a control character that begins with byte" : "a stray byte",
	                left.bytes[0]);
	source_fail(s, ERR_INVALID);
}

void source_open(struct source *s, const char *file, struct view text, struct problems *p)
{
	static const uint8_t byte_order_mark[] = {0xef, 0xbb, 0xbf};
	struct view mark = view_of(byte_order_mark, sizeof(byte_order_mark));
	*s = (struct source){.file = file, .problems = p};
	s->text = view_starts_with(text, mark) ? view_skip(text, mark.size) : text;
	if (!yaml_parser_initialize(&s->parser)) {
		source_fail(s, -ENOMEM);
		return;
	}
	yaml_parser_set_encoding(&s->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&s->parser, s->text.size ? s->text.bytes : (const uint8_t *)"",
	                             s->text.size);
	check_characters(s);
}

void source_close(struct source *s)
{
	if (s->has_event)
		yaml_event_delete(&s->event);
	yaml_parser_delete(&s->parser);
	s->has_event = false;
}

static struct config_mark mark_of(yaml_mark_t mark)
{
	return (struct config_mark){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* The byte at a place; 0 when there is none. */
static uint8_t byte_at(struct view text, struct config_mark at)
{
	for (unsigned line = 1; line < at.line; line++)
		view_split(&text, '\n');
	for (unsigned column = 1; column < at.column && text.size; column++)
		text = view_skip(text, utf8_size(text));
	return text.size ? text.bytes[0] : 0;
}

static void complain_of_yaml(struct source *s)
{
	yaml_parser_t *p = &s->parser;
	if (p->error == YAML_MEMORY_ERROR) {
		source_fail(s, -ENOMEM);
		return;
	}
	source_fail(s, ERR_INVALID);
	struct config_mark at = p->error == YAML_READER_ERROR
	                                ? mark_of_offset(s->text, p->problem_offset)
	                                : mark_of(p->problem_mark);
	if (byte_at(s->text, at) == '\t') {
		source_complain(s, at, "a tab, expected spaces for indentation");
		return;
	}
	struct config_mark since = mark_of(p->context_mark);
	if (p->context)
		source_complain(s, at, "not well-formed YAML: %s %s that begins at %u:%u",
		                p->problem, p->context, since.line, since.column);
	else
		source_complain(s, at, "not well-formed YAML: %s", p->problem);
}

static bool take_event(struct source *s)
{
	if (s->has_event)
		yaml_event_delete(&s->event);
	s->has_event = false;
	if (s->error != OK)
		return false;
	if (!yaml_parser_parse(&s->parser, &s->event)) {
		complain_of_yaml(s);
		return false;
	}
	s->has_event = true;
	return true;
}

static void refuse(struct source *s, const char *name, const yaml_char_t *what)
{
	char quoted[TEXT_QUOTE_SIZE];
	if (what)
		source_complain(s, mark_of(s->event.start_mark),
		                "the %s %s is used, expected every value to be written out", name,
		                text_quote(view_text((const char *)what), quoted));
}

static void count_node(struct source *s, const struct node *n)
{
	if (n->kind == NODE_LIST || n->kind == NODE_MAP)
		s->depth++;
	if (++s->nodes > SCHEMA_NODES_MAX) {
		source_complain(s, n->at, "more than %d values, expected a smaller file",
		                SCHEMA_NODES_MAX);
		source_fail(s, ERR_LIMIT);
	} else if (s->depth > SCHEMA_DEPTH_MAX) {
		source_complain(s, n->at, "nested deeper than %d levels, expected fewer",
		                SCHEMA_DEPTH_MAX);
		source_fail(s, ERR_LIMIT);
	}
}

static struct node scalar_node(struct source *s, struct config_mark at)
{
	const yaml_event_t *e = &s->event;
	struct view text = view_of(e->data.scalar.value, e->data.scalar.length);
	bool is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	refuse(s, "anchor", e->data.scalar.anchor);
	refuse(s, "tag", e->data.scalar.tag);
	if (text.size <= SCHEMA_TEXT_MAX)
		return (struct node){NODE_SCALAR, is_plain && text.size == 0, text, at};
	source_complain(s, at, "a text of %zu bytes, expected at most %d", text.size,
	                SCHEMA_TEXT_MAX);
	return (struct node){.kind = NODE_BAD, .at = at};
}

static struct node node_of_event(struct source *s)
{
	struct node n = {.at = mark_of(s->event.start_mark)};
	switch (s->event.type) {
	case YAML_SCALAR_EVENT: return scalar_node(s, n.at);
	case YAML_SEQUENCE_START_EVENT:
		n.kind = NODE_LIST;
		refuse(s, "anchor", s->event.data.sequence_start.anchor);
		refuse(s, "tag", s->event.data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		n.kind = NODE_MAP;
		refuse(s, "anchor", s->event.data.mapping_start.anchor);
		refuse(s, "tag", s->event.data.mapping_start.tag);
		break;
	case YAML_ALIAS_EVENT:
		n.kind = NODE_BAD;
		refuse(s, "alias", s->event.data.alias.anchor);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		n.kind = NODE_END;
		s->depth--;
		break;
	default: break;
	}
	return n;
}

/* Passes over the events that frame documents. False when no node follows. */
static bool enter_document(struct source *s)
{
	do {
		switch (s->event.type) {
		case YAML_DOCUMENT_START_EVENT:
			if (s->nodes) {
				source_complain(s, mark_of(s->event.start_mark),
				                "a second document begins, expected one a file");
				source_fail(s, ERR_INVALID);
			}
			if (s->event.data.document_start.tag_directives.start !=
			    s->event.data.document_start.tag_directives.end)
				source_complain(s, mark_of(s->event.start_mark),
				                "a %%TAG directive is used, expected none");
			break;
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT: break;
		default: return s->event.type != YAML_STREAM_END_EVENT;
		}
	} while (take_event(s));
	return false;
}

struct node source_next(struct source *s)
{
	if (!take_event(s) || !enter_document(s))
		return (struct node){.kind = NODE_STOP, .at = {1, 1}};
	struct node n = node_of_event(s);
	if (n.kind != NODE_END)
		count_node(s, &n);
	return s->error == OK ? n : (struct node){.kind = NODE_STOP, .at = n.at};
}

void source_skip(struct source *s, const struct node *n)
{
	if (n->kind != NODE_LIST && n->kind != NODE_MAP)
		return;
	unsigned depth = s->depth - 1;
	while (s->depth > depth) {
		if (source_next(s).kind == NODE_STOP)
			return;
	}
}
