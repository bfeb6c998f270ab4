/* go.mod and go.sum: the modules that a project asks for. */
#include "scan/find.h"
#include "scan/meet.h"
#include "scan/text.h"

static void put(struct scan *s, const struct scan_file *f, struct view module, struct view rest)
{
	if (memchr(module.bytes, '.', module.size) && memchr(module.bytes, '/', module.size))
		(void)scan_meet_package(s, f, "go", module, view_split(&rest, ' '));
}

/* `require MODULE v1`, `MODULE v1` within a block, `MODULE v1/go.mod h1:...` of go.sum. */
void find_go(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		line = view_trim(line);
		struct view first = view_split(&line, ' ');
		if (view_is(first, "require") || view_is(first, "module") ||
		    view_is(first, "replace"))
			first = view_split(&line, ' ');
		if (first.size && line.bytes)
			put(s, f, first, line);
	}
}
