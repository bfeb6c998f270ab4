/* Lock files of npm and deno, which are JSON, and of bun in its binary form. */
#include "scan/bun_lockb.h"
#include "scan/find.h"
#include "scan/find_node.h"
#include "scan/json.h"
#include "scan/meet.h"
#include "scan/npm_spec.h"

enum { DEPTH_MAX = 64 };

struct lock {
	struct scan *scan;
	struct scan_file *file;
};

static void put(const struct lock *l, struct view name, struct view version)
{
	(void)scan_meet_package(l->scan, l->file, "npm", name, version);
}

/* What follows the last `node_modules/`. */
static struct view installed_name(const char *path)
{
	static const char folder[] = "node_modules/";
	const char *name = path, *next;
	while ((next = strstr(name, folder)))
		name = next + sizeof(folder) - 1;
	return view_text(name);
}

/* Versions 2 and 3: "packages": {"node_modules/NAME": {"version": ...}}; under another name they have their own, too. */
static void read_packages(const struct lock *l, const json_t *packages)
{
	const char *path;
	json_t *package;
	json_object_foreach((json_t *)(uintptr_t)packages, path, package)
	{
		struct view own = *path ? scan_json_text(package, "name") : (struct view){0};
		put(l, own.size ? own : installed_name(path), scan_json_text(package, "version"));
	}
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
		struct npm_spec spec = {view_text(name), scan_json_text(package, "version")};
		(void)npm_spec_parse_alias(spec.version, &spec);
		put(l, spec.name, spec.version);
		read_tree(l, json_object_get(package, "dependencies"), depth + 1);
	}
}

static void read_npm(const struct lock *l)
{
	cleanup(scan_json) json_t *root = scan_json_read(l->scan, l->file, false);
	if (!json_is_object(root))
		return;
	read_packages(l, json_object_get(root, "packages"));
	read_tree(l, json_object_get(root, "dependencies"), 0);
}

/* {"NAME@VERSION_PEERS": {...}} */
static void read_keys(const struct lock *l, const json_t *packages)
{
	const char *key;
	json_t *package;
	struct npm_spec spec;
	json_object_foreach((json_t *)(uintptr_t)packages, key, package)
	{
		if (json_is_object(package) && npm_spec_parse_pnpm(view_text(key), &spec))
			put(l, spec.name, spec.version);
	}
}

/* "npm": {...} since version 4, "packages": {"npm": {...}} in 3, "npm": {"packages": {...}} in 2. */
static void read_deno(const struct lock *l)
{
	cleanup(scan_json) json_t *root = scan_json_read(l->scan, l->file, false);
	const json_t *npm = json_object_get(root, "npm");
	read_keys(l, npm);
	read_keys(l, json_object_get(npm, "packages"));
	read_keys(l, json_object_get(json_object_get(root, "packages"), "npm"));
}

static void read_bun(const struct lock *l)
{
	struct bun_lockb b;
	struct view name;
	l->file->has_no_lines = true;
	if (bun_lockb_open(l->file->bytes, &b) < 0) {
		scan_not_understood(l->scan, l->file, "no lock file of bun");
		return;
	}
	while (bun_lockb_next(&b, &name))
		put(l, name, (struct view){0});
}

void find_node_lock(struct scan *s, struct scan_file *f)
{
	struct lock l = {s, f};
	if (strcmp(f->name, "deno.lock") == 0)
		read_deno(&l);
	else if (strcmp(f->name, "bun.lockb") == 0)
		read_bun(&l);
	else if (strstr(f->name, ".json"))
		read_npm(&l);
	else
		find_node_lock_lines(s, f);
}
