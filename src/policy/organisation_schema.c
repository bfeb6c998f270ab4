#include "policy/organisation_schema.h"

#define ROW(struct_, member, ...)                                       \
	{                                                               \
		.offset = offsetof(struct struct_, member), __VA_ARGS__ \
	}

const char *const adoption_mode_names[] = {"enforce", "observe", NULL};
static const char *const answer_names[] = {"by-order", "blocked", "censored", "filtered", NULL};
static const char *const decision_names[] = {"block", "allow", NULL};
static const char *const ech_names[] = {"keep", "strip", "strip-governed", NULL};
const char *const language_names[] = {"en", "zh-TW", NULL};
static const char *const format_names[] = {"auto",    "plain", "hosts", "adblock",
                                           "dnsmasq", "rpz",   NULL};

static const struct schema_field network_fields[] = {
	ROW(organisation_network, prefix, .name = "prefix", .type = SCHEMA_PREFIX,
            .flags = SCHEMA_REQUIRED,
            .help = "Addresses of clients, as 192.0.2.0/24 or 2001:db8::/32."),
	ROW(organisation_network, network_class, .name = "class", .type = SCHEMA_CHOICE,
            .choices = network_class_names, .default_text = "official",
            .help = "What kind of network it is."),
	{.name = NULL},
};
static const struct schema network_schema = {
	.name = "network",
	.size = sizeof(struct organisation_network),
	.fields = network_fields,
	.help = "A network whose clients are served.",
	.place_offset = offsetof(struct organisation_network, place),
};

