#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "finding/findings_private.h"

enum { SOURCES_FIRST = 16, NAME_SIZE_MAX = PATH_MAX };

static const size_t texts[] = {
	offsetof(struct findings_source, name),
	offsetof(struct findings_source, format),
	offsetof(struct findings_source, example),
	offsetof(struct findings_source, problem),
};
enum { TEXTS = sizeof(texts) / sizeof(*texts) };

static struct view *text_of(struct findings_source *s, size_t i)
{
	return (struct view *)(void *)((char *)s + texts[i]);
}

static void free_texts(struct findings_source *s)
{
	for (size_t i = 0; i < TEXTS; i++)
		findings_free_text(*text_of(s, i));
}

/* A copy that owns its texts. */
static int copy(const struct findings_source *from, struct findings_source *ret)
{
	struct findings_source own = *from;
	int code = OK;
	for (size_t i = 0; i < TEXTS; i++)
		*text_of(&own, i) = (struct view){0};
	for (size_t i = 0; code == OK && i < TEXTS; i++)
		code = findings_copy_text(
			text_of(&own, i),
			*(const struct view *)(const void *)((const char *)from + texts[i]),
			NAME_SIZE_MAX);
	if (code < 0)
		free_texts(&own);
	else
		*ret = own;
	return code;
}

int findings_add_source(struct findings *f, const struct findings_source *source)
{
	if (f->source_count == f->source_capacity) {
		size_t capacity = f->source_capacity ? f->source_capacity * 2 : SOURCES_FIRST;
		struct findings_source *grown = realloc(f->sources, capacity * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		f->sources = grown;
		f->source_capacity = capacity;
	}
	int code = copy(source, &f->sources[f->source_count]);
	return code < 0 ? code : (int)f->source_count++;
}

int findings_set_source(struct findings *f, uint32_t number, const struct findings_source *source)
{
	struct findings_source own;
	assert(number < f->source_count);
	int code = copy(source, &own);
	if (code < 0)
		return code;
	free_texts(&f->sources[number]);
	f->sources[number] = own;
	return OK;
}

size_t findings_source_count(const struct findings *f)
{
	return f->source_count;
}

const struct findings_source *findings_source_at(const struct findings *f, size_t i)
{
	assert(i < f->source_count);
	return &f->sources[i];
}

void findings_free_sources(struct findings *f)
{
	for (size_t i = 0; i < f->source_count; i++)
		free_texts(&f->sources[i]);
	free(f->sources);
}
