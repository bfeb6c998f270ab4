#include "source/list_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "policy/organisation_schema.h"
#include "source/file.h"

enum { CA_SIZE_MAX = SCHEMA_TEXT_MAX };

/* A copy, not a mapping: who edits the file in place meanwhile would end this process (SIGBUS), or have another
 * content compiled than the one whose sum was taken. */
static int read_regular(const char *path, struct buffer *text)
{
	struct stat st;
	cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? file_read_open(fd, FILE_SIZE_MAX, text) : -EINVAL;
}

static struct view text_of(const struct buffer *read)
{
	return read->size ? buffer_view(read) : view_text("");
}

static void say(struct problems *p, const struct list_product *list, const char *field,
                const char *what, const char *on, const char *why)
{
	struct config_place at = config_place_of(&list_product_schema, list, field);
	problem_add(p, at.file, at.line, at.column, "list \"%s\": %s%s: %s", list->id, what, on,
	            why);
}

static int read_local(const struct list_product *from, struct loaded_list *l, struct list_texts *t,
                      size_t i, struct problems *p)
{
	int code = read_regular(l->file, &t->reads[i]);
	t->views[i] = text_of(&t->reads[i]);
	t->names[i] = l->file;
	if (code < 0)
		say(p, from, "file", "cannot read ", from->file, err_text(code));
	else if (l->pin && strcasecmp(list_sha256(t->views[i], l->sha256), l->pin) != 0)
		say(p, from, "sha256", "expected the pinned SHA-256, found ", l->sha256,
		    "the file is another one");
	return code;
}

static int read_ca(const struct list_reading *from, const struct list_product *list,
                   struct loaded_list *l, struct arena *a, struct problems *p)
{
	if (!list->ca_file)
		return OK;
	struct buffer pem = {0};
	cleanup(free) char *path = file_beside(from->organisation_file, list->ca_file);
	int code = path ? file_read(path, CA_SIZE_MAX, &pem) : -ENOMEM;
	if (code == OK)
		l->ca = arena_text(a, buffer_view(&pem));
	else
		say(p, list, "ca_file", "cannot read ", list->ca_file, err_text(code));
	buffer_done(&pem);
	return code;
}

/* The copy or the offer, whichever was asked for and is there. */
static int read_store(const struct list_reading *from, struct loaded_list *l, struct buffer *text)
{
	int code = ERR_MISSING;
	size_t size_max = (size_t)l->size_max;
	if (from->take_offers)
		code = list_store_read(from->folder, l->id, LIST_FILE_OFFER, size_max, text);
	if (code == ERR_MISSING)
		code = list_store_read(from->folder, l->id, LIST_FILE_COPY, size_max, text);
	if (code == OK && l->pin &&
	    strcasecmp(list_sha256(buffer_view(text), l->sha256), l->pin) != 0)
		code = ERR_CHECKSUM;
	return code;
}

static void read_fetched(const struct list_reading *from, const struct list_product *list,
                         struct loaded_list *l, struct list_texts *t, size_t i,
                         struct problems *warnings)
{
	struct buffer *text = &t->reads[i];
	int code = from->folder ? read_store(from, l, text) : ERR_MISSING;
	t->names[i] = l->url;
	l->is_missing = code < 0;
	if (code == OK) {
		t->views[i] = text_of(text);
		return;
	}
	l->sha256[0] = '\0';
	buffer_done(text);
	say(warnings, list, "url", "it is not in force", "",
	    code == ERR_MISSING    ? "no copy has been fetched yet"
	    : code == ERR_CHECKSUM ? "the copy is not the one that sha256 pins"
	                           : err_text(code));
}

static void compare(struct loaded_list *l, struct view text, const struct list_set *before)
{
	const struct loaded_list *old = before ? list_set_find(before, l->id) : NULL;
	l->fingerprint = hash_view(text, 0);
	l->is_changed = before && (!old || old->is_missing != l->is_missing ||
	                           old->fingerprint != l->fingerprint);
	if (l->is_changed && !l->is_missing)
		list_sha256(text, l->sha256);
	else if (old && !l->is_changed)
		memcpy(l->sha256, old->sha256, sizeof(l->sha256));
}

static int load_one(const struct list_reading *from, size_t i, struct list_set *s,
                    struct list_texts *t, struct problems *warnings, struct problems *p)
{
	const struct list_product *list =
		(const struct list_product *)from->organisation->lists.items + i;
	struct loaded_list *l = &s->items[i];
	cleanup(free) char *path =
		list->file ? file_beside(from->organisation_file, list->file) : NULL;
	*l = (struct loaded_list){
		.id = arena_text(&s->arena, view_text(list->id)),
		.file = path ? arena_text(&s->arena, view_text(path)) : NULL,
		.url = list->url ? arena_text(&s->arena, view_text(list->url)) : NULL,
		.pin = list->sha256 ? arena_text(&s->arena, view_text(list->sha256)) : NULL,
		.format = list->format,
		.refresh_us = list->refresh_us,
		.size_max = list->size_max,
	};
	if (s->arena.failed || (list->file && !path))
		return -ENOMEM;
	int code = read_ca(from, list, l, &s->arena, p);
	if (l->url)
		read_fetched(from, list, l, t, i, warnings);
	else if (code == OK)
		code = read_local(list, l, t, i, p);
	if (code == OK)
		compare(l, t->views[i], from->before);
	return s->arena.failed ? -ENOMEM : OK;
}

int list_set_load(const struct list_reading *from, struct list_set *ret,
                  struct list_texts *ret_texts, struct problems *warnings, struct problems *p)
{
	struct list_set s = {.count = from->organisation->lists.count};
	struct list_texts t = {.count = s.count};
	arena_init(&s.arena, 0);
	s.items = arena_alloc(&s.arena, (s.count + 1) * sizeof(*s.items));
	t.views = calloc(t.count + 1, sizeof(*t.views));
	t.reads = calloc(t.count + 1, sizeof(*t.reads));
	t.names = calloc(t.count + 1, sizeof(*t.names));
	int code = s.items && t.views && t.reads && t.names ? OK : -ENOMEM;
	for (size_t i = 0; code == OK && i < s.count; i++)
		code = load_one(from, i, &s, &t, warnings, p);
	if (code < 0) {
		list_texts_done(&t);
		list_set_done(&s);
		return code;
	}
	*ret = s;
	*ret_texts = t;
	return OK;
}

void list_set_done(struct list_set *s)
{
	arena_done(&s->arena);
	*s = (struct list_set){0};
}

void list_texts_done(struct list_texts *t)
{
	for (size_t i = 0; t->reads && i < t->count; i++)
		buffer_done(&t->reads[i]);
	free(t->views);
	free(t->reads);
	free(t->names);
	*t = (struct list_texts){0};
}

const struct loaded_list *list_set_find(const struct list_set *s, const char *id)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->items[i].id, id) == 0)
			return &s->items[i];
	}
	return NULL;
}
