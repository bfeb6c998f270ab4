/* Any bytes: what is told lies in bounds, and a header that is whole does not go on. */
#include "scan/model_head.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int on_field(void *context, const char *kind, struct view value)
{
	size_t *count = context;
	CHECK(kind && value.size > 0);
	volatile uint8_t touched = value.bytes[0] ^ value.bytes[value.size - 1];
	(void)touched;
	++*count;
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t count = 0;
	struct view head = view_of(bytes, size);
	int code = model_head_read(head, on_field, &count);
	CHECK(code != OK || !model_head_goes_on(head));
	CHECK(model_head_form(head) != MODEL_NONE || (code == ERR_INVALID && count == 0));
	return 0;
}
