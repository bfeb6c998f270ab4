#include "scan/find_image.h"

#include <assert.h>
#include <stdio.h>

#include "scan/appimage.h"
#include "scan/scan_private.h"
#include "scan/squashfs.h"
#include "scan/walk_image.h"

static const char magic[] = "hsqs";

static bool has_ending(const char *name, const char *ending)
{
	size_t size = strlen(name), own = strlen(ending);
	return size > own && strcasecmp(name + size - own, ending) == 0;
}

/* Whether the files of a snap lie in the tree, too: mounted, as on a machine that runs. */
static bool is_mounted(const struct scan *s, const struct scan_file *f)
{
	char path[SCAN_TEXT_MAX];
	struct stat st;
	struct view rest = view_text(f->name), name = view_split(&rest, '_');
	struct view revision = view_split(&rest, '.');
	if (!has_ending(f->name, ".snap"))
		return false;
	(void)snprintf(path, sizeof(path), "/snap/" VIEW_FMT "/" VIEW_FMT "/meta/snap.yaml",
	               VIEW_ARG(name), VIEW_ARG(revision));
	cleanup(fd) int fd = scan_root_open_path(&s->root, path, &st);
	return fd >= 0;
}

static void walk(struct scan *s, const struct scan_file *f, const struct byte_source *b,
                 uint64_t at)
{
	cleanup(squashfs) struct squashfs *image = NULL;
	int code = squashfs_open(b, at, &image);
	if (code == OK)
		scan_walk_image(s, f, image);
	else if (code == ERR_DENIED)
		scan_unread(s, f->path, "there is no library to open this image of files");
	else
		scan_unread(s, f->path, err_text(code));
}

/* What stands behind the program is squashfs, or something else. */
static void look_behind(struct scan *s, const struct scan_file *f, const struct byte_source *b)
{
	char first[sizeof(magic) - 1];
	uint64_t at;
	int code = appimage_find(b, &at);
	if (code == OK)
		code = byte_source_read(b, at, first, sizeof(first));
	if (code == OK && memcmp(first, magic, sizeof(first)) == 0)
		walk(s, f, b, at);
	else
		scan_unread(s, f->path, "an AppImage whose image of files is none of squashfs");
}

/* Where an image of files may be; APPIMAGE_NONE: the file itself is squashfs. */
static bool is_image(const struct scan_file *f, struct view first, enum appimage_type *ret)
{
	*ret = appimage_type_of(first);
	if (*ret == APPIMAGE_PROGRAM)
		return has_ending(f->name, ".AppImage");
	return *ret != APPIMAGE_NONE || view_starts_with(first, view_text(magic));
}

static void look_at(struct scan *s, const struct scan_file *f, const struct byte_source *b,
                    enum appimage_type type)
{
	s->coverage[s->current].looked_at++;
	s->coverage[s->current].bytes += b->size;
	if (f->member)
		scan_unread(s, f->path, "an image within an image, which is not opened");
	else if (type == APPIMAGE_ISO)
		scan_unread(s, f->path, "an AppImage of type 1 (ISO 9660), which is not opened");
	else if (type != APPIMAGE_NONE)
		look_behind(s, f, b);
	else if (!is_mounted(s, f))
		walk(s, f, b, 0);
}

/* The row of finders[] whose coverage it is. */
static unsigned own_number(void)
{
	unsigned i = 0;
	while (finders[i].name && strcmp(finders[i].name, "images") != 0)
		i++;
	assert(finders[i].name);
	return i;
}

void find_image(struct scan *s, const struct scan_file *f, const struct byte_source *b,
                struct view first)
{
	enum appimage_type type;
	unsigned before = s->current;
	if (!is_image(f, first, &type))
		return;
	s->current = own_number();
	look_at(s, f, b, type);
	s->current = before;
}
