/* compile_index.c - the look-ups: which identifiers a name, an address or a text leads to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "policy/compile_internal.h"
#include "policy/name_stems.h"
#include "policy/organisation_schema.h"
#include "policy/text_index.h"
#include "policy/url_host.h"

enum { NAMES_MAX_DEFAULT = 20000000 };

struct text_key {
	uint64_t hash;
	uint32_t identifier;
};

struct index_builders {
	struct name_index_builder names;
	struct address_index_builder destinations;
	struct buffer keys;  /* of struct text_key */
	struct buffer hosts; /* of struct dname: of URLs */
};

static uint32_t source_texts(struct compiler *c, const struct product *p,
                             const struct product_identifier *i)
{
	const char *const *ids = i->sources.items;
	struct buffer text = {0};
	for (size_t k = 0; k < i->sources.count; k++) {
		const struct product_source *s = product_source_find(p, ids[k]);
		const char *words = !s ? NULL : s->cite ? s->cite : s->note;
		if (words)
			buffer_printf(&text, "%s%s", text.size ? "\n" : "", words);
	}
	return compiler_take_text(c, &text);
}

static uint32_t add_row(struct compiler *c, const struct product *p, uint32_t product,
                        const struct product_identifier *i)
{
	struct image_builder *b = &c->image;
	struct image_identifier row = {
		.id = image_builder_text(b, i->id),
		.product = product,
		.kind = (uint32_t)i->kind,
		.value = image_builder_text(b, i->value),
		.note = image_builder_text(b, i->note),
		.source = source_texts(c, p, i),
		.facets = (uint16_t)i->facets,
		.match = (uint8_t)i->match,
		.role = (uint8_t)i->role,
		.confidence = (uint8_t)i->confidence,
		.presence = (uint8_t)i->presence,
		.is_canary = i->is_canary,
	};
	c->counts.identifiers++;
	return image_builder_row(b, SECTION_IDENTIFIERS, &row, sizeof(row));
}

static void index_text(struct compiler *c, struct index_builders *x,
                       const struct product_identifier *i, uint32_t row)
{
	char key[TEXT_KEY_MAX + 1];
	enum kind_group group = identifier_kinds[i->kind].group;
	if (i->match == MATCH_EXACT) {
		size_t size = text_index_key((unsigned)i->kind, view_text(i->value), key);
		struct text_key k = {text_index_hash(group, view_of(key, size)), row};
		buffer_add(&x->keys, &k, sizeof(k));
		return;
	}
	size_t size = text_index_pattern((unsigned)i->kind, view_text(i->value), key);
	struct image_pattern pattern = {.group = (uint32_t)group,
	                                .match = (uint32_t)i->match,
	                                .text = image_builder_view(&c->image, view_of(key, size)),
	                                .identifier = row};
	image_builder_row(&c->image, SECTION_PATTERNS, &pattern, sizeof(pattern));
}

static void index_url(struct index_builders *x, const struct product_identifier *i)
{
	struct dname name;
	bool has_host = i->match != MATCH_REGEX && i->match != MATCH_CONTAINS;
	if (has_host && url_host_name(url_host(view_text(i->value)), &name) == OK)
		buffer_add(&x->hosts, &name, sizeof(name));
}

static void index_identifier(struct compiler *c, struct index_builders *x,
                             const struct product_identifier *i, uint32_t row)
{
	struct dname name;
	struct prefix prefix;
	switch (identifier_kinds[i->kind].group) {
	case GROUP_NAME:
	case GROUP_ALIAS:
		compiler_fail(c, dname_parse_text(view_text(i->value), &name));
		if (c->error == OK)
			compiler_fail(c,
			              name_index_builder_add(&x->names, &name,
			                                     i->match == MATCH_SUFFIX ? NAME_SUFFIX
			                                                              : NAME_EXACT,
			                                     row));
		c->counts.names++;
		break;
	case GROUP_ADDRESS:
		compiler_fail(c, prefix_parse(view_text(i->value), &prefix));
		if (c->error == OK)
			compiler_fail(
				c, address_index_builder_add(&x->destinations, prefix.bytes,
			                                     prefix.family == ADDRESS_V4 ? 4 : 16,
			                                     prefix.bits, row));
		break;
	case GROUP_URL: index_url(x, i); /* fall through */
	default: index_text(c, x, i, row);
	}
}

