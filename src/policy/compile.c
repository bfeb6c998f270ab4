#include "policy/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/compile_internal.h"
#include "policy/facts.h"

uint32_t compiler_take_text(struct compiler *c, struct buffer *text)
{
	if (text->failed)
		compiler_fail(c, -ENOMEM);
	uint32_t offset = image_builder_view(&c->image, buffer_view(text));
	buffer_done(text);
	return offset;
}

uint32_t compiler_text_list(struct compiler *c, const struct schema_list *list)
{
	struct buffer text = {0};
	const char *const *items = list->items;
	for (size_t i = 0; i < list->count; i++)
		buffer_printf(&text, "%s%s", i ? "\n" : "", items[i]);
	return compiler_take_text(c, &text);
}

uint64_t *compiler_unit_set(struct compiler *c, uint32_t *ret_first)
{
	struct buffer *sets = &c->image.sections[SECTION_UNIT_SETS];
	size_t size = c->unit_words * sizeof(uint64_t);
	*ret_first = (uint32_t)(sets->size / sizeof(uint64_t));
	uint8_t *words = buffer_space(sets, size);
	if (!words) {
		compiler_fail(c, -ENOMEM);
		return NULL;
	}
	return memset(words, 0, size);
}

static void set_unit(uint64_t *words, size_t unit)
{
	words[unit / 64] |= UINT64_C(1) << unit % 64;
}

void compiler_set_units(struct compiler *c, uint64_t *words, const struct schema_list *units)
{
	const struct organisation *o = c->from->organisation;
	const struct organisation_unit *all = o->units.items;
	const char *const *ids = units->items;
	if (units->count == 0) {
		for (size_t i = 0; i <= o->units.count; i++)
			set_unit(words, i);
	}
	for (size_t i = 0; i < units->count; i++) {
		const struct organisation_unit *unit = organisation_unit_find(o, ids[i]);
		if (unit)
			set_unit(words, 1 + (size_t)(unit - all));
	}
}

int compiler_find_product(const struct compiler *c, const char *id)
{
	for (size_t i = 0; i < c->from->product_count; i++) {
		if (strcmp(c->from->products[i].id, id) == 0)
			return (int)i;
	}
	return -1;
}

int compiler_find_listed(const struct compiler *c, const char *id)
{
	const struct list_product *lists = c->from->organisation->lists.items;
	int product = compiler_find_product(c, id);
	for (size_t i = 0; product < 0 && i < c->from->organisation->lists.count; i++) {
		if (strcmp(lists[i].id, id) == 0)
			product = (int)(c->from->product_count + i);
	}
	return product;
}

int compiler_find_order(const struct compiler *c, const char *id)
{
	for (size_t i = 0; i < c->from->order_count; i++) {
		if (strcmp(c->from->orders[i].id, id) == 0)
			return (int)i;
	}
	return -1;
}

static void add_organisation(struct compiler *c)
{
	const struct organisation *o = c->from->organisation;
	struct image_builder *b = &c->image;
	struct image_organisation row = {
		.id = image_builder_text(b, o->id),
		.name = image_builder_text(b, o->name),
		.jurisdiction = image_builder_text(b, o->jurisdiction),
		.contact = image_builder_text(b, o->contact),
		.language = image_builder_text(b, language_names[o->language]),
		.alternatives = compiler_text_list(c, &o->alternatives),
		.unit_words = c->unit_words,
		.strip_ech = (uint32_t)o->strip_ech,
		.answers_count = (uint32_t)o->answers.count,
	};
	image_builder_row(b, SECTION_ORGANISATION, &row, sizeof(row));
}

static void add_places(struct compiler *c, const struct schema_list *networks, uint32_t unit,
                       struct address_index_builder *index)
{
	const struct organisation_network *all = networks->items;
	for (size_t i = 0; i < networks->count; i++) {
		char text[PREFIX_TEXT_SIZE];
		const struct prefix *p = &all[i].prefix;
		struct image_place row = {
			.unit = unit,
			.network_class = (uint32_t)all[i].network_class,
			.prefix = image_builder_text(&c->image, prefix_print(p, text)),
		};
		uint32_t place = image_builder_row(&c->image, SECTION_PLACES, &row, sizeof(row));
		compiler_fail(c, address_index_builder_add(index, p->bytes,
		                                           p->family == ADDRESS_V4 ? 4 : 16,
		                                           p->bits, place));
	}
}

/* Unit 0 is the organisation at large. */
static void add_units(struct compiler *c)
{
	const struct organisation *o = c->from->organisation;
	const struct organisation_unit *all = o->units.items;
	struct address_index_builder index;
	address_index_builder_init(&index, UINT32_MAX);
	struct image_unit row = {.classes = o->classes};
	image_builder_row(&c->image, SECTION_UNITS, &row, sizeof(row));
	add_places(c, &o->networks, 0, &index);
	for (size_t i = 0; i < o->units.count; i++) {
		row = (struct image_unit){
			.id = image_builder_text(&c->image, all[i].id),
			.name = image_builder_text(&c->image,
		                                   all[i].name ? all[i].name : all[i].id),
			.classes = all[i].classes ? all[i].classes : o->classes,
		};
		image_builder_row(&c->image, SECTION_UNITS, &row, sizeof(row));
		add_places(c, &all[i].networks, (uint32_t)i + 1, &index);
	}
	compiler_fail(c,
	              address_index_builder_finish(&index, &c->image.sections[SECTION_NETWORKS]));
	address_index_builder_done(&index);
}

