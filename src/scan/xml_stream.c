#include "scan/xml_stream.h"

#include <errno.h>
#include <expat.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/library.h"

/* Stands between namespace and name; none of them may have it. */
enum { SEPARATOR = '\n', BLOCK_MAX = 1 << 20 };

struct functions {
	__typeof__(&XML_ParserCreate_MM) new;
	__typeof__(&XML_ParserFree) release;
	__typeof__(&XML_Parse) parse;
	__typeof__(&XML_StopParser) stop;
	__typeof__(&XML_SetUserData) set_context;
	__typeof__(&XML_SetElementHandler) set_element;
	__typeof__(&XML_SetCharacterDataHandler) set_text;
	__typeof__(&XML_SetStartDoctypeDeclHandler) set_doctype;
	__typeof__(&XML_GetErrorCode) error;
	__typeof__(&XML_ErrorString) error_text;
	__typeof__(&XML_GetCurrentLineNumber) line;
	__typeof__(&XML_GetCurrentColumnNumber) column;
};

static const struct library_symbol symbols[] = {
	{"XML_ParserCreate_MM", offsetof(struct functions, new)},
	{"XML_ParserFree", offsetof(struct functions, release)},
	{"XML_Parse", offsetof(struct functions, parse)},
	{"XML_StopParser", offsetof(struct functions, stop)},
	{"XML_SetUserData", offsetof(struct functions, set_context)},
	{"XML_SetElementHandler", offsetof(struct functions, set_element)},
	{"XML_SetCharacterDataHandler", offsetof(struct functions, set_text)},
	{"XML_SetStartDoctypeDeclHandler", offsetof(struct functions, set_doctype)},
	{"XML_GetErrorCode", offsetof(struct functions, error)},
	{"XML_ErrorString", offsetof(struct functions, error_text)},
	{"XML_GetCurrentLineNumber", offsetof(struct functions, line)},
	{"XML_GetCurrentColumnNumber", offsetof(struct functions, column)},
};

struct xml_stream {
	struct functions expat;
	XML_Parser parser;
	const struct xml_handlers *handlers;
	void *context;
	unsigned depth;
	int error;
	struct xml_place place;
	size_t size;
	uint8_t text[XML_TEXT_MAX];
};

/* libexpat's memory: bounded, and overwritten when it is given back. */

static size_t used;
static bool is_over;

static void *take(size_t size)
{
	if (size > XML_MEMORY_MAX - used) {
		is_over = true;
		return NULL;
	}
	void *memory = malloc(size);
	size_t own = memory ? malloc_usable_size(memory) : 0;
	used = own < XML_MEMORY_MAX - used ? used + own : XML_MEMORY_MAX;
	return memory;
}

static void give_back(void *memory)
{
	if (!memory)
		return;
	size_t size = malloc_usable_size(memory);
	used -= size < used ? size : used;
	explicit_bzero(memory, size);
	free(memory);
}

static void *take_more(void *memory, size_t size)
{
	size_t before = memory ? malloc_usable_size(memory) : 0;
	void *larger = take(size);
	if (!larger)
		return NULL;
	if (before)
		memcpy(larger, memory, before < size ? before : size);
	give_back(memory);
	return larger;
}

/* What libexpat calls */

static int fail(struct xml_stream *s, int code, const char *why)
{
	if (s->error != OK)
		return s->error;
	s->error = code;
	s->place =
		(struct xml_place){why, s->expat.line(s->parser), s->expat.column(s->parser) + 1};
	(void)s->expat.stop(s->parser, XML_FALSE);
	return code;
}

static struct xml_name name_of(const char *name)
{
	struct view local = view_text(name), space = {0};
	if (memchr(name, SEPARATOR, local.size))
		space = view_split(&local, SEPARATOR);
	return (struct xml_name){space, local};
}

static void XMLCALL on_begin(void *context, const char *name, const char **attributes)
{
	struct xml_stream *s = context;
	if (s->error != OK)
		return;
	s->size = 0;
	if (s->depth++ == XML_DEPTH_MAX) {
		(void)fail(s, ERR_LIMIT, "elements lie too deep in one another");
		return;
	}
	int code = s->handlers->on_begin(s->context, name_of(name),
	                                 (struct xml_attributes){(const char *const *)attributes});
	if (code < 0)
		(void)fail(s, code, NULL);
}

