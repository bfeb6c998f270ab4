#include "audit/source_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

enum { ITEMS_FIRST = 64 };

void source_list_init(struct source_list *l)
{
	*l = (struct source_list){0};
	arena_init(&l->arena, 0);
}

void source_list_done(struct source_list *l)
{
	arena_done(&l->arena);
	free(l->items);
	*l = (struct source_list){0};
}

static int add_item(struct source_list *l, const char *path, const char *problem)
{
	if (!path || l->arena.failed)
		return -ENOMEM;
	if (l->count == SOURCE_LIST_MAX)
		return ERR_LIMIT;
	if (l->count == l->capacity) {
		size_t capacity = l->capacity ? l->capacity * 2 : ITEMS_FIRST;
		struct source_list_item *items = realloc(l->items, capacity * sizeof(*items));
		if (!items)
			return -ENOMEM;
		l->items = items;
		l->capacity = capacity;
	}
	l->items[l->count++] = (struct source_list_item){path, problem};
	return OK;
}

static const char *kind_problem(mode_t mode)
{
	if (S_ISLNK(mode))
		return "a link, which is not followed in a folder";
	if (S_ISFIFO(mode) || S_ISSOCK(mode))
		return "a pipe or socket, which is not read in a folder";
	return S_ISREG(mode) ? NULL : "a device, which is not read in a folder";
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **items;
	size_t count, capacity;
};

static void names_done(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->items[i]);
	free(n->items);
}

static int names_add(struct names *n, const char *name)
{
	if (n->count == SOURCE_LIST_MAX)
		return ERR_LIMIT;
	if (n->count == n->capacity) {
		size_t capacity = n->capacity ? n->capacity * 2 : ITEMS_FIRST;
		char **items = realloc(n->items, capacity * sizeof(*items));
		if (!items)
			return -ENOMEM;
		n->items = items;
		n->capacity = capacity;
	}
	char *copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	n->items[n->count++] = copy;
	return OK;
}

/* The names in the folder, sorted. */
static int read_names(DIR *folder, struct names *ret)
{
	int code = OK;
	errno = 0;
	for (struct dirent *e; code == OK && (e = readdir(folder)); errno = 0) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			code = names_add(ret, e->d_name);
	}
	if (code == OK && errno)
		code = -errno;
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_name);
	return code;
}

static int add_folder(struct source_list *l, int fd, const char *path, unsigned depth);

static int add_entry(struct source_list *l, int folder, const char *path, const char *name,
                     unsigned depth)
{
	struct stat s;
	const char *own = arena_printf(&l->arena, "%s/%s", path, name);
	if (!own)
		return -ENOMEM;
	if (fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) < 0)
		return add_item(l, own, err_text(-errno));
	if (!S_ISDIR(s.st_mode))
		return add_item(l, own, kind_problem(s.st_mode));
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? add_item(l, own, err_text(-errno)) : add_folder(l, fd, own, depth + 1);
}

/* Takes the descriptor. */
static int add_folder(struct source_list *l, int fd, const char *path, unsigned depth)
{
	struct names names = {0};
	DIR *folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	int code = depth > SOURCE_LIST_DEPTH
	                   ? add_item(l, path, "folders within folders are too deep")
	                   : read_names(folder, &names);
	if (code < 0 && code != -ENOMEM && code != ERR_LIMIT)
		code = add_item(l, path, err_text(code));
	for (size_t i = 0; code == OK && i < names.count; i++)
		code = add_entry(l, dirfd(folder), path, names.items[i], depth);
	names_done(&names);
	(void)closedir(folder);
	return code;
}

int source_list_add(struct source_list *l, const char *path)
{
	size_t size = strlen(path);
	while (size > 1 && path[size - 1] == '/')
		size--;
	const char *own = arena_text(&l->arena, (struct view){(const uint8_t *)path, size});
	if (!own)
		return -ENOMEM;
	if (strcmp(path, "-") == 0)
		return add_item(l, own, NULL);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return add_folder(l, fd, own, 0);
	return add_item(l, own, errno == ENOTDIR ? NULL : err_text(-errno));
}
