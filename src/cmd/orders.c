#include "cmd/orders.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/plural.h"
#include "cmd/open_catalogue.h"
#include "cmd/order_show.h"
#include "cmd/output.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"

const struct option orders_list_options[] = {
	OPTION_JSON,
	{"--jurisdiction", "CODE", "Only orders of this country or state."},
	{"--product", "PRODUCT", "Only orders that restrict this product."},
	OPTION_CATALOGUE,
	{0},
};
const struct option orders_show_options[] = {OPTION_JSON, OPTION_CATALOGUE, {0}};
const struct option orders_check_options[] = {OPTION_CATALOGUE, {0}};

static bool names_product(const struct order *o, const char *product)
{
	const char *const *ids = o->products.items;
	for (size_t i = 0; i < o->products.count; i++) {
		if (strcmp(ids[i], product) == 0)
			return true;
	}
	return false;
}

static bool passes(const struct args *a, const struct order *o)
{
	const char *jurisdiction = args_value(a, "--jurisdiction"),
		   *product = args_value(a, "--product");
	return (!jurisdiction || strcmp(o->jurisdiction, jurisdiction) == 0) &&
	       (!product || names_product(o, product));
}

/* The strongest force among the obligations. */
static const char *strongest(const struct order *o)
{
	const struct order_obligation *all = o->obligations.items;
	int force = FORCE_COUNT;
	for (size_t i = 0; i < o->obligations.count; i++)
		force = all[i].force < force ? all[i].force : force;
	return force == FORCE_COUNT ? NULL : force_names[force];
}

static void list_json(const struct args *a, const struct catalogue *c, struct json_writer *j)
{
	json_array_begin(j, NULL);
	for (size_t i = 0; i < c->order_count; i++) {
		const struct order *o = &c->orders[i];
		const char *const *products = o->products.items;
		if (!passes(a, o))
			continue;
		json_object_begin(j, NULL);
		json_text(j, "order", o->id);
		json_text(j, "jurisdiction", o->jurisdiction);
		json_text(j, "issuer", o->issuer);
		json_text(j, "title", o->title);
		json_text(j, "number", o->number);
		json_text(j, "type", order_type_names[o->type]);
		json_text(j, "status", order_status_names[o->status]);
		json_time(j, "announced", o->announced_us);
		json_time(j, "effective", o->effective_us);
		json_time(j, "ended", o->ended_us);
		json_text(j, "force", strongest(o));
		json_array_begin(j, "products");
		for (size_t k = 0; k < o->products.count; k++)
			json_text(j, NULL, products[k]);
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

static void list_table(const struct args *a, const struct catalogue *c)
{
	static const char *const titles[] = {"ORDER", "FROM",  "ENDED", "STATUS",
	                                     "FORCE", "TITLE", NULL};
	struct table t;
	table_init(&t, titles);
	for (size_t i = 0; i < c->order_count; i++) {
		const struct order *o = &c->orders[i];
		char date[TIMESTAMP_TEXT_SIZE];
		if (!passes(a, o))
			continue;
		table_add(&t, o->id);
		table_add(&t, order_date_text(o->effective_us == SCHEMA_UNKNOWN ? o->announced_us
		                                                                : o->effective_us,
		                              date));
		table_add(&t, order_date_text(o->ended_us, date));
		table_add(&t, order_status_names[o->status]);
		table_add(&t, strongest(o));
		table_add(&t, o->title);
	}
	table_print(&t, stdout);
}

static int list(const struct args *a, const struct catalogue *c)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	if (!args_has(a, "--json")) {
		list_table(a, c);
		return EXIT_STATUS_OK;
	}
	list_json(a, c, &j);
	return output_json(&out);
}

int cmd_orders_list(const struct command *c, int argc, char **argv)
{
	return with_catalogue(c, argc, argv, list);
}

static int show(const struct args *a, const struct catalogue *c)
{
	const struct order *o = catalogue_order(c, a->rest[0]);
	struct buffer out = {0};
	if (!o)
		return command_usage(a->command, "no such order in the catalogue", a->rest[0]);
	if (!args_has(a, "--json")) {
		order_show(o, stdout);
		return EXIT_STATUS_OK;
	}
	order_show_json(o, &out);
	return output_json(&out);
}

int cmd_orders_show(const struct command *c, int argc, char **argv)
{
	return with_catalogue(c, argc, argv, show);
}

static int check(const struct args *a, const struct catalogue *c)
{
	size_t obligations = 0;
	(void)a;
	for (size_t i = 0; i < c->order_count; i++)
		obligations += c->orders[i].obligations.count;
	printf("%zu order%s with %zu obligation%s %s well-formed\n", c->order_count,
	       plural_s(c->order_count), obligations, plural_s(obligations),
	       plural(c->order_count, "is", "are"));
	return EXIT_STATUS_OK;
}

int cmd_orders_check(const struct command *c, int argc, char **argv)
{
	return with_catalogue(c, argc, argv, check);
}
