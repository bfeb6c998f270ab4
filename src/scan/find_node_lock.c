/* Lock files of npm, yarn (both forms), pnpm and bun. */
#include "scan/find.h"
#include "scan/json.h"
#include "scan/meet.h"
#include "scan/text.h"

enum { DEPTH_MAX = 64 };

struct lock {
	struct scan *scan;
	struct scan_file *file;
};

/* What follows the last `node_modules/`. */
static struct view installed_name(const char *path)
{
	static const char folder[] = "node_modules/";
	const char *name = path, *next;
	while ((next = strstr(name, folder)))
		name = next + sizeof(folder) - 1;
	return view_text(name);
}

/* Versions 2 and 3: "packages": {"node_modules/NAME": {"version": ...}}. */
static void read_packages(const struct lock *l, const json_t *packages)
{
	const char *path;
	json_t *package;
	json_object_foreach((json_t *)(uintptr_t)packages, path, package)(void) scan_meet_package(
		l->scan, l->file, "npm", installed_name(path), scan_json_text(package, "version"));
}

/* Version 1: "dependencies": {NAME: {"version": ..., "dependencies": {...}}}. */
static void read_tree(const struct lock *l, const json_t *tree, int depth)
{
	const char *name;
	json_t *package;
	if (depth == DEPTH_MAX) {
		scan_not_understood(l->scan, l->file, "packages too deep in each other");
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)tree, name, package)
	{
		(void)scan_meet_package(l->scan, l->file, "npm", view_text(name),
		                        scan_json_text(package, "version"));
		read_tree(l, json_object_get(package, "dependencies"), depth + 1);
	}
}

static void read_json(const struct lock *l)
{
	cleanup(scan_json) json_t *root = scan_json_read(l->scan, l->file, false);
	if (!json_is_object(root))
		return;
	read_packages(l, json_object_get(root, "packages"));
	read_tree(l, json_object_get(root, "dependencies"), 0);
}

/* `NAME@RANGE`, where a name may begin with @ itself. */
static void take_spec(const struct lock *l, struct view spec)
{
	spec = view_trim(spec);
	while (spec.size && strchr("\"'/([", spec.bytes[0]))
		spec = view_skip(spec, 1);
	const uint8_t *at = spec.size > 1 ? memchr(spec.bytes + 1, '@', spec.size - 1) : NULL;
	if (!at)
		return;
	struct view name = view_of(spec.bytes, (size_t)(at - spec.bytes));
	struct view version = view_skip(spec, name.size + 1);
	size_t size = 0;
	while (size < version.size && !strchr("\"'():,/]", version.bytes[size]))
		size++;
	(void)scan_meet_package(l->scan, l->file, "npm", name, view_of(version.bytes, size));
}

/* yarn: `"NAME@RANGE", NAME@RANGE:` at the begin of a line; pnpm: `  /NAME@VERSION:`; bun: `"NAME": ["NAME@VERSION"`. */
static void read_lines(const struct lock *l)
{
	struct view rest = l->file->bytes, line;
	for (l->file->line = 1; scan_text_line(&rest, &line); l->file->line++) {
		line = view_trim(line);
		bool is_entry = line.size && (line.bytes[line.size - 1] == ':' ||
		                              memmem(line.bytes, line.size, ": [", 3) ||
		                              memmem(line.bytes, line.size, "@", 1));
		if (!is_entry || line.bytes[0] == '#')
			continue;
		const uint8_t *list = memmem(line.bytes, line.size, ": [", 3);
		if (list)
			line = view_skip(line, (size_t)(list - line.bytes) + 3);
		while (line.bytes)
			take_spec(l, view_split(&line, ','));
	}
}

void find_node_lock(struct scan *s, struct scan_file *f)
{
	struct lock l = {s, f};
	if (strstr(f->name, ".json"))
		read_json(&l);
	else
		read_lines(&l);
}
