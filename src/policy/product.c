#include "policy/product.h"

#include <string.h>

#include "base/address.h"
#include "policy/unique.h"
#include "wire/dname.h"

#define ROW(struct_, member, ...)                                       \
	{                                                               \
		.offset = offsetof(struct struct_, member), __VA_ARGS__ \
	}

static const struct schema_field source_fields[] = {
	ROW(product_source, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name that identifiers give."),
	ROW(product_source, cite, .name = "cite", .type = SCHEMA_TEXT,
            .help = "Address that others can open; left out where there is none."),
	ROW(product_source, note, .name = "note", .type = SCHEMA_TEXT, .help = "What was read."),
	{.name = NULL},
};
static const struct schema source_schema = {
	.name = "source",
	.size = sizeof(struct product_source),
	.fields = source_fields,
	.help = "A source that identifiers name.",
	.place_offset = offsetof(struct product_source, place),
};

static const struct schema_field identifier_fields[] = {
	ROW(product_identifier, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the identifier."),
	ROW(product_identifier, facets, .name = "facets", .type = SCHEMA_SET,
            .choices = facet_names, .flags = SCHEMA_REQUIRED,
            .help = "Ways of reaching an organisation that it marks."),
	ROW(product_identifier, kind, .name = "kind", .type = SCHEMA_CHOICE,
            .choices = identifier_kind_names, .flags = SCHEMA_REQUIRED, .help = "What it is."),
	ROW(product_identifier, value, .name = "value", .type = SCHEMA_TEXT, .min = 1, .max = 4096,
            .flags = SCHEMA_REQUIRED, .help = "The mark itself."),
	ROW(product_identifier, match, .name = "match", .type = SCHEMA_CHOICE,
            .choices = match_names, .default_text = "exact", .help = "How it is compared."),
	ROW(product_identifier, role, .name = "role", .type = SCHEMA_CHOICE, .choices = role_names,
            .flags = SCHEMA_REQUIRED, .help = "Whether it marks the product alone."),
	ROW(product_identifier, confidence, .name = "confidence", .type = SCHEMA_CHOICE,
            .choices = confidence_names, .flags = SCHEMA_REQUIRED, .help = "How sure it is."),
	ROW(product_identifier, presence, .name = "status", .type = SCHEMA_CHOICE,
            .choices = presence_names, .default_text = "current",
            .help = "Whether it is still in use."),
	ROW(product_identifier, is_canary, .name = "canary", .type = SCHEMA_BOOL,
            .default_text = "no",
            .help = "A name that clients ask before they leave the network's resolver; that it does not exist "
                    "keeps them."),
	ROW(product_identifier, first_seen_us, .name = "first_seen", .type = SCHEMA_DATE,
            .help = "First date on which it was seen."),
	ROW(product_identifier, last_seen_us, .name = "last_seen", .type = SCHEMA_DATE,
            .help = "Last date on which it was seen."),
	ROW(product_identifier, sources, .name = "sources", .type = SCHEMA_LIST,
            .item = &schema_text, .min = 1, .list_max = 64, .flags = SCHEMA_REQUIRED,
            .help = "Sources, by id."),
	ROW(product_identifier, providers, .name = "providers", .type = SCHEMA_LIST,
            .item = &schema_text, .list_max = 256, .help = "Who hosts a model of that id."),
	ROW(product_identifier, note, .name = "note", .type = SCHEMA_TEXT,
            .help = "What one should know."),
	{.name = NULL},
};
static const struct schema identifier_schema = {
	.name = "identifier",
	.size = sizeof(struct product_identifier),
	.fields = identifier_fields,
	.help = "One technical mark.",
	.place_offset = offsetof(struct product_identifier, place),
};

static const struct schema_field refusal_fields[] = {
	ROW(product_refusal, values, .name = "values", .type = SCHEMA_LIST, .item = &schema_text,
            .min = 1, .flags = SCHEMA_REQUIRED, .help = "Values that must not be used."),
	ROW(product_refusal, reason, .name = "reason", .type = SCHEMA_TEXT,
            .flags = SCHEMA_REQUIRED, .help = "Why."),
	{.name = NULL},
};
static const struct schema refusal_schema = {
	.name = "refusal",
	.size = sizeof(struct product_refusal),
	.fields = refusal_fields,
	.help = "Values seen next to the product that mark something else.",
	.place_offset = offsetof(struct product_refusal, place),
};

static const struct schema_field product_fields[] = {
	ROW(product, id, .name = "product", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the product; the file's name."),
	ROW(product, title, .name = "title", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Name for people."),
	ROW(product, vendor, .name = "vendor", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Who makes it, with its group."),
	ROW(product, collected_us, .name = "collected", .type = SCHEMA_DATE,
            .flags = SCHEMA_REQUIRED, .help = "When the facts were gathered."),
	ROW(product, sources, .name = "sources", .type = SCHEMA_LIST, .child = &source_schema,
            .help = "Every source that an identifier names."),
	ROW(product, identifiers, .name = "identifiers", .type = SCHEMA_LIST,
            .child = &identifier_schema, .flags = SCHEMA_REQUIRED, .min = 1, .help = "The marks."),
	ROW(product, not_identifiers, .name = "not_identifiers", .type = SCHEMA_LIST,
            .child = &refusal_schema, .help = "What looks like a mark and is none."),
	{.name = NULL},
};
const struct schema product_schema = {
	.name = "product",
	.size = sizeof(struct product),
	.fields = product_fields,
	.help = "What is restricted, with every mark by which it can be recognised.",
	.place_offset = offsetof(struct product, place),
};

const struct product_source *product_source_find(const struct product *p, const char *id)
{
	const struct product_source *all = p->sources.items;
	for (size_t i = 0; i < p->sources.count; i++) {
		if (strcmp(all[i].id, id) == 0)
			return &all[i];
	}
	return NULL;
}

static void problem_at(struct problems *p, struct config_place at, const char *what,
                       const char *value, const char *expected)
{
	problem_add(p, at.file, at.line, at.column, "%s \"%s\", expected %s", what, value,
	            expected);
}

/* A value must be readable as what its kind says, and its match rule must make sense for that. */
static void check_value(const struct product_identifier *i, struct problems *p)
{
	struct config_place at = config_place_of(&identifier_schema, i, "value");
	struct dname name;
	struct prefix prefix;
	if (i->is_canary && identifier_kinds[i->kind].group != GROUP_NAME)
		problem_at(p, at, "canary", i->value, "a domain name");
	switch (identifier_kinds[i->kind].group) {
	case GROUP_NAME:
	case GROUP_ALIAS:
		if (dname_parse_text(view_text(i->value), &name) < 0 || name.labels == 0)
			problem_at(p, at, "value", i->value, "a domain name");
		if (i->match != MATCH_EXACT && i->match != MATCH_SUFFIX)
			problem_at(p, config_place_of(&identifier_schema, i, "match"), "match",
			           match_names[i->match], "exact or suffix for a name");
		break;
	case GROUP_ADDRESS:
		if (prefix_parse(view_text(i->value), &prefix) < 0)
			problem_at(p, at, "value", i->value, "an IPv4 or IPv6 address or prefix");
		break;
	default:
		if (i->match == MATCH_SUFFIX)
			problem_at(p, config_place_of(&identifier_schema, i, "match"), "match",
			           "suffix", "another rule: suffix is for names");
	}
}

static void check_identifier(const struct product *product, const struct product_identifier *i,
                             struct problems *p)
{
	const char *const *sources = i->sources.items;
	for (size_t k = 0; k < i->sources.count; k++) {
		if (!product_source_find(product, sources[k]))
			problem_at(p, config_place_of(&identifier_schema, i, "sources"), "source",
			           sources[k], "the id of a source of this file");
	}
	if (i->first_seen_us != SCHEMA_ABSENT && i->last_seen_us != SCHEMA_ABSENT &&
	    i->first_seen_us > i->last_seen_us)
		problem_at(p, config_place_of(&identifier_schema, i, "last_seen"), "last_seen of",
		           i->id, "a date not before first_seen");
	check_value(i, p);
}

int product_read(const char *file, struct view text, struct arena *a, struct problems *p,
                 struct product *ret)
{
	struct product product;
	size_t before = p->count;
	int r = schema_read(&product_schema, file, text, a, p, &product);
	if (r < 0)
		return r;
	unique_ids(&product.sources, sizeof(struct product_source),
	           offsetof(struct product_source, id), offsetof(struct product_source, place),
	           "source", p);
	unique_ids(&product.identifiers, sizeof(struct product_identifier),
	           offsetof(struct product_identifier, id),
	           offsetof(struct product_identifier, place), "identifier", p);
	const struct product_identifier *all = product.identifiers.items;
	for (size_t i = 0; i < product.identifiers.count; i++)
		check_identifier(&product, &all[i], p);
	if (p->count != before)
		return ERR_INVALID;
	*ret = product;
	return OK;
}
