/* elf_section.h - where a section of an ELF file lies, by its name.
 *
 * What:    pure, over a byte_source. 64 bits, little-endian: what this program runs on.
 * Fails:   ERR_MISSING: no such file, or no such section; ERR_MALFORMED: it breaks its format; -errno.
 * Limits:  ELF_SECTIONS_MAX sections.
 * Source:  elf(5). */
#pragma once

#include "scan/byte_source.h"

enum { ELF_SECTIONS_MAX = 4096, ELF_NAME_SIZE = 32 };

struct elf_section {
	uint64_t at, size; /* inside the file */
};

int elf_section_find(const struct byte_source *b, const char *name,
                     struct elf_section *ret) must_check;
