/* Cargo.lock and Cargo.toml, what cargo installed (.crates.toml), and crates in its registry. */
#include "scan/find.h"
#include "scan/meet.h"
#include "scan/text.h"

struct reading {
	struct scan *scan;
	struct scan_file *file;
	bool is_package, is_table,
		is_dependency;     /* [package], [dependencies], [dependencies.NAME] */
	struct view name, version; /* of what the table is about */
	uint64_t name_line;
};

/* The first text of the line, in quotes of either kind. */
static struct view quoted(struct view line)
{
	struct view rest = view_skip(line, scan_text_until(line, "\"'"));
	line = view_skip(rest, 1);
	return rest.size ? view_split(&line, rest.bytes[0]) : rest;
}

static void set_name(struct reading *r, struct view name)
{
	r->name = name;
	r->name_line = r->file->line;
}

/* At the end of a table. */
static void put_named(struct reading *r)
{
	uint64_t line = r->file->line;
	r->file->line = r->name_line;
	if (r->name.size)
		(void)scan_meet_package(r->scan, r->file, "cargo", r->name, r->version);
	r->file->line = line;
	r->name = r->version = (struct view){0};
}

/* `[package]`, `[[package]]`, `[dependencies]`, `[target.'cfg(unix)'.dev-dependencies.NAME]` */
static void read_header(struct reading *r, struct view line)
{
	static const char dependencies[] = "dependencies.";
	put_named(r);
	r->is_package = memmem(line.bytes, line.size, "package]", 8) != NULL;
	r->is_table = memmem(line.bytes, line.size, "dependencies]", 13) != NULL;
	const uint8_t *at = memmem(line.bytes, line.size, dependencies, strlen(dependencies));
	r->is_dependency = at != NULL;
	if (at) {
		struct view rest =
			view_skip(line, (size_t)(at - line.bytes) + strlen(dependencies));
		set_name(r, scan_text_unquote(view_split(&rest, ']')));
	}
}

/* NAME = "1.0", NAME.workspace = true, OTHER = { package = "NAME", ... } */
static void read_dependency(struct reading *r, struct view key, struct view value)
{
	static const char package[] = "package";
	struct view name = scan_text_unquote(view_split(&key, '.'));
	const uint8_t *at = memmem(value.bytes, value.size, package, strlen(package));
	struct view rest = at ? view_skip(value, (size_t)(at - value.bytes) + strlen(package))
	                      : (struct view){0};
	rest = view_trim(rest);
	if (view_starts_with(view_trim(value), view_text("{")) && rest.size && rest.bytes[0] == '=')
		name = quoted(rest);
	(void)scan_meet_package(r->scan, r->file, "cargo", name, (struct view){0});
}

static void read_line(struct reading *r, struct view line)
{
	struct view value = line, key = view_trim(view_split(&value, '='));
	if (view_starts_with(line, view_text("[")))
		read_header(r, line);
	else if (!value.bytes)
		return;
	else if ((r->is_package && view_is(key, "name")) ||
	         (r->is_dependency && view_is(key, "package")))
		set_name(r, quoted(value));
	else if (r->is_package && view_is(key, "version"))
		r->version = quoted(value);
	else if (r->is_table && !view_starts_with(line, view_text("#")))
		read_dependency(r, key, value);
}

static void read_toml(struct scan *s, struct scan_file *f)
{
	struct reading r = {.scan = s, .file = f};
	struct view rest = f->bytes, line;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++)
		read_line(&r, view_trim(line));
	put_named(&r);
}

/* [v1] with lines `"NAME 1.2.3 (registry+https://...)" = ["program"]`. */
static void read_installed(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		struct view words = quoted(line), name = view_split(&words, ' ');
		if (name.size)
			(void)scan_meet_package(s, f, "cargo", name, view_split(&words, ' '));
	}
}

/* NAME-1.2.3: a version begins with digits and a dot. */
static void read_folder(struct scan *s, struct scan_file *f)
{
	struct view name = view_text(f->name), version = {0};
	for (size_t i = 1; i < name.size; i++) {
		size_t end = i;
		while (end < name.size && view_is_digit(name.bytes[end]))
			end++;
		if (name.bytes[i - 1] == '-' && end > i && end < name.size &&
		    name.bytes[end] == '.') {
			version = view_skip(name, i);
			name.size = i - 1;
		}
	}
	(void)scan_meet_package(s, f, "cargo", name, version);
}

void find_cargo(struct scan *s, struct scan_file *f)
{
	if (f->is_folder) /* registry/src/INDEX/NAME-1.2.3/ */
		read_folder(s, f);
	else if (strcmp(f->name, ".crates.toml") == 0)
		read_installed(s, f);
	else
		read_toml(s, f);
}
