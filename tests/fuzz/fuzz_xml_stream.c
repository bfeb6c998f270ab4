/* Any document in any blocks is told alike, every element that ends has begun, and texts are of sane size. */
#include "scan/xml_head.h"
#include "scan/xml_stream.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct told {
	unsigned depth;
	uint64_t sum;
};

static void add(struct told *t, struct view v)
{
	for (size_t i = 0; i < v.size; i++)
		t->sum = t->sum * 31 + v.bytes[i];
	t->sum = t->sum * 31 + v.size;
}

static int on_begin(void *context, struct xml_name name, struct xml_attributes attributes)
{
	struct told *t = context;
	struct xml_name own;
	struct view value;
	CHECK(t->depth++ < XML_DEPTH_MAX);
	add(t, name.space);
	add(t, name.local);
	while (xml_attributes_next(&attributes, &own, &value)) {
		add(t, own.local);
		add(t, value);
	}
	return OK;
}

static int on_end(void *context, struct xml_name name, struct view text)
{
	struct told *t = context;
	CHECK(t->depth-- > 0 && text.size <= XML_TEXT_MAX);
	add(t, name.local);
	add(t, text);
	return OK;
}

static int read_in(struct view document, size_t block, struct told *t)
{
	static const struct xml_handlers handlers = {on_begin, on_end};
	struct xml_stream *s;
	int code = OK;
	CHECK(xml_stream_new(&handlers, t, NULL, &s) == OK);
	/* the first four bytes tell the encoding, and come together */
	for (size_t next = block < 4 ? 4 : block; code == OK && document.size; next = block) {
		size_t size = document.size < next ? document.size : next;
		code = xml_stream_feed(s, view_of(document.bytes, size));
		document = view_skip(document, size);
	}
	code = code == OK ? xml_stream_end(s) : code;
	CHECK(code == OK ? t->depth == 0 : xml_stream_place(s).why != NULL);
	xml_stream_free(s);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct xml_head head;
	struct told whole = {0}, parts = {0};
	struct view document = view_of(bytes, size);
	if (xml_head_read(document, &head))
		CHECK(head.root.size && head.root.size + head.attributes.size < size);
	int code = read_in(document, size + 1, &whole);
	CHECK(read_in(document, 1 + size % 13, &parts) == code);
	CHECK(whole.sum == parts.sum && whole.depth == parts.depth);
	return 0;
}
