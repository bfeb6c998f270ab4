/* catalogue.h - all orders and products: from a folder, or as built into the program.
 *
 * Owns:    everything read lives in the catalogue until catalogue_done().
 * Fails:   every problem of every file is added; one bad file makes the whole load ERR_INVALID. */
#pragma once

#include "base/arena.h"
#include "policy/order.h"
#include "policy/product.h"

struct catalogue {
	struct product *products; /* by id */
	size_t product_count;
	struct order *orders; /* by id */
	size_t order_count;
	struct arena arena;
};

/* `folder` holds products/ and orders/; NULL is the catalogue that was built in.
 * ERR_INVALID with problems, -errno of the folder, -ENOMEM. */
int catalogue_load(const char *folder, struct catalogue *ret, struct problems *p) must_check;
void catalogue_done(struct catalogue *c);

const struct product *catalogue_product(const struct catalogue *c, const char *id);
const struct order *catalogue_order(const struct catalogue *c, const char *id);
