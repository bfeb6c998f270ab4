#include "cmd/products.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/plural.h"
#include "cmd/open_catalogue.h"
#include "cmd/output.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"

const struct option products_list_options[] = {OPTION_JSON, OPTION_CATALOGUE, {0}};
const struct option products_show_options[] = {
	OPTION_JSON,
	{"--facet", "FACET", "Only identifiers of this facet."},
	{"--role", "ROLE", "Only dedicated, shared or supporting identifiers."},
	OPTION_CATALOGUE,
	{0},
};
const struct option products_check_options[] = {OPTION_CATALOGUE, {0}};

static size_t count_role(const struct product *p, int role)
{
	const struct product_identifier *all = p->identifiers.items;
	size_t count = 0;
	for (size_t i = 0; i < p->identifiers.count; i++)
		count += all[i].role == role;
	return count;
}

static void facets_text(uint64_t facets, struct buffer *out)
{
	for (unsigned f = 0; f < FACET_COUNT; f++) {
		if (facets >> f & 1)
			buffer_printf(out, "%s%s", out->size ? "," : "", facet_names[f]);
	}
	buffer_add(out, "", 1);
}

static void list_json(const struct catalogue *c, struct json_writer *j)
{
	json_array_begin(j, NULL);
	for (size_t i = 0; i < c->product_count; i++) {
		const struct product *p = &c->products[i];
		char date[TIMESTAMP_TEXT_SIZE];
		json_object_begin(j, NULL);
		json_text(j, "product", p->id);
		json_text(j, "title", p->title);
		json_text(j, "vendor", p->vendor);
		json_int(j, "identifiers", (int64_t)p->identifiers.count);
		for (int role = 0; role < ROLE_COUNT; role++)
			json_int(j, role_names[role], (int64_t)count_role(p, role));
		json_text(j, "collected", timestamp_print_date(p->collected_us, date));
		json_object_end(j);
	}
	json_array_end(j);
}

static void list_table(const struct catalogue *c)
{
	static const char *const titles[] = {"PRODUCT", "TITLE",      "IDENTIFIERS", "DEDICATED",
	                                     "SHARED",  "SUPPORTING", "COLLECTED",   NULL};
	struct table t;
	table_init(&t, titles);
	for (size_t i = 0; i < c->product_count; i++) {
		const struct product *p = &c->products[i];
		char date[TIMESTAMP_TEXT_SIZE];
		table_add(&t, p->id);
		table_add(&t, p->title);
		table_printf(&t, "%zu", p->identifiers.count);
		for (int role = 0; role < ROLE_COUNT; role++)
			table_printf(&t, "%zu", count_role(p, role));
		table_add(&t, timestamp_print_date(p->collected_us, date));
	}
	table_print(&t, stdout);
}

static int list(const struct args *a, const struct catalogue *c)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	if (!args_has(a, "--json")) {
		list_table(c);
		return EXIT_STATUS_OK;
	}
	list_json(c, &j);
	return output_json(&out);
}

int cmd_products_list(const struct command *c, int argc, char **argv)
{
	return with_catalogue(c, argc, argv, list);
}