static const struct schema_field unit_fields[] = {
	ROW(organisation_unit, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the unit."),
	ROW(organisation_unit, name, .name = "name", .type = SCHEMA_TEXT,
            .help = "Name for people."),
	ROW(organisation_unit, classes, .name = "classes", .type = SCHEMA_SET,
            .choices = organisation_class_names,
            .help = "Left out: the classes of the organisation."),
	ROW(organisation_unit, networks, .name = "networks", .type = SCHEMA_LIST,
            .child = &network_schema, .list_max = 10000, .help = "Its own networks."),
	{.name = NULL},
};
static const struct schema unit_schema = {
	.name = "unit",
	.size = sizeof(struct organisation_unit),
	.fields = unit_fields,
	.help = "A part of the organisation: a department, a site, a class room.",
	.place_offset = offsetof(struct organisation_unit, place),
};

static const struct schema_field decision_fields[] = {
	ROW(adoption_decision, facet, .name = "facet", .type = SCHEMA_CHOICE,
            .choices = facet_names, .flags = SCHEMA_REQUIRED,
            .help = "A facet on which the order is silent."),
	ROW(adoption_decision, verdict, .name = "verdict", .type = SCHEMA_CHOICE,
            .choices = decision_names, .flags = SCHEMA_REQUIRED,
            .help = "What the organisation decides."),
	ROW(adoption_decision, reason, .name = "reason", .type = SCHEMA_TEXT,
            .flags = SCHEMA_REQUIRED, .help = "Why; it goes into the evidence."),
	{.name = NULL},
};
static const struct schema decision_schema = {
	.name = "decision",
	.size = sizeof(struct adoption_decision),
	.fields = decision_fields,
	.help = "A decision where the order is silent.",
	.place_offset = offsetof(struct adoption_decision, place),
};

static const struct schema_field adoption_fields[] = {
	ROW(adoption, order, .name = "order", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "An order of the catalogue."),
	ROW(adoption, from_us, .name = "from", .type = SCHEMA_WHEN,
            .help = "Left out: from the day on which the order takes effect."),
	ROW(adoption, until_us, .name = "until", .type = SCHEMA_WHEN,
            .help = "Left out: while the order stands."),
	ROW(adoption, mode, .name = "mode", .type = SCHEMA_CHOICE, .choices = adoption_mode_names,
            .default_text = "enforce",
            .help = "enforce acts; observe records what would be blocked."),
	ROW(adoption, voluntary, .name = "voluntary", .type = SCHEMA_BOOL, .default_text = "no",
            .help = "Adopt it although it does not bind this organisation; reports say so."),
	ROW(adoption, raise_should, .name = "raise_should", .type = SCHEMA_BOOL,
            .default_text = "no", .help = "Treat what it recommends as what it demands."),
	ROW(adoption, answer, .name = "answer", .type = SCHEMA_CHOICE, .choices = answer_names,
            .default_text = "by-order",
            .help = "Extended DNS error of its blocks; by-order: censored where an authority demands it, blocked "
                    "where the organisation chose it."),
	ROW(adoption, units, .name = "units", .type = SCHEMA_LIST, .item = &schema_id,
            .list_max = 10000, .help = "Units it is adopted for; left out: all."),
	ROW(adoption, decisions, .name = "decisions", .type = SCHEMA_LIST,
            .child = &decision_schema, .list_max = FACET_COUNT,
            .help = "Decisions where the order is silent."),
	{.name = NULL},
};
const struct schema adoption_schema = {
	.name = "adoption",
	.size = sizeof(struct adoption),
	.fields = adoption_fields,
	.help = "An order that this organisation puts in force.",
	.place_offset = offsetof(struct adoption, place),
};

static const struct schema_field approval_fields[] = {
	ROW(exemption_approval, role, .name = "role", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "The office, as the order's chain names it."),
	ROW(exemption_approval, by, .name = "by", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Who approved."),
	ROW(exemption_approval, at_us, .name = "at", .type = SCHEMA_WHEN, .flags = SCHEMA_REQUIRED,
            .help = "When."),
	{.name = NULL},
};
static const struct schema approval_schema = {
	.name = "approval",
	.size = sizeof(struct exemption_approval),
	.fields = approval_fields,
	.help = "One approval.",
	.place_offset = offsetof(struct exemption_approval, place),
};

static const struct schema_field exemption_fields[] = {
	ROW(exemption, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the exemption."),
	ROW(exemption, order, .name = "order", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "The order that permits it; every other order keeps its own chain."),
	ROW(exemption, product, .name = "product", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "The product."),
	ROW(exemption, facets, .name = "facets", .type = SCHEMA_SET, .choices = facet_names,
            .help = "Left out: all."),
	ROW(exemption, units, .name = "units", .type = SCHEMA_LIST, .item = &schema_id,
            .help = "Units it is for."),
	ROW(exemption, clients, .name = "clients", .type = SCHEMA_LIST, .item = &schema_prefix,
            .list_max = 1000, .help = "Single addresses or networks it is for."),
	ROW(exemption, reason, .name = "reason", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Why."),
	ROW(exemption, approvals, .name = "approvals", .type = SCHEMA_LIST,
            .child = &approval_schema, .help = "Every step of the order's chain, in its sequence."),
	ROW(exemption, conditions, .name = "conditions", .type = SCHEMA_LIST, .item = &schema_id,
            .help = "The order's conditions that are met."),
	ROW(exemption, not_before_us, .name = "not_before", .type = SCHEMA_WHEN,
            .flags = SCHEMA_REQUIRED, .help = "From when."),
	ROW(exemption, not_after_us, .name = "not_after", .type = SCHEMA_WHEN,
            .flags = SCHEMA_REQUIRED, .help = "Until when."),
	{.name = NULL},
};
const struct schema exemption_schema = {
	.name = "exemption",
	.size = sizeof(struct exemption),
	.fields = exemption_fields,
	.help = "A permission that an order allows.",
	.place_offset = offsetof(struct exemption, place),
};

static const struct schema_field list_fields[] = {
	ROW(list_product, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the list."),
	ROW(list_product, title, .name = "title", .type = SCHEMA_TEXT, .help = "Name for people."),
	ROW(list_product, file, .name = "file", .type = SCHEMA_TEXT, .min = 1,
            .flags = SCHEMA_REQUIRED, .help = "Where it lies, from this file's folder."),
	ROW(list_product, format, .name = "format", .type = SCHEMA_CHOICE, .choices = format_names,
            .default_text = "auto", .help = "How it is written."),
	ROW(list_product, sha256, .name = "sha256", .type = SCHEMA_TEXT, .min = 64, .max = 64,
            .help = "Pin: the file is refused when its SHA-256 is another."),
	ROW(list_product, mode, .name = "mode", .type = SCHEMA_CHOICE,
            .choices = adoption_mode_names, .default_text = "enforce",
            .help = "As for an adoption."),
	ROW(list_product, reason, .name = "reason", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Why the organisation blocks it; people who meet the block read this."),
	ROW(list_product, units, .name = "units", .type = SCHEMA_LIST, .item = &schema_id,
            .help = "Units it is for; left out: all."),
	{.name = NULL},
};
const struct schema list_product_schema = {
	.name = "list",
	.size = sizeof(struct list_product),
	.fields = list_fields,
	.help = "A public list of names under a rule of the organisation's own.",
	.place_offset = offsetof(struct list_product, place),
};

static const struct schema_field organisation_fields[] = {
	ROW(organisation, id, .name = "organisation", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Short name; it names the evidence log."),
	ROW(organisation, name, .name = "name", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Name for people."),
	ROW(organisation, jurisdiction, .name = "jurisdiction", .type = SCHEMA_TEXT, .min = 2,
            .max = 8, .flags = SCHEMA_REQUIRED,
            .help = "ISO 3166 code, as in orders: TW, CZ, US, US-TX."),
	ROW(organisation, classes, .name = "classes", .type = SCHEMA_SET,
            .choices = organisation_class_names, .flags = SCHEMA_REQUIRED,
            .help = "What kind of body it is."),
	ROW(organisation, contact, .name = "contact", .type = SCHEMA_TEXT, .min = 3, .max = 120,
            .flags = SCHEMA_REQUIRED,
            .help = "Whom people ask who meet a block; it stands in every refusal."),
	ROW(organisation, language, .name = "language", .type = SCHEMA_CHOICE,
            .choices = language_names, .default_text = "en",
            .help = "Language of refusals; the command line speaks English."),
	ROW(organisation, strip_ech, .name = "ech", .type = SCHEMA_CHOICE, .choices = ech_names,
            .default_text = "keep",
            .help = "Whether HTTPS records lose their Encrypted Client Hello keys: keep, strip (all names), or "
                    "strip-governed (names of governed products)."),
	ROW(organisation, networks, .name = "networks", .type = SCHEMA_LIST,
            .child = &network_schema, .list_max = 10000,
            .help = "Networks of the organisation at large; only known networks are served."),
	ROW(organisation, units, .name = "units", .type = SCHEMA_LIST, .child = &unit_schema,
            .list_max = 10000, .help = "Its parts."),
	ROW(organisation, alternatives, .name = "alternatives", .type = SCHEMA_LIST,
            .item = &schema_text, .list_max = 64,
            .help = "Approved products that people can use instead; `writ check` names them beside a block."),
	ROW(organisation, adoptions, .name = "adoptions", .type = SCHEMA_LIST,
            .child = &adoption_schema, .list_max = 1000, .help = "Orders put in force."),
	ROW(organisation, exemptions, .name = "exemptions", .type = SCHEMA_LIST,
            .child = &exemption_schema, .list_max = 100000, .help = "Permissions in force."),
	ROW(organisation, lists, .name = "lists", .type = SCHEMA_LIST,
            .child = &list_product_schema, .list_max = 1000,
            .help = "Public lists of names that are blocked or observed as well."),
	{.name = NULL},
};
const struct schema organisation_schema = {
	.name = "organisation",
	.size = sizeof(struct organisation),
	.fields = organisation_fields,
	.help = "The body that adopts orders.",
	.place_offset = offsetof(struct organisation, place),
};
