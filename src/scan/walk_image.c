#include "scan/walk_image.h"

#include <errno.h>
#include <limits.h>

#include "scan/find_image.h"
#include "scan/scan_private.h"

struct level {
	struct squashfs_folder folder;
	size_t path_size;
	uint64_t inode;
};

struct walk {
	struct scan *scan;
	struct squashfs *image;
	const struct scan_home *home;
	char path[PATH_MAX];
	size_t path_size;
	struct level levels[SCAN_DEPTH_MAX];
	size_t depth;
	uint64_t entries;
};

static void tell(struct walk *w, const char *why)
{
	scan_unread(w->scan, w->path, why);
}

static bool is_above(const struct walk *w, uint64_t inode)
{
	for (size_t i = 0; i < w->depth; i++) {
		if (w->levels[i].inode == inode)
			return true;
	}
	return false;
}

static void enter(struct walk *w, uint64_t inode)
{
	struct level *l = &w->levels[w->depth];
	if (w->depth == SCAN_DEPTH_MAX) {
		tell(w, "too many folders in each other");
		return;
	}
	if (is_above(w, inode)) {
		tell(w, "it is a folder that it lies in");
		return;
	}
	int code = squashfs_folder_open(w->image, inode, &l->folder);
	if (code < 0) {
		tell(w, err_text(code));
		return;
	}
	l->path_size = w->path_size;
	l->inode = inode;
	w->depth++;
}

/* Makes the path of that entry. False: it is too long. */
static bool extend(struct walk *w, const char *name)
{
	const struct level *l = &w->levels[w->depth - 1];
	size_t size = strlen(name);
	w->path[l->path_size] = '\0';
	if (l->path_size + 1 + size >= sizeof(w->path)) {
		tell(w, "the path of an entry is too long");
		return false;
	}
	w->path[l->path_size] = '/';
	memcpy(w->path + l->path_size + 1, name, size + 1);
	w->path_size = l->path_size + 1 + size;
	return true;
}

static void visit(struct walk *w, const struct squashfs_entry *e)
{
	struct scan_member member = {w->image, e->inode, w->levels[w->depth - 1].inode};
	if (e->type == SQUASHFS_OTHER || !extend(w, e->name))
		return;
	struct scan_file f = {.path = w->path,
	                      .name = w->path + w->path_size - strlen(e->name),
	                      .home = w->home,
	                      .is_folder = e->type == SQUASHFS_FOLDER,
	                      .folder = -1,
	                      .member = &member};
	scan_visit(w->scan, &f);
	if (f.is_folder)
		enter(w, e->inode);
}

/* The next entry of the innermost folder, or one folder back. */
static void step(struct walk *w)
{
	struct level *l = &w->levels[w->depth - 1];
	struct squashfs_entry e;
	int code = squashfs_folder_next(w->image, &l->folder, &e);
	if (code > 0) {
		w->scan->entries++;
		w->entries++;
		visit(w, &e);
		return;
	}
	w->path[l->path_size] = '\0';
	if (code < 0)
		tell(w, err_text(code));
	w->depth--;
}

/* Why the walk ends before its end; NULL: it goes on. */
static const char *why_not(const struct walk *w)
{
	if (squashfs_is_spent(w->image))
		return "more than is unpacked of an image: this and what follows was not looked at";
	if (w->entries >= IMAGE_ENTRIES_MAX || w->scan->entries >= w->scan->settings.entries_max)
		return "too many files in an image: this and what follows was not looked at";
	return NULL;
}

void scan_walk_image(struct scan *s, const struct scan_file *f, struct squashfs *image)
{
	cleanup(free) struct walk *w = calloc(1, sizeof(*w));
	size_t size = strlen(f->path);
	const char *why = NULL;
	if (!w || size >= sizeof(w->path)) {
		s->error = w ? s->error : -ENOMEM;
		return;
	}
	w->scan = s;
	w->image = image;
	w->home = f->home;
	memcpy(w->path, f->path, size + 1);
	w->path_size = size;
	enter(w, squashfs_root(image));
	while (w->depth && s->error == OK && !why) {
		if (atomic_load_explicit(&s->is_stopped, memory_order_relaxed))
			s->error = ERR_TRUNCATED;
		else if ((why = why_not(w)) != NULL)
			tell(w, why);
		else
			step(w);
	}
}
