#include "config/default.h"

#include <assert.h>
#include <errno.h>

#include "config/scalar.h"

size_t field_size(const struct schema_field *f)
{
	if (f->type == SCHEMA_STRUCT)
		return f->child->size;
	return f->type == SCHEMA_LIST ? sizeof(struct schema_list) : scalar_size(f->type);
}

size_t item_size(const struct schema_field *list)
{
	return list->child ? list->child->size : field_size(list->item);
}

/* Takes the next of `[a, b, "c, d"]`, quotes removed; false at the end. */
static bool take_word(struct view *text, struct view *ret)
{
	*text = view_trim(*text);
	if (text->size == 0)
		return false;
	bool is_quoted = text->bytes[0] == '"';
	if (is_quoted)
		*text = view_skip(*text, 1);
	*ret = view_split(text, is_quoted ? '"' : ',');
	if (is_quoted)
		view_split(text, ',');
	else
		*ret = view_trim(*ret);
	return true;
}

static struct view without_brackets(struct view text)
{
	struct view v = view_trim(text);
	if (v.size < 2 || v.bytes[0] != '[' || v.bytes[v.size - 1] != ']')
		return v;
	return view_of(v.bytes + 1, v.size - 2);
}

/* Reads a SET from its words, then asks its hook once. */
static bool read_words(const struct schema_field *f, struct view text, struct arena *a,
                       uint64_t *ret, struct buffer *why)
{
	struct schema_field each = *f;
	struct view rest = without_brackets(text), word;
	each.check = NULL;
	*ret = 0;
	while (take_word(&rest, &word)) {
		if (!scalar_read(&each, word, a, ret, why))
			return false;
	}
	return scalar_check(f, ret, "the value", why);
}

static bool read_any(const struct schema_field *f, struct view text, struct arena *a, void *ret,
                     struct buffer *why)
{
	if (f->type == SCHEMA_SET)
		return read_words(f, text, a, ret, why);
	return scalar_read(f, text, a, ret, why);
}

int schema_read_scalar(const struct schema_field *f, struct view text, struct arena *a,
                       const char **ret_problem, void *ret)
{
	struct buffer why = {0};
	void *value = arena_alloc(a, scalar_size(f->type));
	bool ok = value && read_any(f, text, a, value, &why);
	const char *problem = ok || a->failed ? NULL : arena_text(a, buffer_view(&why));
	bool has_memory = !why.failed && !a->failed;
	buffer_done(&why);
	if (!has_memory)
		return -ENOMEM;
	if (!ok) {
		*ret_problem = problem;
		return ERR_INVALID;
	}
	memcpy(ret, value, scalar_size(f->type));
	return OK;
}

static int read_promised(const struct schema_field *f, struct view text, struct arena *a, void *ret)
{
	struct buffer why = {0};
	bool ok = read_any(f, text, a, ret, &why);
	buffer_done(&why);
	assert(ok || a->failed);
	return ok ? OK : -ENOMEM;
}

static int read_list(const struct schema_field *f, struct arena *a, struct schema_list *ret)
{
	struct view rest = without_brackets(view_text(f->default_text)), word;
	size_t count = 0, size = item_size(f);
	assert(f->item);
	while (take_word(&rest, &word))
		count++;
	char *items = arena_alloc(a, count ? count * size : 1);
	if (!items)
		return -ENOMEM;
	rest = without_brackets(view_text(f->default_text));
	for (size_t i = 0; take_word(&rest, &word); i++) {
		int r = read_promised(f->item, word, a, items + i * size);
		if (r < 0)
			return r;
	}
	*ret = (struct schema_list){.items = items, .count = count};
	return OK;
}

int default_fill(const struct schema_field *f, const char *file, struct arena *a, void *ret)
{
	if (f->type == SCHEMA_STRUCT)
		return default_fill_struct(f->child, file, a, ret);
	if (f->type == SCHEMA_LIST)
		*(struct schema_list *)ret = (struct schema_list){0};
	else
		scalar_set_absent(f->type, ret);
	if (!f->default_text)
		return OK;
	if (f->type == SCHEMA_LIST)
		return read_list(f, a, ret);
	return read_promised(f, view_text(f->default_text), a, ret);
}

int default_fill_struct(const struct schema *s, const char *file, struct arena *a, void *ret)
{
	memset(ret, 0, s->size);
	for (const struct schema_field *f = s->fields; f->name; f++) {
		int r = default_fill(f, file, a, field_at(f, ret));
		if (r < 0)
			return r;
	}
	if (s->place_offset != SCHEMA_NO_PLACE)
		*(struct config_place *)((char *)ret + s->place_offset) =
			(struct config_place){.file = file};
	return OK;
}
