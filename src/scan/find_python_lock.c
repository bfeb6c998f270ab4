/* What Python projects ask for and lock: requirements, TOML of poetry, uv, pdm and pip, Pipfile, its JSON, conda. */
#include "scan/find.h"
#include "scan/find_python.h"
#include "scan/json.h"
#include "scan/text.h"

/* Pipfile.lock: {"default": {NAME: {"version": "==1"}}, "develop": {...}}. */
static void read_json(struct scan *s, struct scan_file *f)
{
	const char *section, *name;
	json_t *packages, *package;
	cleanup(scan_json) json_t *root = scan_json_read(s, f, false);
	json_object_foreach(root, section, packages)
	{
		if (strcmp(section, "_meta") == 0 || !json_is_object(packages))
			continue;
		json_object_foreach(packages, name, package)
			find_python_put(s, f, view_text(name), scan_json_text(package, "version"));
	}
}

/* What follows `==` or `===`, before a marker and a comment. */
static struct view pinned(struct view line)
{
	line = view_split(&line, ';');
	line = view_split(&line, '#');
	const uint8_t *at = line.size ? memmem(line.bytes, line.size, "==", 2) : NULL;
	if (!at)
		return (struct view){0};
	struct view version = view_skip(line, (size_t)(at - line.bytes) + 2);
	if (view_starts_with(version, view_text("=")))
		version = view_skip(version, 1);
	version = view_trim(version);
	size_t size = 0;
	while (size < version.size && !strchr(" ,;#\\", version.bytes[size]))
		size++;
	return view_of(version.bytes, size);
}

/* requirements.txt: `NAME[extras] ==1 ; marker`, options begin with a dash; also `- NAME==1` of conda. */
static void read_requirement(struct scan *s, struct scan_file *f, struct view line)
{
	line = view_trim(line);
	if (view_starts_with(line, view_text("- ")))
		line = view_trim(view_skip(line, 2));
	if (line.size && !strchr("#-./", line.bytes[0]))
		find_python_put(s, f, line, pinned(line));
}

static bool is_any(struct view v, const char *const *names)
{
	for (; *names; names++) {
		if (memmem(v.bytes, v.size, *names, strlen(*names)))
			return true;
	}
	return false;
}

struct toml {
	bool is_locked; /* in [[package]]: what it asks for is a package of the file, too */
	bool is_package, is_table,
		is_list; /* [[package]] or the project, a table of dependencies, a list of them */
	struct view name, version; /* of the package */
	uint64_t name_line;
};

/* At the end of a table. */
static void put_named(struct scan *s, struct scan_file *f, struct toml *t)
{
	uint64_t line = f->line;
	f->line = t->name_line;
	if (t->name.size)
		find_python_put(s, f, t->name, t->version);
	f->line = line;
	t->name = t->version = (struct view){0};
}

static void read_header(struct toml *t, struct view line)
{
	static const char *const packages[] = {"[[package]]", "[[packages]]", "[project]",
	                                       "[tool.poetry]", NULL};
	static const char *const tables[] = {"dependencies", "[packages]", "[dev-packages]",
	                                     "[dependency-groups]", NULL};
	bool is_locked = view_starts_with(line, view_text("[[package")) ||
	                 view_starts_with(line, view_text("[package."));
	*t = (struct toml){.is_locked = is_locked,
	                   .is_package = is_any(line, packages),
	                   .is_table = !is_locked && is_any(line, tables)};
}

/* Each text of `"a>=1", 'b'] # comment`, but not the name in `{include-group = "a"}` (PEP 735). */
static void read_list(struct scan *s, struct scan_file *f, struct toml *t, struct view line)
{
	static const char group[] = "include-group";
	for (;;) {
		struct view before = view_of(line.bytes, scan_text_until(line, "\"'#]"));
		struct view rest = view_skip(line, before.size);
		if (rest.size == 0 || rest.bytes[0] == '#')
			return;
		if (rest.bytes[0] == ']') {
			t->is_list = false;
			return;
		}
		line = view_skip(rest, 1);
		struct view text = view_split(&line, rest.bytes[0]);
		if (text.size &&
		    !(before.size && memmem(before.bytes, before.size, group, strlen(group))))
			find_python_put(s, f, text, (struct view){0});
	}
}

/* A name, as `key = value` has it: in [[package]] the value of `name`, in a table of dependencies the key, elsewhere
 * the texts of a list that is called so. */
static void read_toml_line(struct scan *s, struct scan_file *f, struct toml *t, struct view line)
{
	static const char *const lists[] = {"dependencies", "requires", "dev", NULL};
	struct view value = line, key = view_trim(view_split(&value, '='));
	if (t->is_list) {
		read_list(s, f, t, line);
	} else if (value.bytes && view_starts_with(view_trim(value), view_text("["))) {
		t->is_list = !t->is_locked && (is_any(key, lists) || t->is_table);
		if (t->is_list)
			read_list(s, f, t, view_skip(view_trim(value), 1));
	} else if (value.bytes && t->is_package && view_is(key, "name")) {
		t->name = scan_text_unquote(value);
		t->name_line = f->line;
	} else if (value.bytes && t->is_package && view_is(key, "version")) {
		t->version = scan_text_unquote(value);
	} else if (value.bytes && t->is_table) {
		find_python_put(s, f, scan_text_unquote(key), (struct view){0});
	}
}

static void read_lines(struct scan *s, struct scan_file *f, bool is_toml)
{
	struct view rest = f->bytes, line;
	struct toml t = {0};
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		struct view bare = view_trim(line);
		if (bare.size == 0 || bare.bytes[0] == '#')
			continue;
		if (!is_toml)
			read_requirement(s, f, bare);
		else if (bare.bytes[0] == '[' && !t.is_list) {
			put_named(s, f, &t);
			read_header(&t, bare);
		} else {
			read_toml_line(s, f, &t, bare);
		}
	}
	put_named(s, f, &t);
}

void find_python_lock(struct scan *s, struct scan_file *f)
{
	if (strcmp(f->name, "Pipfile.lock") == 0)
		read_json(s, f);
	else
		read_lines(s, f,
		           !scan_text_ends_with(f->name, ".txt") &&
		                   !scan_text_ends_with(f->name, ".in") &&
		                   !scan_text_ends_with(f->name, ".yml") &&
		                   !scan_text_ends_with(f->name, ".yaml"));
}
