#include "scan/url.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_part(struct view part, struct view whole, const char *never)
{
	CHECK(part.size == 0 ||
	      (part.bytes >= whole.bytes && part.bytes + part.size <= whole.bytes + whole.size));
	for (; *never; never++)
		CHECK(part.size == 0 || !memchr(part.bytes, *never, part.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct dname room;
	struct facts facts = {0};
	struct view text = view_of(bytes, size);
	struct scan_url u = scan_url_read(text);
	check_part(u.scheme, text, "@?# ");
	check_part(u.host, text, "@/?#");
	check_part(u.path, text, "?#");
	CHECK(u.path.size == 0 || u.path.bytes[0] == '/');
	CHECK(u.scheme.size + u.host.size + u.path.size <= size);
	if (scan_url_ask_host(u.host, &room, &facts))
		CHECK((facts.destination.size != 0) != (facts.name == &room));
	return 0;
}
