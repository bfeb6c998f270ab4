/* go.mod and go.sum: the modules that a project asks for, and what it is itself; vendor/modules.txt: what lies there. */
#include "scan/find.h"
#include "scan/meet.h"
#include "scan/text.h"

static void put(struct scan *s, const struct scan_file *f, struct view module, struct view version)
{
	if (memchr(module.bytes, '.', module.size) && memchr(module.bytes, '/', module.size))
		(void)scan_meet_package(s, f, "go", module, version);
}

/* MODULE VERSION; a replacement may be a folder, which is no module. */
static void read_module(struct scan *s, const struct scan_file *f, struct view words)
{
	words = view_trim(words);
	struct view module = view_split(&words, ' '), version = view_split(&words, ' ');
	if (module.size && module.bytes[0] != '.' && module.bytes[0] != '/')
		put(s, f, module, version);
}

static struct view skip_word(struct view line, const char *word)
{
	struct view rest = line;
	return view_is(view_split(&rest, ' '), word) ? rest : line;
}

/* `module MODULE`, `require MODULE v1`, `MODULE v1` within a block, `replace MODULE => OTHER v1`, `MODULE v1/go.mod h1:...` of
 * go.sum, `# MODULE v1` of modules.txt. */
static void read_line(struct scan *s, const struct scan_file *f, struct view line)
{
	static const char *const words[] = {"#", "module", "require", "replace"};
	static const char arrow[] = " => ";
	struct view rest = line;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words) && view_equal(rest, line); i++)
		rest = skip_word(line, words[i]);
	struct view all = view_trim(rest);
	bool has_version = all.size && memchr(all.bytes, ' ', all.size);
	const uint8_t *at = rest.size ? memmem(rest.bytes, rest.size, arrow, strlen(arrow)) : NULL;
	/* one word alone is a package of a module, but behind `module` */
	if (has_version || rest.size != line.size)
		read_module(s, f, at ? view_of(rest.bytes, (size_t)(at - rest.bytes)) : rest);
	if (at)
		read_module(s, f, view_skip(rest, (size_t)(at - rest.bytes) + strlen(arrow)));
}

void find_go(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		line = view_trim(line);
		if (line.size)
			read_line(s, f, line);
	}
}
