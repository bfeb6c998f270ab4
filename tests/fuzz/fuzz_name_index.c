/* First 64 bytes: a name asked for (text up to a NUL). The rest: a block. */
#include <assert.h>

#include "policy/name_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { NAME_ROOM = 64, MATCHES = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const names[] = {"chat.deepseek.com", "a.b.c.d.e.f", "."};
	struct name_index index;
	struct name_match match[MATCHES];
	struct dname name;
	if (size < NAME_ROOM ||
	    name_index_open(view_of(bytes + NAME_ROOM, size - NAME_ROOM), &index) < 0)
		return 0;
	struct view text = view_of(bytes, strnlen((const char *)bytes, NAME_ROOM));
	if (dname_parse_text(text, &name) == OK)
		assert(name_index_find(&index, &name, match, MATCHES) <= MATCHES);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert(dname_parse_text(view_text(names[i]), &name) == OK);
		assert(name_index_find(&index, &name, match, 1) <= 1);
	}
	return 0;
}
