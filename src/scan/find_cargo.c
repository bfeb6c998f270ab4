/* Cargo.lock and Cargo.toml, what cargo installed (.crates.toml), and crates in its registry. */
#include "scan/find.h"
#include "scan/meet.h"
#include "scan/text.h"

static struct view quoted(struct view line)
{
	(void)view_split(&line, '"');
	return line.bytes ? view_split(&line, '"') : line;
}

/* [[package]] with name = "x" in a lock file; in Cargo.toml the keys of tables of dependencies. */
static void read_toml(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	bool is_package = false, is_table = false;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		line = view_trim(line);
		struct view value = line, key = view_trim(view_split(&value, '='));
		if (view_starts_with(line, view_text("["))) {
			is_package = memmem(line.bytes, line.size, "package]", 8) != NULL;
			is_table = memmem(line.bytes, line.size, "dependencies]", 13) != NULL;
		} else if (is_package && value.bytes && view_is(key, "name")) {
			(void)scan_meet_package(s, f, "cargo", quoted(value), (struct view){0});
		} else if (is_table && value.bytes) {
			(void)scan_meet_package(s, f, "cargo", key, (struct view){0});
		}
	}
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

void find_cargo(struct scan *s, struct scan_file *f)
{
	if (f->is_folder) /* registry/src/INDEX/NAME-1.2.3/ */
		(void)scan_meet_package(s, f, "cargo", view_text(f->name), (struct view){0});
	else if (strcmp(f->name, ".crates.toml") == 0)
		read_installed(s, f);
	else
		read_toml(s, f);
}
