/* First byte: the format. The rest: a list. Every name that comes out is well formed. */
#include <assert.h>

#include "policy/name_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return 0;
	struct name_list list;
	struct name_list_entry entry;
	name_list_open(view_of(bytes + 1, size - 1), bytes[0] % (NAME_LIST_RPZ + 1), &list);
	for (enum name_list_kind kind; (kind = name_list_next(&list, &entry)) != NAME_LIST_END;) {
		assert(entry.line > 0 && entry.line <= size && entry.column > 0);
		if (kind == NAME_LIST_PROBLEM) {
			assert(entry.expected);
			continue;
		}
		struct dname again;
		assert(dname_parse_wire(dname_view(&entry.name), &again) == OK);
		assert(dname_equal(&entry.name, &again) && entry.name.labels == again.labels);
		assert(again.labels > 0 && entry.rule <= NAME_BELOW);
	}
	return 0;
}
