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
	while (size < version.size && !strchr(" ,;#\\\"'", version.bytes[size]))
		size++;
	return view_of(version.bytes, size);
}

/* `- NAME==1` of conda, in quotes or not, also with its channel: `- CHANNEL::NAME=1`. */
static struct view without_channel(struct view item)
{
	static const char between[] = "::";
	struct view line = scan_text_unquote(item);
	const uint8_t *at =
		line.size ? memmem(line.bytes, line.size, between, strlen(between)) : NULL;
	return at ? view_skip(line, (size_t)(at - line.bytes) + strlen(between)) : line;
}

/* requirements.txt: `NAME[extras] ==1 ; marker`, options begin with a dash; and what conda asks for. */
static void read_requirement(struct scan *s, struct scan_file *f, struct view line)
{
	line = view_trim(line);
	if (view_starts_with(line, view_text("- ")))
		line = without_channel(view_skip(line, 2));
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
	bool is_package, is_table; /* [[package]] or the project; a table of dependencies */
	unsigned list;             /* in a list of dependencies: how many brackets are open; or 0 */
	struct view name, version; /* of the package */
	uint64_t name_line;
};

/* The next text between quotes of either kind, and what stands before it. False: at the end of the line or a comment. */
static bool next_text(struct view *line, struct view *ret_before, struct view *ret_text)
{
	struct view all = *line;
	size_t begin = scan_text_until(all, "\"'#");
	*ret_before = view_of(all.bytes, begin);
	*line = (struct view){0};
	if (begin == all.size || all.bytes[begin] == '#')
		return false;
	uint8_t quote = all.bytes[begin++];
	size_t end = begin;
	while (end < all.size && all.bytes[end] != quote)
		end += quote == '"' && all.bytes[end] == '\\' && end + 1 < all.size ? 2 : 1;
	*ret_text = view_of(all.bytes + begin, end - begin);
	*line = view_skip(all, end < all.size ? end + 1 : end);
	return true;
}

static struct view text_of(struct view value)
{
	struct view before, text;
	return next_text(&value, &before, &text) ? text : (struct view){0};
}

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

/* What follows that in a header. */
static struct view behind(struct view line, const char *what)
{
	const uint8_t *at = memmem(line.bytes, line.size, what, strlen(what));
	struct view rest =
		at ? view_skip(line, (size_t)(at - line.bytes) + strlen(what)) : (struct view){0};
	return scan_text_unquote(view_split(&rest, ']'));
}

/* `[packages]` is a table of Pipfile, with what is below it about one that is asked for; [[packages]] is PEP 751's, and what
 * is below it about that one. So is what poetry has below `dependencies`. */
static void read_header(struct scan *s, struct scan_file *f, struct toml *t, struct view line)
{
	static const char *const packages[] = {"[[package]]", "[[packages]]", "[project]",
	                                       "[tool.poetry]", NULL};
	static const char *const tables[] = {"dependencies]", "[packages]", "[dev-packages]",
	                                     "[dependency-groups]", NULL};
	bool is_pipfile = strcmp(f->name, "Pipfile") == 0;
	bool is_locked = view_starts_with(line, view_text("[[package")) ||
	                 view_starts_with(line, view_text("[package.")) ||
	                 (!is_pipfile && view_starts_with(line, view_text("[packages.")));
	*t = (struct toml){.is_locked = is_locked,
	                   .is_package = is_any(line, packages),
	                   .is_table = !is_locked && is_any(line, tables)};
	struct view one = is_locked ? (struct view){0}
	                            : behind(line, is_pipfile ? "packages." : "dependencies.");
	if (one.size)
		find_python_put(s, f, one, (struct view){0});
}

static void count_brackets(struct toml *t, struct view between)
{
	for (size_t i = 0; t->list && i < between.size; i++) {
		t->list += between.bytes[i] == '[';
		t->list -= between.bytes[i] == ']';
	}
}

/* Each text of `"a>=1", 'b']`, but not the name in `{include-group = "a"}` (PEP 735). */
static void read_list(struct scan *s, struct scan_file *f, struct toml *t, struct view line)
{
	static const char group[] = "include-group";
	struct view before, text;
	bool is_text = true;
	while (is_text && t->list) {
		is_text = next_text(&line, &before, &text);
		count_brackets(t, before);
		if (is_text && t->list && text.size &&
		    !memmem(before.bytes, before.size, group, strlen(group)))
			find_python_put(s, f, text, pinned(text));
	}
}

/* A dot in a bare key parts it: NAME.version = "1". */
static struct view first_of(struct view key)
{
	bool is_bare = key.size && key.bytes[0] != '"' && key.bytes[0] != '\'';
	return is_bare ? view_split(&key, '.') : scan_text_unquote(key);
}

/* A name, as `key = value` has it: in [[package]] the value of `name`, in a table of dependencies the key, elsewhere
 * the texts of a list that is called so. */
static void read_toml_line(struct scan *s, struct scan_file *f, struct toml *t, struct view line)
{
	static const char *const lists[] = {"dependencies", "requires", "dev", NULL};
	struct view value = line, key = view_trim(view_split(&value, '='));
	if (t->list) {
		read_list(s, f, t, line);
	} else if (value.bytes && view_starts_with(view_trim(value), view_text("["))) {
		t->list = !t->is_locked && (is_any(key, lists) || t->is_table);
		read_list(s, f, t, view_skip(view_trim(value), 1));
	} else if (value.bytes && t->is_package && view_is(key, "name")) {
		t->name = text_of(value);
		t->name_line = f->line;
	} else if (value.bytes && t->is_package && view_is(key, "version")) {
		t->version = text_of(value);
	} else if (value.bytes && t->is_table) {
		find_python_put(s, f, first_of(key), (struct view){0});
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
		else if (bare.bytes[0] == '[' && !t.list) {
			put_named(s, f, &t);
			read_header(s, f, &t, bare);
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