static int find_word(const char *const *words, const char *word)
{
	for (int i = 0; word && words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

/* Which identifiers of a product a command shows. */
struct filter {
	int facet, role; /* -1: all */
};

static bool passes(const struct filter *f, const struct product_identifier *i)
{
	return (f->facet < 0 || i->facets >> f->facet & 1) && (f->role < 0 || i->role == f->role);
}

static void json_sources(struct json_writer *j, const struct product *p,
                         const struct product_identifier *i)
{
	const char *const *ids = i->sources.items;
	json_array_begin(j, "sources");
	for (size_t k = 0; k < i->sources.count; k++) {
		const struct product_source *s = product_source_find(p, ids[k]);
		json_object_begin(j, NULL);
		json_text(j, "id", s->id);
		json_text(j, "cite", s->cite);
		json_text(j, "note", s->note);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_identifier(struct json_writer *j, const struct product *p,
                            const struct product_identifier *i)
{
	json_object_begin(j, NULL);
	json_text(j, "id", i->id);
	json_array_begin(j, "facets");
	for (unsigned f = 0; f < FACET_COUNT; f++) {
		if (i->facets >> f & 1)
			json_text(j, NULL, facet_names[f]);
	}
	json_array_end(j);
	json_text(j, "kind", identifier_kinds[i->kind].name);
	json_text(j, "value", i->value);
	json_text(j, "match", match_names[i->match]);
	json_text(j, "role", role_names[i->role]);
	json_text(j, "confidence", confidence_names[i->confidence]);
	json_text(j, "status", presence_names[i->presence]);
	json_time(j, "first_seen", i->first_seen_us);
	json_time(j, "last_seen", i->last_seen_us);
	output_json_texts(j, "providers", &i->providers);
	json_text(j, "note", i->note);
	json_sources(j, p, i);
	json_object_end(j);
}

static int show_json(const struct product *p, const struct filter *filter)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	const struct product_identifier *all = p->identifiers.items;
	const struct product_refusal *refusals = p->not_identifiers.items;
	json_object_begin(&j, NULL);
	json_text(&j, "product", p->id);
	json_text(&j, "title", p->title);
	json_text(&j, "vendor", p->vendor);
	json_time(&j, "collected", p->collected_us);
	json_array_begin(&j, "identifiers");
	for (size_t i = 0; i < p->identifiers.count; i++) {
		if (passes(filter, &all[i]))
			json_identifier(&j, p, &all[i]);
	}
	json_array_end(&j);
	json_array_begin(&j, "not_identifiers");
	for (size_t i = 0; i < p->not_identifiers.count; i++) {
		json_object_begin(&j, NULL);
		output_json_texts(&j, "values", &refusals[i].values);
		json_text(&j, "reason", refusals[i].reason);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	return output_json(&out);
}

static void show_identifiers(const struct product *p, const struct filter *filter)
{
	static const char *const titles[] = {"ID",   "FACETS",     "KIND",   "VALUE", "MATCH",
	                                     "ROLE", "CONFIDENCE", "SOURCE", NULL};
	const struct product_identifier *all = p->identifiers.items;
	struct table t;
	table_init(&t, titles);
	for (size_t i = 0; i < p->identifiers.count; i++) {
		const char *const *sources = all[i].sources.items;
		struct buffer facets = {0};
		if (!passes(filter, &all[i]))
			continue;
		facets_text(all[i].facets, &facets);
		table_add(&t, all[i].id);
		table_add(&t, (const char *)facets.bytes);
		table_add(&t, identifier_kinds[all[i].kind].name);
		table_add(&t, all[i].value);
		table_add(&t, match_names[all[i].match]);
		table_add(&t, role_names[all[i].role]);
		table_add(&t, confidence_names[all[i].confidence]);
		table_add(&t, sources[0]);
		buffer_done(&facets);
	}
	table_print(&t, stdout);
}

static int show_table(const struct product *p, const struct filter *filter)
{
	const struct product_source *sources = p->sources.items;
	const struct product_refusal *refusals = p->not_identifiers.items;
	char date[TIMESTAMP_TEXT_SIZE];
	printf("%s (%s)\n", p->title, p->id);
	print_wrapped(stdout, 2, p->vendor);
	printf("  collected %s\n\n", timestamp_print_date(p->collected_us, date));
	show_identifiers(p, filter);
	printf("\nsources\n");
	for (size_t i = 0; i < p->sources.count; i++) {
		printf("  %s%s%s\n", sources[i].id, sources[i].cite ? "  " : "",
		       sources[i].cite ? sources[i].cite : "");
		if (sources[i].note)
			print_wrapped(stdout, 6, sources[i].note);
	}
	printf("\nnever used as identifiers\n");
	for (size_t i = 0; i < p->not_identifiers.count; i++) {
		const char *const *values = refusals[i].values.items;
		for (size_t k = 0; k < refusals[i].values.count; k++)
			printf("%s%s", k ? ", " : "  ", values[k]);
		fputc('\n', stdout);
		print_wrapped(stdout, 6, refusals[i].reason);
	}
	return EXIT_STATUS_OK;
}

static int show(const struct args *a, const struct catalogue *c)
{
	const struct product *p = catalogue_product(c, a->rest[0]);
	struct filter filter = {find_word(facet_names, args_value(a, "--facet")),
	                        find_word(role_names, args_value(a, "--role"))};
	if (!p)
		return command_usage(a->command, "no such product in the catalogue", a->rest[0]);
	if (args_has(a, "--facet") && filter.facet < 0)
		return command_usage(a->command, "no such facet", args_value(a, "--facet"));
	if (args_has(a, "--role") && filter.role < 0)
		return command_usage(a->command, "no such role", args_value(a, "--role"));
	return args_has(a, "--json") ? show_json(p, &filter) : show_table(p, &filter);
}

int cmd_products_show(const struct command *c, int argc, char **argv)
{
	return with_catalogue(c, argc, argv, show);
}

static int check(const struct args *a, const struct catalogue *c)
{
	size_t identifiers = 0;
	(void)a;
	for (size_t i = 0; i < c->product_count; i++)
		identifiers += c->products[i].identifiers.count;
	printf("%zu product%s with %zu identifier%s %s well-formed\n", c->product_count,
	       plural_s(c->product_count), identifiers, plural_s(identifiers),
	       plural(c->product_count, "is", "are"));
	return EXIT_STATUS_OK;
}

int cmd_products_check(const struct command *c, int argc, char **argv)
{
	return with_catalogue(c, argc, argv, check);
}
