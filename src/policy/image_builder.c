#include "policy/image_builder.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"

enum { SLOTS_FIRST = 1024 };
#define TEXTS_SIZE_MAX ((size_t)UINT32_MAX)

void image_builder_init(struct image_builder *b)
{
	*b = (struct image_builder){.slot_count = SLOTS_FIRST};
	b->slots = calloc(SLOTS_FIRST, sizeof(*b->slots));
	b->failed = !b->slots;
	b->sections[SECTION_TEXTS].size_max = TEXTS_SIZE_MAX;
	buffer_add(&b->sections[SECTION_TEXTS], "", 1);
}

void image_builder_done(struct image_builder *b)
{
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		buffer_done(&b->sections[i]);
	free(b->slots);
	b->slots = NULL;
}

static struct view text_at(const struct image_builder *b, uint32_t offset)
{
	return view_text((const char *)b->sections[SECTION_TEXTS].bytes + offset);
}

static size_t slot_of(const struct image_builder *b, struct view text)
{
	size_t at = hash_view(text, 0) & (b->slot_count - 1);
	while (b->slots[at] && !view_equal(text_at(b, b->slots[at]), text))
		at = (at + 1) & (b->slot_count - 1);
	return at;
}

static bool grow_slots(struct image_builder *b)
{
	uint32_t *old = b->slots;
	size_t count = b->slot_count;
	uint32_t *slots = calloc(count * 2, sizeof(*slots));
	if (!slots)
		return false;
	b->slots = slots;
	b->slot_count = count * 2;
	for (size_t i = 0; i < count; i++) {
		if (old[i])
			b->slots[slot_of(b, text_at(b, old[i]))] = old[i];
	}
	free(old);
	return true;
}

uint32_t image_builder_view(struct image_builder *b, struct view text)
{
	struct buffer *texts = &b->sections[SECTION_TEXTS];
	if (text.size == 0 || b->failed)
		return 0;
	if (b->text_count * 2 >= b->slot_count && !grow_slots(b)) {
		b->failed = true;
		return 0;
	}
	size_t slot = slot_of(b, text);
	if (b->slots[slot])
		return b->slots[slot];
	size_t offset = texts->size;
	buffer_add_view(texts, text);
	buffer_add(texts, "", 1);
	if (texts->failed) {
		b->failed = true;
		return 0;
	}
	b->slots[slot] = (uint32_t)offset;
	b->text_count++;
	return (uint32_t)offset;
}

uint32_t image_builder_text(struct image_builder *b, const char *text)
{
	return text ? image_builder_view(b, view_text(text)) : 0;
}

uint32_t image_builder_row(struct image_builder *b, enum image_section section, const void *row,
                           size_t size)
{
	size_t index = b->sections[section].size / size;
	buffer_add(&b->sections[section], row, size);
	if (b->sections[section].failed || index >= UINT32_MAX)
		b->failed = true;
	return (uint32_t)index;
}

struct view image_content(const void *image, size_t size)
{
	size_t skip = offsetof(struct image_header, sections);
	return view_skip(view_of(image, size), skip);
}

static void pad(struct buffer *out, size_t start)
{
	static const uint8_t zeros[IMAGE_ALIGN];
	size_t over = (out->size - start) % IMAGE_ALIGN;
	if (over)
		buffer_add(out, zeros, IMAGE_ALIGN - over);
}

int image_builder_finish(struct image_builder *b, struct buffer *ret)
{
	struct image_header header = {.version = IMAGE_VERSION, .header_size = sizeof(header)};
	memcpy(header.magic, IMAGE_MAGIC, sizeof(header.magic));
	size_t start = ret->size;
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		b->failed |= b->sections[i].failed;
	if (b->failed)
		return -ENOMEM;
	buffer_add(ret, &header, sizeof(header));
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		pad(ret, start);
		header.sections[i].offset = ret->size - start;
		header.sections[i].size = b->sections[i].size;
		buffer_add_view(ret, buffer_view(&b->sections[i]));
		buffer_done(&b->sections[i]); /* halves the peak for a large index */
	}
	if (ret->failed)
		return -ENOMEM;
	header.size = ret->size - start;
	memcpy(ret->bytes + start, &header, sizeof(header));
	header.checksum = hash_view(image_content(ret->bytes + start, header.size), 0);
	memcpy(ret->bytes + start, &header, sizeof(header));
	return OK;
}
