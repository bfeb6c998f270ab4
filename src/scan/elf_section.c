#include "scan/elf_section.h"

#include <assert.h>
#include <elf.h>
#include <string.h>

static bool is_supported(const Elf64_Ehdr *head)
{
	return memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 &&
	       head->e_ident[EI_CLASS] == ELFCLASS64 && head->e_ident[EI_DATA] == ELFDATA2LSB &&
	       head->e_shnum > 0;
}

static int read_section(const struct byte_source *b, const Elf64_Ehdr *head, size_t i,
                        Elf64_Shdr *ret)
{
	uint64_t from = i * sizeof(*ret);
	if (head->e_shoff > UINT64_MAX - from)
		return ERR_MALFORMED;
	int code = byte_source_read(b, head->e_shoff + from, ret, sizeof(*ret));
	return code == ERR_TRUNCATED ? ERR_MALFORMED : code;
}

/* Whether that section is the one; `names` is the section of names. */
static bool is_named(const struct byte_source *b, const Elf64_Shdr *names,
                     const Elf64_Shdr *section, const char *name)
{
	char own[ELF_NAME_SIZE];
	size_t size = strlen(name) + 1;
	return section->sh_name < names->sh_size && size <= names->sh_size - section->sh_name &&
	       names->sh_offset <= UINT64_MAX - section->sh_name &&
	       byte_source_read(b, names->sh_offset + section->sh_name, own, size) == OK &&
	       memcmp(own, name, size) == 0;
}

static bool is_inside(const struct byte_source *b, const Elf64_Shdr *section)
{
	return section->sh_type != SHT_NOBITS && section->sh_offset <= b->size &&
	       section->sh_size <= b->size - section->sh_offset;
}

int elf_section_find(const struct byte_source *b, const char *name, struct elf_section *ret)
{
	Elf64_Ehdr head;
	Elf64_Shdr names, section;
	assert(strlen(name) < ELF_NAME_SIZE);
	int code = byte_source_read(b, 0, &head, sizeof(head));
	if (code == ERR_TRUNCATED || (code == OK && !is_supported(&head)))
		return ERR_MISSING;
	if (code == OK && (head.e_shentsize != sizeof(section) || head.e_shnum > ELF_SECTIONS_MAX ||
	                   head.e_shstrndx >= head.e_shnum))
		return ERR_MALFORMED;
	if (code == OK)
		code = read_section(b, &head, head.e_shstrndx, &names);
	for (size_t i = 0; code == OK && i < head.e_shnum; i++) {
		code = read_section(b, &head, i, &section);
		if (code < 0 || !is_named(b, &names, &section, name))
			continue;
		if (!is_inside(b, &section))
			return ERR_MALFORMED;
		*ret = (struct elf_section){section.sh_offset, section.sh_size};
		return OK;
	}
	return code < 0 ? code : ERR_MISSING;
}
