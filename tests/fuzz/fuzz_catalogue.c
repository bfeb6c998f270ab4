/* The same text as a product, as an order and as an organisation; what can be read is compiled too, alone. */
#include <assert.h>

#include "policy/compile.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void compile(const struct organisation *o, const struct product *product,
                    const struct order *order)
{
	struct problems problems = {0}, warnings = {0};
	struct policy_counts counts;
	struct buffer image = {0};
	struct policy policy;
	struct policy_sources sources = {.products = product,
	                                 .product_count = product ? 1 : 0,
	                                 .orders = order,
	                                 .order_count = order ? 1 : 0,
	                                 .organisation = o};
	if (o->lists.count || o->zone_count)
		return; /* their files are not here */
	int r = policy_compile(&sources, &image, &counts, &warnings, &problems);
	if (r == OK)
		assert(policy_open(buffer_view(&image), &policy) == OK);
	else
		assert(r != ERR_INVALID || problems.count > 0);
	problems_done(&warnings);
	problems_done(&problems);
	buffer_done(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct organisation nobody = {.id = "body",
	                                     .name = "A body",
	                                     .jurisdiction = "XA",
	                                     .contact = "c@example",
	                                     .place = {.file = "f"}};
	struct view text = view_of(bytes, size);
	struct problems p = {0};
	struct arena a;
	struct product product;
	struct order order;
	struct organisation organisation;
	arena_init(&a, 0);
	if (product_read("f", text, &a, &p, &product) == OK)
		compile(&nobody, &product, NULL);
	if (order_read("f", text, &a, &p, &order) == OK) {
		struct adoption adoption = {.order = order.id,
		                            .from_us = 0,
		                            .until_us = SCHEMA_ABSENT,
		                            .answer = {.form = -1},
		                            .place = {.file = "f"}};
		struct organisation adopter = nobody;
		adopter.adoptions = (struct schema_list){.items = &adoption, .count = 1};
		compile(&adopter, NULL, &order);
	}
	if (organisation_read("f", text, &a, &p, &organisation) == OK)
		compile(&organisation, NULL, NULL);
	problems_done(&p);
	arena_done(&a);
	return 0;
}
