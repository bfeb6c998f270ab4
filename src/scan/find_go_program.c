/* Programs of Go: the modules that each was built of, in a section of its ELF file. */
#include "scan/byte_source.h"
#include "scan/elf_section.h"
#include "scan/find.h"
#include "scan/go_buildinfo.h"
#include "scan/meet.h"

static void read_modules(struct scan *s, struct scan_file *f, struct view bytes)
{
	struct view text, path, version;
	int code = go_buildinfo_modules(bytes, &text);
	if (code == ERR_MALFORMED)
		scan_not_understood(s, f, "a program of Go whose list of modules is damaged");
	while (code == OK && go_buildinfo_next(&text, &path, &version))
		(void)scan_meet_package(s, f, "go", path, version);
}

void find_go_program(struct scan *s, struct scan_file *f)
{
	struct elf_section section;
	cleanup(fd) int fd = scan_open(s, f);
	struct byte_source b = byte_source_of_file(fd);
	/* one that breaks its format is no program of Go's, whatever else it is */
	if (fd < 0 || elf_section_find(&b, ".go.buildinfo", &section) < 0 ||
	    section.size > GO_BUILDINFO_MAX)
		return;
	cleanup(free) uint8_t *bytes = malloc(section.size + 1);
	if (bytes && byte_source_read(&b, section.at, bytes, section.size) == OK)
		read_modules(s, f, view_of(bytes, section.size));
}
