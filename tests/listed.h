/* listed.h - a policy that lists names, or addresses, too, and the filter of a log's lines for it. */
#pragma once

#include <stdlib.h>

#include "audit/line_filter.h"
#include "policy/name_index_builder.h"
#include "tests/fuzz/check.h"

struct listed {
	struct policy policy;
	struct name_index_builder builder;
	struct buffer block, stems, addresses;
	struct line_filter *filter;
};

static inline void listed_begin(struct listed *l)
{
	*l = (struct listed){0};
	name_index_builder_init(&l->builder, 7, 100000);
}

static inline void listed_add(struct listed *l, const char *name)
{
	CHECK(name_index_builder_add_text(&l->builder, view_text(name), NAME_SUFFIX, 0) == OK);
}

static inline void listed_end(struct listed *l)
{
	struct policy *p = &l->policy;
	CHECK(name_index_builder_finish(&l->builder, &l->block) == OK &&
	      name_index_open(buffer_view(&l->block), &p->names) == OK &&
	      name_stems_write(&p->names, NULL, 0, &l->stems) == OK &&
	      name_stems_open(buffer_view(&l->stems), p->names.secret, &p->stems) == OK &&
	      line_filter_new(p, &l->filter) == OK);
	name_index_builder_done(&l->builder);
}

/* After listed_end(): prefixes as text. */
static inline void listed_add_addresses(struct listed *l, const char *const *prefixes, size_t count)
{
	struct address_index_builder b;
	address_index_builder_init(&b, count);
	for (size_t i = 0; i < count; i++) {
		struct address a;
		struct view bits = view_text(prefixes[i]), text = view_split(&bits, '/');
		unsigned number = (unsigned)atoi((const char *)bits.bytes);
		CHECK(address_parse(text, &a) == OK);
		CHECK(address_index_builder_add(&b, a.bytes, a.size, number, (uint32_t)i) == OK);
	}
	CHECK(address_index_builder_finish(&b, &l->addresses) == OK);
	CHECK(address_index_open(buffer_view(&l->addresses), &l->policy.destinations) == OK);
	address_index_builder_done(&b);
	line_filter_free(l->filter);
	CHECK(line_filter_new(&l->policy, &l->filter) == OK);
}

static inline void listed_done(struct listed *l)
{
	line_filter_free(l->filter);
	buffer_done(&l->addresses);
	buffer_done(&l->block);
	buffer_done(&l->stems);
}
