#include "scan/pattern.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

void scan_patterns_init(struct scan_patterns *patterns)
{
	patterns->count = patterns->plain_count = 0;
}

static bool is_plain(const char *name)
{
	return !strpbrk(name, "*?[");
}

void scan_patterns_add(struct scan_patterns *patterns, const char *text, unsigned owner)
{
	assert(patterns->count < SCAN_PATTERNS_MAX);
	struct scan_pattern *p = &patterns->rows[patterns->count++];
	size_t size = strlen(text);
	*p = (struct scan_pattern){
		.text = text, .owner = owner, .is_folder = text[size - 1] == '/'};
	size -= p->is_folder;
	const char *slash = memrchr(text, '/', size), *name = slash + 1;
	size -= (size_t)(name - text);
	assert(slash && size > 0 && size < sizeof(p->name));
	memcpy(p->name, name, size);
}

static int compare(const void *left, const void *right)
{
	const struct scan_pattern *a = left, *b = right;
	bool is_a = is_plain(a->name), is_b = is_plain(b->name);
	return is_a != is_b ? is_b - is_a : strcmp(a->name, b->name);
}

void scan_patterns_sort(struct scan_patterns *patterns)
{
	qsort(patterns->rows, patterns->count, sizeof(*patterns->rows), compare);
	patterns->plain_count = 0;
	while (patterns->plain_count < patterns->count &&
	       is_plain(patterns->rows[patterns->plain_count].name))
		patterns->plain_count++;
}

/* The last part of `path` that has as many slashes as `pattern`, whose first is before its first part. */
static const char *tail_of(const char *path, const char *pattern, bool is_folder)
{
	size_t slashes = 0;
	for (const char *c = pattern; *c; c++)
		slashes += *c == '/' && !(is_folder && c[1] == '\0');
	const char *at = path + strlen(path);
	while (slashes && at > path) {
		at--;
		slashes -= *at == '/';
	}
	return slashes ? NULL : at;
}

/* Compares part by part, without the slash at the end of a folder's pattern. */
static bool parts_match(const struct scan_pattern *p, const char *from, const char *tail)
{
	char own[256];
	size_t size = strlen(from) - p->is_folder;
	assert(size < sizeof(own));
	memcpy(own, from, size);
	own[size] = '\0';
	return fnmatch(own, tail, FNM_PATHNAME | FNM_NOESCAPE) == 0;
}

static bool matches(const struct scan_pattern *p, const char *path, const struct scan_home *home)
{
	const char *from = strchr(p->text, '/'), *tail = tail_of(path, from, p->is_folder);
	if (!tail)
		return false;
	if (p->text[0] == '/' && tail != path)
		return false;
	if (p->text[0] == '~' && (!home || tail != path + home->path_size))
		return false;
	return parts_match(p, from, tail);
}

static size_t put(unsigned owner, unsigned *ret, size_t count, size_t max)
{
	size_t at = 0;
	while (at < count && ret[at] < owner)
		at++;
	if ((at < count && ret[at] == owner) || count == max)
		return count;
	memmove(&ret[at + 1], &ret[at], (count - at) * sizeof(*ret));
	ret[at] = owner;
	return count + 1;
}

static size_t first_plain(const struct scan_patterns *patterns, const char *name)
{
	size_t low = 0, high = patterns->plain_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(patterns->rows[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What tells most names from most patterns: the first and the last character, where they are written out. */
static bool may_be(const char *pattern, const char *name, size_t name_size)
{
	static const char signs[] = "*?[]";
	char first = pattern[0], last = pattern[strlen(pattern) - 1];
	return name_size && (first == name[0] || strchr(signs, first)) &&
	       (last == name[name_size - 1] || strchr(signs, last));
}

size_t scan_patterns_find(const struct scan_patterns *patterns, const char *path, bool is_folder,
                          const struct scan_home *home, unsigned *ret, size_t max)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t count = 0, name_size = strlen(name);
	for (size_t i = first_plain(patterns, name);
	     i < patterns->plain_count && strcmp(patterns->rows[i].name, name) == 0; i++) {
		const struct scan_pattern *p = &patterns->rows[i];
		if (p->is_folder == is_folder && matches(p, path, home))
			count = put(p->owner, ret, count, max);
	}
	for (size_t i = patterns->plain_count; i < patterns->count; i++) {
		const struct scan_pattern *p = &patterns->rows[i];
		if (p->is_folder == is_folder && may_be(p->name, name, name_size) &&
		    fnmatch(p->name, name, FNM_NOESCAPE) == 0 && matches(p, path, home))
			count = put(p->owner, ret, count, max);
	}
	return count;
}