/* The rows of one list: one identifier for all its names. */
static void index_list(struct compiler *c, struct index_builders *x, size_t list)
{
	const struct list_product *l =
		(const struct list_product *)c->from->organisation->lists.items + list;
	struct name_list_counts counts;
	struct image_identifier row = {
		.id = image_builder_text(&c->image, l->id),
		.product = (uint32_t)(c->from->product_count + list),
		.kind = (uint32_t)identifier_kind_find("list"),
		.value = image_builder_text(&c->image, l->file ? l->file : l->url),
		.facets = 1u << FACET_WEB,
		.match = MATCH_SUFFIX,
		.role = ROLE_DEDICATED,
		.confidence = CONFIDENCE_HIGH,
	};
	row.source = row.value;
	uint32_t index = image_builder_row(&c->image, SECTION_IDENTIFIERS, &row, sizeof(row));
	struct name_list_source source = {
		.file = c->from->list_files[list],
		.text = c->from->lists[list],
		.format = (enum name_list_format)l->format,
		.value = index,
		.exception = index,
	};
	int r = name_list_add(&source, &x->names, c->warnings, &counts);
	compiler_fail(c, r);
	if (r < 0)
		return;
	c->counts.list_names += counts.names;
	c->counts.list_problems += counts.problems;
	c->counts.names += counts.names;
	if (c->from->list_counts)
		c->from->list_counts[list] = counts;
	if (counts.names == 0 && source.text.bytes)
		problem_add(c->problems, l->place.file, l->place.line, l->place.column,
		            "list \"%s\" holds no name at all, expected at least one in format %s",
		            l->id, name_list_format_text(counts.format));
}

/* A hash table of `slots` rows, then the rows that had no slot of their own, chained by `next`. */
static void write_values(struct compiler *c, const struct buffer *keys)
{
	size_t count = keys->size / sizeof(struct text_key), slots = 1, rows;
	while (slots < count * 2)
		slots *= 2;
	rows = slots;
	cleanup(free) struct image_value *table = calloc(slots + count, sizeof(*table));
	if (!table || keys->failed) {
		compiler_fail(c, -ENOMEM);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct text_key k;
		memcpy(&k, keys->bytes + i * sizeof(k), sizeof(k));
		struct image_value *at = &table[k.hash & (slots - 1)];
		if (at->hash) {
			while (at->next)
				at = &table[at->next - 1];
			at->next = (uint32_t)rows + 1;
			at = &table[rows++];
		}
		*at = (struct image_value){.hash = k.hash, .identifier = k.identifier};
	}
	for (size_t i = 0; i < rows; i++)
		image_builder_row(&c->image, SECTION_VALUES, &table[i], sizeof(table[i]));
}

/* The seed keys the hash of names with something that outsiders do not choose: all rows so far. */
static uint64_t names_seed(const struct compiler *c)
{
	uint64_t seed = 0;
	for (unsigned i = 0; i < SECTION_COUNT; i++)
		seed = hash_view(buffer_view(&c->image.sections[i]), seed);
	return seed;
}

static void write_names(struct compiler *c, struct index_builders *x)
{
	struct buffer *block = &c->image.sections[SECTION_NAMES];
	struct name_index index;
	if (c->error == OK)
		compiler_fail(c, name_index_builder_finish(&x->names, block));
	if (c->error == OK)
		compiler_fail(c, name_index_open(buffer_view(block), &index));
	if (c->error == OK)
		compiler_fail(c, x->hosts.failed
		                         ? -ENOMEM
		                         : name_stems_write(&index, (void *)x->hosts.bytes,
		                                            x->hosts.size / sizeof(struct dname),
		                                            &c->image.sections[SECTION_STEMS]));
}

void compile_indexes(struct compiler *c)
{
	struct index_builders x = {0};
	size_t names_max = c->from->names_max ? c->from->names_max : NAMES_MAX_DEFAULT;
	name_index_builder_init(&x.names, names_seed(c), names_max);
	address_index_builder_init(&x.destinations, UINT32_MAX);
	for (size_t p = 0; p < c->from->product_count; p++) {
		const struct product *product = &c->from->products[p];
		const struct product_identifier *all = product->identifiers.items;
		for (size_t i = 0; i < product->identifiers.count; i++)
			index_identifier(c, &x, &all[i], add_row(c, product, (uint32_t)p, &all[i]));
	}
	for (size_t i = 0; i < c->from->organisation->lists.count; i++)
		index_list(c, &x, i);
	write_values(c, &x.keys);
	write_names(c, &x);
	if (c->error == OK)
		compiler_fail(
			c, address_index_builder_finish(&x.destinations,
		                                        &c->image.sections[SECTION_DESTINATIONS]));
	name_index_builder_done(&x.names);
	address_index_builder_done(&x.destinations);
	buffer_done(&x.keys);
	buffer_done(&x.hosts);
}
