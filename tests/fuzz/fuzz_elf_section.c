/* Any ELF file: a section that is found lies inside. */
#include "scan/elf_section.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct byte_source b = byte_source_of_memory(view_of(bytes, size));
	struct elf_section s;
	if (elf_section_find(&b, ".go.buildinfo", &s) == OK)
		CHECK(s.at <= size && s.size <= size - s.at);
	return 0;
}