static uint32_t approvals_text(struct compiler *c, const struct order *o)
{
	const struct order_approval *all = o->exemption.approvals.items;
	struct buffer text = {0};
	for (size_t i = 0; i < o->exemption.approvals.count; i++)
		buffer_printf(&text, "%s%s: %s", i ? "\n" : "", all[i].role, all[i].title);
	return compiler_take_text(c, &text);
}

static uint32_t conditions_text(struct compiler *c, const struct order *o)
{
	const struct order_condition *all = o->exemption.conditions.items;
	struct buffer text = {0};
	for (size_t i = 0; i < o->exemption.conditions.count; i++)
		buffer_printf(&text, "%s%s: %s", i ? "\n" : "", all[i].id, all[i].text);
	return compiler_take_text(c, &text);
}

static const char *source_text(const struct order_source *s)
{
	return s->url ? s->url : s->note;
}

static uint32_t add_order(struct compiler *c, const struct order *o)
{
	struct image_builder *b = &c->image;
	const struct order_source *sources = o->sources.items;
	int64_t from, until;
	order_interval(o, &from, &until);
	struct image_order row = {
		.id = image_builder_text(b, o->id),
		.title = image_builder_text(b, o->title),
		.issuer = image_builder_text(b, o->issuer),
		.number = image_builder_text(b, o->number),
		.jurisdiction = image_builder_text(b, o->jurisdiction),
		.legal_basis = image_builder_text(b, o->legal_basis),
		.status = (uint32_t)o->status,
		.status_note = image_builder_text(b, o->status_note),
		.effective_us = from,
		.ended_us = until,
		.approvals = approvals_text(c, o),
		.conditions = conditions_text(c, o),
		.source = image_builder_text(b, source_text(&sources[0])),
	};
	return image_builder_row(b, SECTION_ORDERS, &row, sizeof(row));
}

static void add_obligations(struct compiler *c, const struct order *o, uint32_t order_row)
{
	struct image_builder *b = &c->image;
	const struct order_obligation *all = o->obligations.items;
	for (size_t i = 0; i < o->obligations.count; i++) {
		const struct order_obligation *from = &all[i];
		const struct order_source *source = order_source_find(o, from->source);
		struct image_obligation row = {
			.order = order_row,
			.number = (uint32_t)from->number,
			.verb = (uint32_t)from->verb,
			.force = (uint32_t)from->force,
			.text = image_builder_text(b, from->text),
			.clause = image_builder_text(b, from->clause),
			.source = source ? image_builder_text(b, source_text(source)) : 0,
			.facets = (uint32_t)(from->facets ? from->facets
		                                          : order_facets(o, POSITION_COVERED)),
			.binds = from->binds,
			.deadline = image_builder_text(b, from->deadline),
		};
		image_builder_row(b, SECTION_OBLIGATIONS, &row, sizeof(row));
	}
}

static bool is_adopted(const struct compiler *c, const char *order)
{
	const struct adoption *all = c->from->organisation->adoptions.items;
	for (size_t i = 0; i < c->from->organisation->adoptions.count; i++) {
		if (strcmp(all[i].order, order) == 0)
			return true;
	}
	return false;
}

static void add_orders(struct compiler *c)
{
	uint32_t obligations = 0;
	for (size_t i = 0; i < c->from->order_count; i++) {
		const struct order *o = &c->from->orders[i];
		c->order_rows[i] = NONE;
		if (!is_adopted(c, o->id))
			continue;
		c->order_rows[i] = add_order(c, o);
		c->obligation_rows[i] = obligations;
		obligations += (uint32_t)o->obligations.count;
		add_obligations(c, o, c->order_rows[i]);
	}
}

static void add_products(struct compiler *c)
{
	for (size_t i = 0; i < c->product_count; i++)
		image_builder_row(&c->image, SECTION_PRODUCTS, &c->products[i],
		                  sizeof(c->products[i]));
}

static int begin(struct compiler *c)
{
	const struct organisation *o = c->from->organisation;
	c->product_count = c->from->product_count + o->lists.count;
	c->unit_words = (uint32_t)((o->units.count + 1 + 63) / 64);
	c->order_rows = calloc(c->from->order_count + 1, sizeof(*c->order_rows));
	c->obligation_rows = calloc(c->from->order_count + 1, sizeof(*c->obligation_rows));
	c->own_rows = calloc(o->rules.count + o->lists.count + 1, sizeof(*c->own_rows));
	c->zone_rows = calloc(o->zone_count + 1, sizeof(*c->zone_rows));
	c->products = calloc(c->product_count + 1, sizeof(*c->products));
	image_builder_init(&c->image);
	return c->order_rows && c->obligation_rows && c->own_rows && c->zone_rows && c->products
	               ? OK
	               : -ENOMEM;
}

static void done(struct compiler *c)
{
	free(c->order_rows);
	free(c->obligation_rows);
	free(c->own_rows);
	free(c->zone_rows);
	free(c->products);
	image_builder_done(&c->image);
}

int policy_compile(const struct policy_sources *sources, struct buffer *ret,
                   struct policy_counts *ret_counts, struct problems *warnings, struct problems *p)
{
	struct compiler c = {.from = sources, .problems = p, .warnings = warnings};
	size_t before = p->count;
	int r = begin(&c);
	if (r == OK) {
		add_organisation(&c);
		add_units(&c);
		add_orders(&c);
		compile_clocks(&c);
		compile_answers(&c);
		compile_rules(&c);
		compile_exemptions(&c);
		r = p->count != before ? ERR_INVALID : c.error;
	}
	if (r == OK) {
		compile_indexes(&c);
		add_products(&c);
		r = p->count != before ? ERR_INVALID : c.error;
	}
	if (r == OK)
		r = image_builder_finish(&c.image, ret);
	if (r == OK)
		*ret_counts = c.counts;
	done(&c);
	return r;
}
