#include "cmd/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/plural.h"
#include "cmd/entry_find.h"
#include "cmd/open_catalogue.h"
#include "cmd/output.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"
#include "record/merkle.h"

const struct option why_options[] = {OPTION_JSON, OPTION_CONFIG, OPTION_CATALOGUE, {0}};

const char why_text[] = "EVENT is the number of an entry, or the reference that a refusal showed.";

/* What an event's ids lead to in the catalogue; NULL where it is the organisation's own list. */
struct chain {
	const struct order *order;
	const struct order_obligation *obligation;
	const struct product *product;
	const struct product_identifier *identifier;
};

static const char *text_of(const struct entry *e, const char *key, struct arena *a)
{
	const char *text = entry_text(e, key, a);
	return text ? text : "";
}

static void follow(const struct catalogue *c, const struct entry *e, struct arena *a,
                   struct chain *ret)
{
	*ret = (struct chain){.order = catalogue_order(c, text_of(e, "order", a)),
	                      .product = catalogue_product(c, text_of(e, "product", a))};
	size_t number = strtoul(text_of(e, "obligation", a), NULL, 10);
	if (ret->order && number >= 1 && number <= ret->order->obligations.count)
		ret->obligation =
			(const struct order_obligation *)ret->order->obligations.items + number - 1;
	const struct product_identifier *all =
		ret->product ? ret->product->identifiers.items : NULL;
	for (size_t i = 0; all && i < ret->product->identifiers.count; i++) {
		if (strcmp(all[i].id, text_of(e, "identifier", a)) == 0)
			ret->identifier = &all[i];
	}
}

static void print_clause(const struct chain *k, const struct entry *e, struct arena *a)
{
	printf("order       %s\n", text_of(e, "order", a));
	if (!k->order) {
		printf("            a rule of the organisation's own\n");
		return;
	}
	print_wrapped(stdout, 12, k->order->title);
	printf("            %s, number %s\n", k->order->issuer, k->order->number);
	if (!k->obligation)
		return;
	const struct order_source *s = order_source_find(k->order, k->obligation->source);
	printf("obligation  %lld. %s %s, clause: %s\n", (long long)k->obligation->number,
	       force_names[k->obligation->force], verbs[k->obligation->verb].name,
	       k->obligation->clause);
	print_wrapped(stdout, 12, k->obligation->text);
	printf("            %s\n", s->url ? s->url : s->note ? s->note : s->id);
}

static void print_mark(const struct chain *k, const struct entry *e, struct arena *a)
{
	printf("product     %s, facet %s\n",
	       k->product ? k->product->title : text_of(e, "product", a), text_of(e, "facet", a));
	printf("identifier  %s\n", text_of(e, "identifier", a));
	if (!k->identifier)
		return;
	const char *const *ids = k->identifier->sources.items;
	printf("            %s %s (%s, %s)\n", identifier_kinds[k->identifier->kind].name,
	       k->identifier->value, match_names[k->identifier->match],
	       role_names[k->identifier->role]);
	for (size_t i = 0; i < k->identifier->sources.count; i++) {
		const struct product_source *s = product_source_find(k->product, ids[i]);
		print_wrapped(stdout, 12, s->cite ? s->cite : s->note ? s->note : s->id);
	}
}

static void print_event(const struct entry *e, struct arena *a)
{
	int64_t count = entry_int(e, "count", 1);
	printf("event       %s: %s %s, %s, %lld time%s\n", text_of(e, "verdict", a),
	       text_of(e, "name", a), text_of(e, "type", a), text_of(e, "reason", a),
	       (long long)count, plural_s((uint64_t)count));
	printf("            from %s to %s, gate %s over %s\n", text_of(e, "first", a),
	       text_of(e, "last", a), text_of(e, "gate", a), text_of(e, "transport", a));
	printf("            subject %s%s%s, reference %s\n", text_of(e, "subject", a),
	       *text_of(e, "unit", a) ? ", unit " : "", text_of(e, "unit", a),
	       text_of(e, "reference", a));
	printf("            policy %s\n", text_of(e, "policy", a));
}

static void print_place(struct evidence *v, const struct found_entry *found)
{
	struct merkle_hash leaf = merkle_leaf(buffer_view(&found->bytes));
	const struct checkpoint *c = log_reader_checkpoint(v->reader);
	printf("entry       %llu, hash ", (unsigned long long)found->number);
	for (size_t i = 0; i < sizeof(leaf.bytes); i++)
		printf("%02x", leaf.bytes[i]);
	if (c && found->number < c->size)
		printf("\ncheckpoint  of %llu %s, log " VIEW_FMT "\n", (unsigned long long)c->size,
		       plural(c->size, "entry", "entries"), VIEW_ARG(c->origin));
	else
		printf("\ncheckpoint  not yet; the journal holds it\n");
	printf("proof       writ log prove %llu\n", (unsigned long long)found->number);
}

static int show_json(const struct found_entry *found, const struct chain *k)
{
	struct buffer out = {0};
	const struct order_source *s =
		k->obligation ? order_source_find(k->order, k->obligation->source) : NULL;
	struct json_writer j = {.out = &out};
	json_object_begin(&j, NULL);
	json_int(&j, "entry", (int64_t)found->number);
	if (k->order) {
		json_text(&j, "order", k->order->id);
		json_text(&j, "order_title", k->order->title);
		json_text(&j, "issuer", k->order->issuer);
	}
	if (k->obligation) {
		json_int(&j, "obligation", k->obligation->number);
		json_text(&j, "clause", k->obligation->clause);
		json_text(&j, "obligation_text", k->obligation->text);
		json_text(&j, "source", s->url);
	}
	if (k->identifier)
		json_text(&j, "identifier", k->identifier->id);
	json_raw(&j, "value", buffer_view(&found->bytes));
	json_object_end(&j);
	return output_json(&out);
}

static int explain(struct evidence *v, const struct found_entry *found, const struct catalogue *c,
                   bool is_json)
{
	struct entry e;
	struct chain chain;
	const char *why = "";
	if (entry_parse(buffer_view(&found->bytes), &e, &why) < 0) {
		fprintf(stderr, "writ: entry %llu is damaged: %s\n",
		        (unsigned long long)found->number, why);
		return EXIT_STATUS_EVIDENCE;
	}
	if (e.kind != ENTRY_EVENT) {
		if (is_json)
			return show_json(found, &(struct chain){0});
		printf("entry       %llu is no event but: %s\n            " VIEW_FMT "\n",
		       (unsigned long long)found->number, entry_kinds[e.kind].help,
		       VIEW_ARG(e.data));
		print_place(v, found);
		return EXIT_STATUS_OK;
	}
	follow(c, &e, &v->arena, &chain);
	if (is_json)
		return show_json(found, &chain);
	print_clause(&chain, &e, &v->arena);
	print_mark(&chain, &e, &v->arena);
	print_event(&e, &v->arena);
	print_place(v, found);
	return EXIT_STATUS_OK;
}

int cmd_why(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e;
	struct catalogue catalogue;
	struct found_entry found = {0};
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = evidence_open(&a, &e);
	if (r)
		return r;
	r = entry_find(&e, a.rest[0], &found);
	if (r == EXIT_STATUS_OK)
		r = open_catalogue(&a, &catalogue);
	if (r == EXIT_STATUS_OK) {
		r = explain(&e, &found, &catalogue, args_has(&a, "--json"));
		catalogue_done(&catalogue);
	}
	buffer_done(&found.bytes);
	evidence_close(&e);
	return r;
}