static void XMLCALL on_end(void *context, const char *name)
{
	struct xml_stream *s = context;
	if (s->error != OK)
		return;
	int code = s->handlers->on_end(s->context, name_of(name), view_of(s->text, s->size));
	s->depth--;
	s->size = 0;
	if (code < 0)
		(void)fail(s, code, NULL);
}

static void XMLCALL on_text(void *context, const char *text, int size)
{
	struct xml_stream *s = context;
	size_t room = sizeof(s->text) - s->size;
	size_t own = (size_t)size < room ? (size_t)size : room;
	memcpy(s->text + s->size, text, own);
	s->size += own;
}

static void XMLCALL on_doctype(void *context, const char *name, const char *system,
                               const char *public, int has_own)
{
	(void)name;
	/* where more is declared elsewhere libexpat would pass over what it does not know */
	if (has_own || system || public)
		(void)fail(
			context, ERR_MALFORMED,
			"it declares entities or defaults, here or elsewhere, which are not followed");
}

/* For the caller */

int xml_stream_new(const struct xml_handlers *handlers, void *context, const char *encoding,
                   struct xml_stream **ret)
{
	static const XML_Memory_Handling_Suite memory = {take, take_more, give_back};
	static const char separator[] = {SEPARATOR, '\0'};
	cleanup(free) struct xml_stream *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	if (library_open("libexpat.so.1", symbols, sizeof(symbols) / sizeof(*symbols), &s->expat) <
	    0)
		return ERR_DENIED;
	is_over = false;
	s->handlers = handlers;
	s->context = context;
	s->parser = s->expat.new(encoding, &memory, separator);
	if (!s->parser)
		return -ENOMEM;
	s->expat.set_context(s->parser, s);
	s->expat.set_element(s->parser, on_begin, on_end);
	s->expat.set_text(s->parser, on_text);
	s->expat.set_doctype(s->parser, on_doctype);
	*ret = take_ptr(s);
	return OK;
}

void xml_stream_free(struct xml_stream *s)
{
	if (!s)
		return;
	s->expat.release(s->parser);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

static int code_of(enum XML_Error error)
{
	switch (error) {
	case XML_ERROR_NO_MEMORY: return is_over ? ERR_LIMIT : -ENOMEM;
	case XML_ERROR_AMPLIFICATION_LIMIT_BREACH: return ERR_LIMIT;
	case XML_ERROR_NO_ELEMENTS: /* also where some are open */
	case XML_ERROR_UNCLOSED_TOKEN:
	case XML_ERROR_UNCLOSED_CDATA_SECTION:
	case XML_ERROR_PARTIAL_CHAR: return ERR_TRUNCATED;
	default: return ERR_MALFORMED;
	}
}

static int parse(struct xml_stream *s, struct view part, bool is_last)
{
	const char *bytes = part.size ? (const char *)part.bytes : "";
	if (s->error == OK &&
	    s->expat.parse(s->parser, bytes, (int)part.size, is_last) != XML_STATUS_OK) {
		enum XML_Error error = s->expat.error(s->parser);
		(void)fail(s, code_of(error),
		           error == XML_ERROR_NO_MEMORY ? "it needs too much memory"
		                                        : s->expat.error_text(error));
	}
	return s->error;
}

int xml_stream_feed(struct xml_stream *s, struct view block)
{
	while (s->error == OK && block.size) {
		size_t size = block.size < BLOCK_MAX ? block.size : BLOCK_MAX;
		(void)parse(s, view_of(block.bytes, size), false);
		block = view_skip(block, size);
	}
	return s->error;
}

int xml_stream_end(struct xml_stream *s)
{
	return parse(s, (struct view){0}, true);
}

struct xml_place xml_stream_place(const struct xml_stream *s)
{
	return s->place;
}

bool xml_attributes_next(struct xml_attributes *a, struct xml_name *ret_name,
                         struct view *ret_value)
{
	if (!a->all[0])
		return false;
	*ret_name = name_of(a->all[0]);
	*ret_value = view_text(a->all[1]);
	a->all += 2;
	return true;
}

struct view xml_attribute(struct xml_attributes a, const char *space, const char *local)
{
	for (const char *const *at = a.all; *at; at += 2) {
		struct xml_name name = name_of(*at);
		if (view_is(name.space, space) && view_is(name.local, local))
			return view_text(at[1]);
	}
	return (struct view){0};
}
