/* Programs of Go: the modules that each was built of, found by the table of sections of its ELF file. */
#include <elf.h>
#include <errno.h>
#include <unistd.h>

#include "scan/find.h"
#include "scan/go_buildinfo.h"
#include "scan/meet.h"

enum { SECTIONS_MAX = 4096, NAMES_MAX = 1 << 16 };

static const char section_name[] = ".go.buildinfo";

static bool read_at(int fd, void *bytes, size_t size, uint64_t at)
{
	if (at > INT64_MAX - size)
		return false;
	ssize_t got;
	do
		got = pread(fd, bytes, size, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)size;
}

/* Whether that section is the one; `names` is the section of names. */
static bool is_named(int fd, const Elf64_Shdr *names, const Elf64_Shdr *section)
{
	char name[sizeof(section_name)];
	return section->sh_name < NAMES_MAX && names->sh_offset < UINT32_MAX &&
	       read_at(fd, name, sizeof(name), names->sh_offset + section->sh_name) &&
	       memcmp(name, section_name, sizeof(name)) == 0;
}

static bool find_section(int fd, Elf64_Shdr *ret)
{
	Elf64_Ehdr head;
	Elf64_Shdr names, section;
	if (!read_at(fd, &head, sizeof(head), 0) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB ||
	    head.e_shentsize != sizeof(section) || head.e_shnum > SECTIONS_MAX ||
	    head.e_shstrndx >= head.e_shnum ||
	    !read_at(fd, &names, sizeof(names),
	             head.e_shoff + (uint64_t)head.e_shstrndx * sizeof(names)))
		return false;
	for (size_t i = 0; i < head.e_shnum; i++) {
		if (!read_at(fd, &section, sizeof(section), head.e_shoff + i * sizeof(section)))
			return false;
		if (is_named(fd, &names, &section)) {
			*ret = section;
			return true;
		}
	}
	return false;
}

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
	Elf64_Shdr section;
	cleanup(fd) int fd = scan_open(s, f);
	if (fd < 0 || !find_section(fd, &section) || section.sh_size > GO_BUILDINFO_MAX)
		return;
	cleanup(free) uint8_t *bytes = malloc(section.sh_size + 1);
	if (bytes && read_at(fd, bytes, section.sh_size, section.sh_offset))
		read_modules(s, f, view_of(bytes, section.sh_size));
}
