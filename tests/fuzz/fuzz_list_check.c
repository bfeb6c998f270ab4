/* First byte: the format. Second: names before. The rest: what a server sent. */
#include <assert.h>

#include "policy/list_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct name_list_counts counts;
	if (size < 2)
		return 0;
	enum list_finding finding = list_check(view_of(bytes + 2, size - 2),
	                                       bytes[0] % (NAME_LIST_RPZ + 1), bytes[1], &counts);
	assert(finding < LIST_FINDINGS && list_finding_texts[finding]);
	if (finding == LIST_GOOD)
		assert(counts.names > 0 && counts.names * 2 >= bytes[1]);
	if (finding == LIST_SHRUNK)
		assert(counts.names > 0 && counts.names * 2 < bytes[1]);
	return 0;
}
