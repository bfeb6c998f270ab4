/* Lock files of yarn (both forms), pnpm and bun, which are read by line. */
#include "scan/find_node.h"
#include "scan/meet.h"
#include "scan/npm_spec.h"
#include "scan/text.h"

struct reading {
	struct scan *scan;
	struct scan_file *file;
	struct view entry; /* of yarn: what stands before the version */
	uint64_t entry_line;
	bool is_in_packages; /* of pnpm, of bun */
};

static void put(const struct reading *r, const struct npm_spec *spec)
{
	(void)scan_meet_package(r->scan, r->file, "npm", spec->name, spec->version);
}

static bool ends_in(struct view v, uint8_t end)
{
	return v.size && v.bytes[v.size - 1] == end;
}

/* The specs of an entry, `"NAME@RANGE", NAME@RANGE:`, all with that version. */
static void put_entry(struct reading *r, struct view version)
{
	struct npm_spec spec;
	uint64_t line = r->file->line;
	while (version.size && strchr("\"':", version.bytes[0]))
		version = view_skip(version, 1);
	while (ends_in(version, '"') || ends_in(version, '\''))
		version.size--;
	r->file->line = r->entry_line;
	while (r->entry.size) {
		struct view text = view_split(&r->entry, ',');
		/* yarn 2 writes several in one text */
		if (!npm_spec_parse(text, &spec))
			continue;
		spec.version = version;
		put(r, &spec);
	}
	r->file->line = line;
	r->entry = (struct view){0};
}

/* An entry is a line that is not indented; what it was resolved to follows. */
static void read_yarn(struct reading *r, struct view line)
{
	struct view words = view_trim(line), word;
	if (line.size && !view_is_space(line.bytes[0]) && line.bytes[0] != '#' &&
	    ends_in(words, ':')) {
		put_entry(r, (struct view){0});
		words.size--;
		r->entry = words;
		r->entry_line = r->file->line;
		return;
	}
	word = view_split(&words, ' ');
	if (r->entry.size && (view_is(word, "version") || view_is(word, "version:")))
		put_entry(r, view_trim(words));
}

/* packages:
 *   /NAME/VERSION: */
static void read_pnpm(struct reading *r, struct view line)
{
	struct npm_spec spec;
	struct view key = view_trim(line);
	if (line.size && !view_is_space(line.bytes[0]))
		r->is_in_packages = view_is(key, "packages:");
	else if (r->is_in_packages && line.size > 3 && line.bytes[1] == ' ' &&
	         !view_is_space(line.bytes[2]) && ends_in(key, ':') &&
	         npm_spec_parse_pnpm(view_of(key.bytes, key.size - 1), &spec))
		put(r, &spec);
}

/* "packages": {
 *   "ALIAS": ["NAME@VERSION", ... */
static void read_bun(struct reading *r, struct view line)
{
	static const char begin[] = ": [\"";
	struct npm_spec spec;
	struct view text = view_trim(line);
	if (view_starts_with(text, view_text("\"packages\":")))
		r->is_in_packages = true;
	const uint8_t *list = memmem(text.bytes, text.size, begin, strlen(begin));
	if (!r->is_in_packages || !list)
		return;
	text = view_skip(text, (size_t)(list - text.bytes) + strlen(begin));
	if (npm_spec_parse(view_split(&text, '"'), &spec))
		put(r, &spec);
}

static const struct {
	const char *name;
	void (*read)(struct reading *, struct view line);
} forms[] = {
	{"yarn.lock", read_yarn},
	{"pnpm-lock.yaml", read_pnpm},
	{"bun.lock", read_bun},
};

void find_node_lock_lines(struct scan *s, struct scan_file *f)
{
	struct reading r = {.scan = s, .file = f};
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct view rest = f->bytes, line;
		if (strcmp(f->name, forms[i].name) != 0)
			continue;
		for (f->line = 1; scan_text_line(&rest, &line); f->line++)
			forms[i].read(&r, line);
	}
	put_entry(&r, (struct view){0});
}
