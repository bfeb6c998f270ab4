/* fuzz_page.c - the languages that a reader's browser asks for: the input is the field's value. */
#include <string.h>

#include "refusal/page.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *language = page_language(view_of(bytes, size));
	CHECK(!language || strcmp(language, "en") == 0 || strcmp(language, "zh-TW") == 0);
	return 0;
}
