#include "source/zones.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/file.h"

enum { ZONE_FILE_SIZE_MAX = 1 << 20 };

static int load(const char *name, struct view *ret)
{
	char *path = NULL;
	struct buffer bytes = {0};
	if (asprintf(&path, ZONES_DIRECTORY "/%s", name) < 0)
		return -ENOMEM;
	int r = file_read(path, ZONE_FILE_SIZE_MAX, &bytes);
	free(path);
	if (r < 0)
		buffer_done(&bytes);
	else
		*ret = view_of(bytes.bytes, bytes.size);
	return r;
}

int zones_load(const struct organisation *o, struct zones *ret, struct problems *p)
{
	ret->count = 0;
	ret->files = calloc(o->zone_count + 1, sizeof(*ret->files));
	if (!ret->files)
		return -ENOMEM;
	for (; ret->count < o->zone_count; ret->count++) {
		const struct organisation_zone *z = &o->zones[ret->count];
		int r = load(z->name, &ret->files[ret->count]);
		if (r < 0)
			problem_add(
				p, z->place.file, z->place.line, z->place.column,
				"time_zone \"%s\": %s, expected the name of a file of " ZONES_DIRECTORY
				", which comes with the system's package tzdata",
				z->name, err_text(r));
	}
	return OK;
}

void zones_done(struct zones *z)
{
	for (size_t i = 0; i < z->count; i++)
		free((void *)(uintptr_t)z->files[i].bytes);
	free(z->files);
	*z = (struct zones){0};
}
