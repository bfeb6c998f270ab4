#include "scan/home.h"

#include <string.h>

/* Accounts of services have these as homes; they are nobody's. */
static const char *const no_homes[] = {
	"/",         "/bin",     "/dev", "/nonexistent", "/proc", "/run",  "/sbin", "/usr",
	"/usr/sbin", "/usr/bin", "/var", "/etc",         "/tmp",  "/home", "/opt",  "/srv"};
/* Where each folder is somebody's. */
static const char *const parents[] = {"/home/", "/Users/", "/export/home/", "/var/home/"};

void scan_homes_init(struct scan_homes *homes)
{
	memset(homes, 0, sizeof(*homes));
	arena_init(&homes->arena, 0);
}

void scan_homes_done(struct scan_homes *homes)
{
	arena_done(&homes->arena);
}

static bool is_possible(struct view path)
{
	for (size_t i = 0; i < sizeof(no_homes) / sizeof(*no_homes); i++) {
		if (view_is(path, no_homes[i]))
			return false;
	}
	return path.size > 1 && path.bytes[0] == '/' && !memchr(path.bytes, 0, path.size);
}

static const struct scan_home *add(struct scan_homes *homes, struct view user, struct view path)
{
	while (path.size > 1 && path.bytes[path.size - 1] == '/')
		path.size--;
	if (!is_possible(path))
		return NULL;
	for (size_t i = 0; i < homes->count; i++) {
		if (view_is(path, homes->rows[i].path))
			return &homes->rows[i];
	}
	if (homes->count == SCAN_HOMES_MAX) {
		homes->dropped++;
		return NULL;
	}
	struct scan_home *h = &homes->rows[homes->count];
	h->user = arena_text(&homes->arena, user);
	h->path = arena_text(&homes->arena, path);
	h->path_size = path.size;
	if (!h->user || !h->path)
		return NULL;
	homes->count++;
	return h;
}

void scan_homes_read(struct scan_homes *homes, struct view passwd)
{
	while (passwd.size) {
		struct view line = view_split(&passwd, '\n'), field[6];
		size_t count = 0;
		for (; count < 6 && line.bytes; count++)
			field[count] = view_split(&line, ':');
		if (count == 6 && field[0].size)
			(void)add(homes, field[0], field[5]);
	}
}

void scan_homes_add_place(struct scan_homes *homes, size_t home, struct view path)
{
	(void)add(homes, view_text(homes->rows[home].user), path);
}

/* The home that a path lies in by its folder; empty for none. */
static struct view by_folder(const char *path, struct view *ret_user)
{
	if (strncmp(path, "/root", 5) == 0 && (path[5] == '/' || path[5] == '\0')) {
		*ret_user = view_text("root");
		return view_of(path, 5);
	}
	for (size_t i = 0; i < sizeof(parents) / sizeof(*parents); i++) {
		size_t size = strlen(parents[i]);
		if (strncmp(path, parents[i], size) != 0)
			continue;
		*ret_user = view_of(path + size, strcspn(path + size, "/"));
		if (ret_user->size)
			return view_of(path, size + ret_user->size);
	}
	return (struct view){0};
}

const struct scan_home *scan_homes_find(struct scan_homes *homes, const char *path)
{
	const struct scan_home *best = NULL;
	for (size_t i = 0; i < homes->count; i++) {
		const struct scan_home *h = &homes->rows[i];
		if ((!best || h->path_size > best->path_size) &&
		    strncmp(path, h->path, h->path_size) == 0 &&
		    (path[h->path_size] == '/' || path[h->path_size] == '\0'))
			best = h;
	}
	if (best)
		return best;
	struct view user = {0}, folder = by_folder(path, &user);
	return folder.size ? add(homes, user, folder) : NULL;
}
