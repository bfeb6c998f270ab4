/* compile_answers.c - what blocked names are answered with. */
#include <string.h>

#include "policy/compile_internal.h"
#include "policy/facts.h"
#include "policy/organisation_schema.h"

static struct image_answer make_answer(struct compiler *c, const struct block_answer *from,
                                       const struct schema_list *units)
{
	const struct prefix *addresses = from->addresses.items;
	struct image_answer row = {
		.product = NONE,
		.form = from->form >= 0 ? (uint32_t)from->form : BLOCK_ADDRESS,
		.alias = image_builder_text(&c->image, from->cname),
		.addresses_count = (uint32_t)from->addresses.count,
	};
	for (size_t i = 0; i < from->addresses.count; i++) {
		struct image_prefix prefix = {.bits = addresses[i].bits,
		                              .family = addresses[i].family};
		memcpy(prefix.bytes, addresses[i].bytes, sizeof(prefix.bytes));
		uint32_t at =
			image_builder_row(&c->image, SECTION_PREFIXES, &prefix, sizeof(prefix));
		if (i == 0)
			row.addresses_first = at;
	}
	uint64_t *words = compiler_unit_set(c, &row.units);
	if (words)
		compiler_set_units(c, words, units);
	return row;
}

uint32_t compile_answer(struct compiler *c, const struct block_answer *answer)
{
	static const struct schema_list all_units = {0};
	if (answer->form < 0 && !answer->cname && !answer->addresses.count)
		return NONE;
	struct image_answer row = make_answer(c, answer, &all_units);
	return image_builder_row(&c->image, SECTION_ANSWERS, &row, sizeof(row));
}

void compile_answers(struct compiler *c)
{
	const struct organisation_answer *all = c->from->organisation->answers.items;
	for (size_t i = 0; i < c->from->organisation->answers.count; i++) {
		struct image_answer row = make_answer(c, &all[i].answer, &all[i].units);
		int product = all[i].product ? compiler_find_listed(c, all[i].product) : -1;
		struct config_place at = config_place_of(&unit_answer_schema, &all[i], "product");
		if (all[i].product && product < 0)
			problem_add(
				c->problems, at.file, at.line, at.column,
				"product \"%s\", expected the id of a product of the catalogue or "
				"of a list of this file",
				all[i].product);
		row.product = (uint32_t)product; /* -1 is NONE */
		image_builder_row(&c->image, SECTION_ANSWERS, &row, sizeof(row));
	}
}
