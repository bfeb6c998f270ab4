#include "audit/source_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"

enum { ITEMS_FIRST = 64 };

struct source_seen {
	dev_t device;
	ino_t inode;
	const char *path; /* NULL: an empty slot */
};

void source_list_init(struct source_list *l)
{
	*l = (struct source_list){0};
	arena_init(&l->arena, 0);
}

void source_list_done(struct source_list *l)
{
	arena_done(&l->arena);
	free(l->items);
	free(l->repeated);
	free(l->seen);
	*l = (struct source_list){0};
}

/* Room for one more; the array, or NULL without memory. */
static void *make_room(void *array, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : ITEMS_FIRST;
	if (count < *capacity)
		return array;
	void *larger = realloc(array, wanted * size);
	if (larger)
		*capacity = wanted;
	return larger;
}

static int add_item(struct source_list *l, const char *path, const char *problem)
{
	if (!path || l->arena.failed)
		return -ENOMEM;
	if (l->count == SOURCE_LIST_MAX)
		return ERR_LIMIT;
	void *room = make_room(l->items, l->count, &l->capacity, sizeof(*l->items));
	if (!room)
		return -ENOMEM;
	l->items = room;
	l->items[l->count++] = (struct source_list_item){path, problem};
	return OK;
}

static int add_repeated(struct source_list *l, const char *path, const char *first)
{
	if (l->repeated_count == SOURCE_LIST_MAX)
		return ERR_LIMIT;
	void *room = make_room(l->repeated, l->repeated_count, &l->repeated_capacity,
	                       sizeof(*l->repeated));
	if (!room)
		return -ENOMEM;
	l->repeated = room;
	l->repeated[l->repeated_count++] = (struct source_list_repeated){path, first};
	return OK;
}

/* Its slot, or the empty one where it belongs. */
static struct source_seen *find_seen(const struct source_list *l, dev_t device, ino_t inode)
{
	uint64_t key[] = {(uint64_t)device, (uint64_t)inode};
	size_t at = hash_bytes(key, sizeof(key), 0) & (l->seen_size - 1);
	while (l->seen[at].path && (l->seen[at].device != device || l->seen[at].inode != inode))
		at = (at + 1) & (l->seen_size - 1);
	return &l->seen[at];
}

static int enlarge_seen(struct source_list *l)
{
	struct source_list larger = {.seen_size =
	                                     l->seen_size ? l->seen_size * 2 : 2 * ITEMS_FIRST};
	larger.seen = calloc(larger.seen_size, sizeof(*larger.seen));
	if (!larger.seen)
		return -ENOMEM;
	for (size_t i = 0; i < l->seen_size; i++) {
		if (l->seen[i].path)
			*find_seen(&larger, l->seen[i].device, l->seen[i].inode) = l->seen[i];
	}
	free(l->seen);
	l->seen = larger.seen;
	l->seen_size = larger.seen_size;
	return OK;
}

/* A file that can be read, unless it stands in the list. */
static int add_file(struct source_list *l, const char *path, const struct stat *s)
{
	if (l->count * 2 >= l->seen_size && enlarge_seen(l) < 0)
		return -ENOMEM;
	struct source_seen *seen = find_seen(l, s->st_dev, s->st_ino);
	if (seen->path)
		return add_repeated(l, path, seen->path);
	*seen = (struct source_seen){s->st_dev, s->st_ino, path};
	return add_item(l, path, NULL);
}

static const char *kind_problem(mode_t mode)
{
	if (S_ISLNK(mode))
		return "a link, which is not followed in a folder";
	if (S_ISFIFO(mode) || S_ISSOCK(mode))
		return "a pipe or socket, which is not read in a folder";
	return "a device, which is not read in a folder";
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
	void *room = make_room(n->items, n->count, &n->capacity, sizeof(*n->items));
	if (!room)
		return -ENOMEM;
	n->items = room;
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
	if (S_ISREG(s.st_mode))
		return add_file(l, own, &s);
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
	struct stat s;
	bool is_input = strcmp(path, "-") == 0;
	if ((is_input ? fstat(STDIN_FILENO, &s) : stat(path, &s)) < 0)
		return add_item(l, own, err_text(-errno));
	if (is_input || !S_ISDIR(s.st_mode))
		return add_file(l, own, &s);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? add_item(l, own, err_text(-errno)) : add_folder(l, fd, own, 0);
}
