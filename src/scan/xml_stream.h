/* xml_stream.h - XML read in blocks of any size: where elements begin, and where they end with the text before that.
 *
 * What:    libexpat within limits, opened when there is a document (net/library.h). Names come with their namespace, whatever
 *          the prefix. A document that declares entities or defaults (a DOCTYPE with [...], SYSTEM or PUBLIC) is refused, so
 *          nothing in it grows and no text lacks a part; what lies elsewhere is never asked for. Comments and instructions
 *          are passed over.
 * Owns:    xml_stream_new(), xml_stream_free(), which wipes all that libexpat held.
 * Fails:   ERR_MALFORMED, ERR_LIMIT, -ENOMEM; ERR_DENIED without libexpat; what a callback returns when it is negative.
 *          Errors are sticky. xml_stream_end(): ERR_TRUNCATED inside a document.
 * Limits:  XML_DEPTH_MAX; a text over XML_TEXT_MAX bytes is told by its first bytes; XML_MEMORY_MAX for libexpat: one tag or
 *          comment cannot be longer than a part of it, nor can all names that differ.
 * Threads: one; what libexpat holds is counted for the process.
 * Source:  XML 1.0 (Fifth Edition), Namespaces in XML 1.0. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum { XML_DEPTH_MAX = 1024, XML_TEXT_MAX = 4096, XML_MEMORY_MAX = 16 << 20 };

struct xml_name {
	struct view space, local; /* without a namespace `space` is empty */
};

struct xml_attributes {
	const char *const *all; /* private */
};

/* Views are good for the length of the call. */
struct xml_handlers {
	int (*on_begin)(void *context, struct xml_name name, struct xml_attributes attributes);
	/* The text is what stood between the last begin or end and this one. */
	int (*on_end)(void *context, struct xml_name name, struct view text);
};

/* Where an error is. */
struct xml_place {
	const char *why; /* NULL: there is none, or the caller's */
	uint64_t line, column;
};

struct xml_stream;

/* `encoding` is that of the bytes, whatever the document says of it; NULL: what it says. */
int xml_stream_new(const struct xml_handlers *handlers, void *context, const char *encoding,
                   struct xml_stream **ret) must_check;
void xml_stream_free(struct xml_stream *s);
/* The first block, unless it is all, has four bytes or more: they tell the encoding. Blocks of 64 KiB and more are best: libexpat reads a tag or comment anew with each until it ends. */
int xml_stream_feed(struct xml_stream *s, struct view block) must_check;
int xml_stream_end(struct xml_stream *s) must_check;
struct xml_place xml_stream_place(const struct xml_stream *s);

/* An attribute of that name and namespace ("" for none); empty when there is none. */
struct view xml_attribute(struct xml_attributes a, const char *space, const char *local);
/* The first, which is then no longer among them; false when there is none. */
bool xml_attributes_next(struct xml_attributes *a, struct xml_name *ret_name,
                         struct view *ret_value);
