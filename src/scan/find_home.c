/* The accounts of the machine: whose home is where. */
#include "scan/find.h"
#include "scan/link.h"
#include "scan/scan_private.h"

/* A home may lie elsewhere than passwd(5) has it, behind a link. */
static void add_places(struct scan *s)
{
	char real[PATH_MAX];
	const char *why;
	size_t count = s->homes.count;
	for (size_t i = 0; i < count; i++) {
		const char *path = s->homes.rows[i].path;
		if (scan_link_resolve(&s->root, path, real, &why) == OK && strcmp(real, path) != 0)
			scan_homes_add_place(&s->homes, i, view_text(real));
	}
}

void find_home(struct scan *s, struct scan_file *f)
{
	scan_homes_read(&s->homes, f->bytes);
	add_places(s);
}
