/* fuzz_structured_error.c - the JSON of a block, from whatever an administrator wrote.
 *
 * Input: two bytes with the room, one with the extended error, then contact, justification, organisation and
 * reference, each after a byte with its size. What comes out is empty, or one object that fits and that every
 * parser reads, of which something is of use. */
#include <jansson.h>
#include <stdlib.h>

#include "base/reader.h"
#include "refusal/structured_error.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(struct view text)
{
	json_t *json = json_loadb((const char *)text.bytes, text.size,
	                          JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	CHECK(json_is_object(json));
	bool has_text = json_object_get(json, "j") || json_object_get(json, "o");
	CHECK(!has_text || json_object_get(json, "l"));
	CHECK(json_object_get(json, "c") || json_object_get(json, "j") ||
	      json_object_get(json, "s"));
	const json_t *c = json_object_get(json, "c");
	CHECK(!c || (json_array_size(c) > 0 && json_array_size(c) <= STRUCTURED_CONTACTS_MAX));
	for (size_t i = 0; i < json_array_size(c); i++) {
		const char *uri = json_string_value(json_array_get(c, i));
		CHECK(strncmp(uri, "mailto:", 7) == 0 || strncmp(uri, "tel:+", 5) == 0);
	}
	json_decref(json);
}

static struct view read_text(struct reader *r)
{
	size_t size = read_u8(r);
	return read_view(r, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct reader r = reader_open(bytes, size);
	size_t size_max = read_u16(&r);
	struct structured_error e = {.ede = read_u8(&r), .language = view_text("en")};
	e.contact = read_text(&r);
	e.justification = read_text(&r);
	e.organisation = read_text(&r);
	e.reference = read_text(&r);
	if (r.failed || !structured_error_exists(e.ede) ||
	    memchr(e.reference.bytes, 0, e.reference.size))
		return 0;
	uint8_t *room = malloc(STRUCTURED_ERROR_SIZE); /* whose end a sanitizer watches */
	CHECK(room);
	struct view text = structured_error_write(&e, size_max, room);
	CHECK(text.size <= size_max && text.size <= STRUCTURED_ERROR_SIZE);
	if (text.size)
		check(text);
	free(room);
	return 0;
}
