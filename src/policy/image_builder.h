/* image_builder.h - collects the rows and texts of a policy image and joins them into one file.
 *
 * Sticky: a failed allocation or a limit marks the builder; image_builder_finish() says so. */
#pragma once

#include "base/buffer.h"
#include "base/err.h"
#include "policy/image.h"

struct image_builder {
	struct buffer sections[SECTION_COUNT];
	uint32_t *slots; /* of texts: offsets, 0 for free */
	size_t slot_count, text_count;
	bool failed;
};

void image_builder_init(struct image_builder *b);
void image_builder_done(struct image_builder *b);

/* Offset of an equal text, added when new. NULL and "" are 0. */
uint32_t image_builder_text(struct image_builder *b, const char *text);
uint32_t image_builder_view(struct image_builder *b, struct view text);
/* Appends a row; returns its index. */
uint32_t image_builder_row(struct image_builder *b, enum image_section section, const void *row,
                           size_t size);

/* Writes header, sections and checksum behind what `ret` holds. ERR_LIMIT, -ENOMEM. */
int image_builder_finish(struct image_builder *b, struct buffer *ret) must_check;
/* The bytes that the checksum covers: all from the section table on. */
struct view image_content(const void *image, size_t size);
