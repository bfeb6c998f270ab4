#include "scan/json.h"

#include <malloc.h>
#include <string.h>

#include "scan/text.h"

static size_t used;
static bool is_over;

static void *take(size_t size)
{
	if (size > SCAN_JSON_MEMORY_MAX || used + size > SCAN_JSON_MEMORY_MAX) {
		is_over = true;
		return NULL;
	}
	void *memory = malloc(size);
	used += memory ? malloc_usable_size(memory) : 0;
	return memory;
}

static void give_back(void *memory)
{
	if (!memory)
		return;
	size_t size = malloc_usable_size(memory);
	used -= size;
	explicit_bzero(memory, size);
	free(memory);
}

/* Takes out what JSON has not: // and block comments, and a comma before a closing bracket. In place; returns the size. */
static size_t tighten(char *text, size_t size)
{
	size_t to = 0, comma = SIZE_MAX;
	for (size_t i = 0; i < size; i++) {
		char c = text[i], next = i + 1 < size ? text[i + 1] : '\0';
		if (c == '/' && next == '/') {
			while (i + 1 < size && text[i + 1] != '\n')
				i++;
			continue;
		}
		if (c == '/' && next == '*') {
			for (i += 2; i + 1 < size && !(text[i] == '*' && text[i + 1] == '/'); i++)
				;
			i++;
			continue;
		}
		if ((c == ']' || c == '}') && comma != SIZE_MAX)
			text[comma] = ' ';
		if (c == ',')
			comma = to;
		else if (!view_is_space((uint8_t)c))
			comma = SIZE_MAX;
		text[to++] = c;
		if (c != '"')
			continue;
		while (i + 1 < size && text[i + 1] != '"') {
			if (text[i + 1] == '\\' && i + 2 < size)
				text[to++] = text[++i];
			text[to++] = text[++i];
		}
		if (i + 1 < size)
			text[to++] = text[++i];
	}
	return to;
}

static json_t *parse(struct view bytes, bool is_loose)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (view_starts_with(bytes, view_text(mark)))
		bytes = view_skip(bytes, strlen(mark));
	if (!is_loose)
		return json_loadb((const char *)bytes.bytes, bytes.size, 0, NULL);
	char *copy = take(bytes.size + 1);
	if (!copy)
		return NULL;
	memcpy(copy, bytes.bytes, bytes.size);
	json_t *value = json_loadb(copy, tighten(copy, bytes.size), 0, NULL);
	give_back(copy);
	return value;
}

json_t *scan_json_read(struct scan *s, const struct scan_file *f, bool is_loose)
{
	json_set_alloc_funcs(take, give_back);
	is_over = false;
	json_t *value = f->bytes.size ? parse(f->bytes, is_loose) : NULL;
	if (!value && is_over)
		scan_unread(s, f->path, "as JSON it needs too much memory");
	else if (!value)
		scan_not_understood(s, f, "no JSON");
	return value;
}

struct view scan_json_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return view_of(json_string_value(value), json_string_length(value));
}

/* jansson bounds the depth (2048), so this is bounded, too. */
void scan_json_each_text(const json_t *value, const char *key, scan_json_on_text *on_text,
                         void *context)
{
	const char *name;
	size_t i;
	json_t *item;
	if (json_is_string(value)) {
		on_text(context, key, view_of(json_string_value(value), json_string_length(value)));
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item) scan_json_each_text(item, key, on_text, context);
	} else if (json_is_object(value)) {
		json_object_foreach((json_t *)(uintptr_t)value, name, item)
		{
			if (!scan_text_forbids(view_text(name)))
				scan_json_each_text(item, name, on_text, context);
		}
	}
}
