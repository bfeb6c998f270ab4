/* Packages of systems, also below ROOT: the layers of containers and other roots that lie in the tree. */
#include <string.h>

#include "scan/find.h"
#include "scan/meet.h"
#include "scan/text.h"

/* The value of `key` in a line `key value`; false when it is another line. */
static bool has_key(struct view line, const char *key, struct view *ret)
{
	if (!view_starts_with(line, view_text(key)))
		return false;
	*ret = view_trim(view_skip(line, strlen(key)));
	return true;
}

struct package {
	struct view name, version, status;
};

/* Whether its files may be there: "deinstall ok config-files" is what a removed package leaves, and one that was only
 * unpacked or could not be configured is there. */
static bool is_there(struct view status)
{
	static const char *const gone[] = {"config-files", "not-installed"};
	for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++) {
		if (status.size && memmem(status.bytes, status.size, gone[i], strlen(gone[i])))
			return false;
	}
	return true;
}

static void put_deb(struct scan *s, const struct scan_file *f, struct package *p)
{
	if (p->name.size && is_there(p->status))
		(void)scan_meet_package(s, f, "deb", p->name, p->version);
	*p = (struct package){0};
}

/* dpkg(1): paragraphs of `Field: value`, an empty line between. */
void find_dpkg(struct scan *s, struct scan_file *f)
{
	struct package p = {0};
	struct view rest = f->bytes, line;
	uint64_t number = 0;
	while (scan_text_line(&rest, &line)) {
		number++;
		if (line.size == 0)
			put_deb(s, f, &p);
		else if (has_key(line, "Package:", &p.name))
			f->line = number;
		else if (!has_key(line, "Version:", &p.version))
			(void)has_key(line, "Status:", &p.status);
	}
	put_deb(s, f, &p);
}

/* Alpine's database: `P:name`, `V:version`, an empty line between. */
void find_apk(struct scan *s, struct scan_file *f)
{
	struct package p = {0};
	struct view rest = f->bytes, line;
	uint64_t number = 0;
	bool is_more = true;
	while (is_more) {
		is_more = scan_text_line(&rest, &line);
		number++;
		if (!is_more || line.size == 0) {
			if (p.name.size)
				(void)scan_meet_package(s, f, "apk", p.name, p.version);
			p = (struct package){0};
		} else if (has_key(line, "P:", &p.name)) {
			f->line = number;
		} else {
			(void)has_key(line, "V:", &p.version);
		}
	}
}

/* Arch's `desc`: `%NAME%`, then the name in the next line. */
void find_pacman(struct scan *s, struct scan_file *f)
{
	struct package p = {0};
	struct view rest = f->bytes, line, before = {0};
	while (scan_text_line(&rest, &line)) {
		if (view_is(before, "%NAME%"))
			p.name = line;
		else if (view_is(before, "%VERSION%"))
			p.version = line;
		before = line;
	}
	if (p.name.size)
		(void)scan_meet_package(s, f, "pacman", p.name, p.version);
	else
		scan_not_understood(s, f, "no name of a package");
}

/* .../flatpak/app/ID/ */
void find_flatpak(struct scan *s, struct scan_file *f)
{
	(void)(scan_meet_app(s, f, "flatpak", view_text(f->name), (struct view){0}) ||
	       scan_meet_package(s, f, "flatpak", view_text(f->name), (struct view){0}));
}

/* .../snaps/NAME_REVISION.snap; and /snap/NAME/, where they are mounted */
void find_snap(struct scan *s, struct scan_file *f)
{
	struct view rest = view_text(f->name), name = view_split(&rest, '_');
	struct view revision = view_split(&rest, '.');
	(void)(scan_meet_package(s, f, "snap", name, revision) ||
	       scan_meet_app(s, f, "snap", name, revision));
}
