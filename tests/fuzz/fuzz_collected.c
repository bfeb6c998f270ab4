/* A collection of any format, in any blocks, gives the same things, and their texts are of sane size. What it shows of
 * those that it did not understand is fit for a terminal. */
#include "scan/collected.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int on_item(void *context, const struct collected_item *i)
{
	uint64_t *sum = context;
	const struct view texts[] = {i->registry, i->id,        i->name,   i->version,
	                             i->path,     i->publisher, i->machine};
	for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++) {
		CHECK(texts[k].size <= 64 * 1024);
		for (size_t b = 0; b < texts[k].size; b++)
			*sum = *sum * 31 + texts[k].bytes[b];
	}
	*sum += 1 + (uint64_t)i->kind;
	return OK;
}

struct blocks {
	struct view rest;
	size_t size;
	bool is_first;
};

/* The first four bytes come together: of XML they tell the encoding. */
static int next(void *context, struct view *ret)
{
	struct blocks *b = context;
	size_t size = b->is_first && b->size < 4 ? 4 : b->size;
	*ret = view_of(b->rest.bytes, b->rest.size < size ? b->rest.size : size);
	b->rest = view_skip(b->rest, ret->size);
	b->is_first = false;
	return OK;
}

static uint64_t read_in(const struct collected_format *f, struct view file, size_t block, int *ret)
{
	uint64_t sum = 0;
	struct blocks b = {file, block, true};
	const struct collected_input in = {file, next, &b};
	struct collected_count count = {0};
	*ret = f->read(&in, on_item, &sum, &count);
	for (size_t i = 0; count.example[i]; i++) {
		CHECK(count.example[i] >= ' ' && count.example[i] <= '~');
		sum = sum * 31 + (uint8_t)count.example[i];
	}
	return sum + count.items + count.not_understood;
}

/* The first byte picks the row; with 0xff the content does. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int whole, parts;
	size_t rows = 0;
	const struct collected_format *f = collected_formats;
	while (f[rows].name)
		rows++;
	if (size == 0)
		return 0;
	struct view file = view_of(bytes + 1, size - 1);
	if (bytes[0] == 0xff)
		f = collected_format_find(file);
	else
		f += bytes[0] % rows;
	if (!f)
		return 0;
	CHECK(read_in(f, file, size, &whole) == read_in(f, file, 1 + size % 13, &parts));
	CHECK(whole == parts);
	return 0;
}
