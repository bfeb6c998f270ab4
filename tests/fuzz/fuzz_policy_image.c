/* A policy image whose checksum is made right first, as an attacker would. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "tests/unit/policy/ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct policy p;
	/* aligned as a mapped file is */
	cleanup(free) uint8_t *image = malloc(size ? size : 1);
	if (!image || size < sizeof(struct image_header))
		return 0;
	memcpy(image, bytes, size);
	ask_fix_checksum(image, size);
	if (policy_open(view_of(image, size), &p) == OK)
		ask_everything(&p);
	return 0;
}
