#include "scan/plist.h"

#include <string.h>

#include "scan/plist_private.h"

int plist_read(struct view bytes, const struct plist_reader *r)
{
	if (view_starts_with(bytes, view_text("bplist0")))
		return plist_read_binary(bytes, r);
	if (bytes.size && memmem(bytes.bytes, bytes.size, "<plist", 6))
		return plist_read_xml(bytes, r);
	return ERR_INVALID;
}
