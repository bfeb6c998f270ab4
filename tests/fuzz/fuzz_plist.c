/* Any property list: texts are within their limit, and it comes to an end. */
#include "scan/plist.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool enters(void *context, struct view key)
{
	(void)context;
	return !view_is(key, "no");
}

static int on_text(void *context, struct view key, struct view text)
{
	size_t *count = context;
	uint8_t sum = 0;
	for (size_t i = 0; i < text.size; i++)
		sum ^= text.bytes[i];
	for (size_t i = 0; i < key.size; i++)
		sum ^= key.bytes[i];
	CHECK(text.size <= PLIST_TEXT_MAX && key.size <= PLIST_TEXT_MAX);
	CHECK(!view_is(key, "no"));
	*count += 1 + (sum & 0);
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t count = 0;
	struct plist_reader r = {.on_text = on_text, .enters = enters, .context = &count};
	CHECK(plist_read(view_of(bytes, size), &r) <= 0);
	CHECK(count <= 4 * PLIST_VISITS_MAX);
	return 0;
}
