/* Programs of Go: the modules that each was built of, in a section of its ELF file. */
#include "scan/content.h"
#include "scan/elf_section.h"
#include "scan/find.h"
#include "scan/go_buildinfo.h"
#include "scan/meet.h"
#include "scan/scan_private.h"

static void read_modules(struct scan *s, struct scan_file *f, struct view bytes)
{
	struct view text, path, version;
	int code = go_buildinfo_modules(bytes, &text);
	if (code == ERR_MALFORMED)
		scan_not_understood(s, f, "a program of Go whose list of modules is damaged");
	while (code == OK && go_buildinfo_next(&text, &path, &version))
		(void)scan_meet_package(s, f, "go", path, version);
}

static void read_program(struct scan *s, struct scan_file *f, const struct byte_source *b)
{
	struct elf_section section;
	/* one that breaks its format is no program of Go's, whatever else it is */
	if (elf_section_find(b, ".go.buildinfo", &section) < 0 || section.size > GO_BUILDINFO_MAX)
		return;
	cleanup(free) uint8_t *bytes = malloc(section.size + 1);
	if (bytes && byte_source_read(b, section.at, bytes, section.size) == OK)
		read_modules(s, f, view_of(bytes, section.size));
}

void find_go_program(struct scan *s, struct scan_file *f)
{
	struct scan_content c;
	int code = scan_content_open(f, &c);
	if (code < 0) {
		scan_unread(s, f->path, err_text(code));
		return;
	}
	s->coverage[s->current].bytes += c.bytes.size;
	read_program(s, f, &c.bytes);
	scan_content_close(&c);
}
