#include "policy/organisation_schema.h"

#include <string.h>

#include "policy/contact.h"
#include "policy/list_url.h"
#include "wire/dname.h"

#define ROW(struct_, member, ...)                                       \
	{                                                               \
		.offset = offsetof(struct struct_, member), __VA_ARGS__ \
	}

const char *const adoption_mode_names[] = {"enforce", "observe", NULL};
static const char *const error_names[] = {"by-order", "blocked", "censored", "filtered", NULL};
static const char *const decision_names[] = {"block", "allow", NULL};
static const char *const ech_names[] = {"keep", "strip", "strip-governed", NULL};
const char *const language_names[] = {"en", "zh-TW", NULL};
static const char *const format_names[] = {"auto",    "plain", "hosts", "adblock",
                                           "dnsmasq", "rpz",   NULL};

static int check_window(const void *value, const char **ret_expected)
{
	const struct window *w = value;
	*ret_expected = "`until` at another time than `from`, which may be on the next day";
	return w->from_us == w->until_us ? ERR_INVALID : OK;
}

static const struct schema_field window_fields[] = {
	ROW(window, days, .name = "days", .type = SCHEMA_SET, .choices = day_names,
            .default_text = "[mon, tue, wed, thu, fri, sat, sun]",
            .help = "Days on which it begins."),
	ROW(window, from_us, .name = "from", .type = SCHEMA_CLOCK, .max = DAY_US,
            .default_text = "00:00", .help = "Local time at which it begins."),
	ROW(window, until_us, .name = "until", .type = SCHEMA_CLOCK, .max = DAY_US,
            .default_text = "24:00",
            .help = "Local time at which it is over; before `from`: on the next day."),
	ROW(window, time_zone, .name = "time_zone", .type = SCHEMA_TEXT, .min = 1, .max = 64,
            .help = "Left out: the organisation's."),
	{.name = NULL},
};
const struct schema window_schema = {
	.name = "window",
	.size = sizeof(struct window),
	.fields = window_fields,
	.help = "A time of the week.",
	.place_offset = offsetof(struct window, place),
	.check = check_window,
};
#define WINDOWS_ROW(struct_)                                                                   \
	ROW(struct_, windows, .name = "windows", .type = SCHEMA_LIST, .child = &window_schema, \
	    .list_max = 64, .help = "Times of the week at which it holds; left out: always.")

static int check_target(const void *value, const char **ret_expected)
{
	struct dname name;
	const char *text = *(const char *const *)value;
	*ret_expected = "the name of a host";
	return text && (dname_parse_text(view_text(text), &name) < 0 || name.labels == 0)
	               ? ERR_INVALID
	               : OK;
}

static int check_addresses(const void *value, const char **ret_expected)
{
	const struct schema_list *list = value;
	const struct prefix *all = list->items;
	*ret_expected = "single addresses";
	for (size_t i = 0; i < list->count; i++) {
		if (all[i].bits != (all[i].family == ADDRESS_V4 ? 32 : 128))
			return ERR_INVALID;
	}
	return OK;
}

static int check_answer(const void *value, const char **ret_expected)
{
	const struct block_answer *a = value;
	*ret_expected = "one of form, cname, address";
	return (a->form >= 0) + (a->cname != NULL) + (a->addresses.count > 0) == 1 ? OK
	                                                                           : ERR_INVALID;
}

static int check_unit_answer(const void *value, const char **ret_expected)
{
	return check_answer(&((const struct organisation_answer *)value)->answer, ret_expected);
}

#define ANSWER_ROWS(struct_, before)                                                               \
	ROW(struct_, before form, .name = "form", .type = SCHEMA_CHOICE,                           \
	    .choices = block_form_names, .help = "As dns.block.form, which it stands in for."),    \
		ROW(struct_, before cname, .name = "cname", .type = SCHEMA_NAME,                   \
	            .check = check_target,                                                         \
	            .help = "An alias to this name, with its addresses: a page that explains, an " \
	                    "approved alternative."),                                              \
		ROW(struct_, before addresses, .name = "address", .type = SCHEMA_LIST,             \
	            .item = &schema_prefix, .list_max = 16, .check = check_addresses,              \
	            .help = "IPv4 and IPv6 addresses to answer with.")

static const struct schema_field answer_fields[] = {
	ANSWER_ROWS(block_answer, ),
	{.name = NULL},
};
static const struct schema answer_schema = {
	.name = "answer",
	.size = sizeof(struct block_answer),
	.fields = answer_fields,
	.help = "What a blocked name is answered with.",
	.place_offset = offsetof(struct block_answer, place),
	.check = check_answer,
};
#define ANSWER_ROW(struct_)                                                                    \
	ROW(struct_, answer, .name = "answer", .type = SCHEMA_STRUCT, .child = &answer_schema, \
	    .help = "What a name blocked by it is answered with; left out: see answers.")

static const struct schema_field unit_answer_fields[] = {
	ROW(organisation_answer, product, .name = "product", .type = SCHEMA_ID,
            .help = "A product of the catalogue, or a list of this file; left out: all."),
	ROW(organisation_answer, units, .name = "units", .type = SCHEMA_LIST, .item = &schema_id,
            .list_max = 10000, .help = "Units it is for; left out: all."),
	ANSWER_ROWS(organisation_answer, answer.),
	{.name = NULL},
};
const struct schema unit_answer_schema = {
	.name = "answer",
	.size = sizeof(struct organisation_answer),
	.fields = unit_answer_fields,
	.help = "What blocked names are answered with.",
	.place_offset = offsetof(struct organisation_answer, place),
	.check = check_unit_answer,
};

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
	ROW(adoption, error, .name = "error", .type = SCHEMA_CHOICE, .choices = error_names,
            .default_text = "by-order",
            .help = "Extended DNS error of its blocks; by-order: censored where an authority demands it, blocked "
                    "where the organisation chose it."),
	ROW(adoption, units, .name = "units", .type = SCHEMA_LIST, .item = &schema_id,
            .list_max = 10000, .help = "Units it is adopted for; left out: all."),
	ROW(adoption, decisions, .name = "decisions", .type = SCHEMA_LIST,
            .child = &decision_schema, .list_max = FACET_COUNT,
            .help = "Decisions where the order is silent."),
	WINDOWS_ROW(adoption),
	ANSWER_ROW(adoption),
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
	WINDOWS_ROW(exemption),
	{.name = NULL},
};
const struct schema exemption_schema = {
	.name = "exemption",
	.size = sizeof(struct exemption),
	.fields = exemption_fields,
	.help = "A permission that an order allows.",
	.place_offset = offsetof(struct exemption, place),
};

static const struct schema_field own_rule_fields[] = {
	ROW(own_rule, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the rule; events and refusals say own-NAME."),
	ROW(own_rule, title, .name = "title", .type = SCHEMA_TEXT, .help = "Name for people."),
	ROW(own_rule, product, .name = "product", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "A product of the catalogue."),
	ROW(own_rule, facets, .name = "facets", .type = SCHEMA_SET, .choices = facet_names,
            .help = "Left out: all."),
	ROW(own_rule, mode, .name = "mode", .type = SCHEMA_CHOICE, .choices = adoption_mode_names,
            .default_text = "enforce", .help = "As for an adoption."),
	ROW(own_rule, reason, .name = "reason", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Why the organisation blocks it; people who meet the block read this."),
	ROW(own_rule, from_us, .name = "from", .type = SCHEMA_WHEN, .help = "Left out: at once."),
	ROW(own_rule, until_us, .name = "until", .type = SCHEMA_WHEN,
            .help = "Left out: without end."),
	ROW(own_rule, units, .name = "units", .type = SCHEMA_LIST, .item = &schema_id,
            .list_max = 10000, .help = "Units it is for; left out: all."),
	ROW(own_rule, networks, .name = "networks", .type = SCHEMA_SET,
            .choices = network_class_names,
            .help = "Classes of networks it is for; left out: all."),
	WINDOWS_ROW(own_rule),
	ANSWER_ROW(own_rule),
	{.name = NULL},
};
const struct schema own_rule_schema = {
	.name = "rule",
	.size = sizeof(struct own_rule),
	.fields = own_rule_fields,
	.help = "A rule of the organisation's own on a product of the catalogue.",
	.place_offset = offsetof(struct own_rule, place),
};

static int check_sha256(const void *value, const char **ret_expected)
{
	const char *text = *(const char *const *)value;
	if (strspn(text, "0123456789abcdefABCDEF") == strlen(text))
		return OK;
	*ret_expected = "64 hexadecimal digits";
	return ERR_INVALID;
}

static int check_list(const void *value, const char **ret_expected)
{
	const struct list_product *l = value;
	*ret_expected = "either file or url";
	if (!l->file == !l->url)
		return ERR_INVALID;
	*ret_expected = "ca_file only beside url";
	if (l->ca_file && !l->url)
		return ERR_INVALID;
	return l->url ? list_url_check(l->url, l->sha256 != NULL, ret_expected) : OK;
}

static const struct schema_field list_fields[] = {
	ROW(list_product, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the list."),
	ROW(list_product, title, .name = "title", .type = SCHEMA_TEXT, .help = "Name for people."),
	ROW(list_product, file, .name = "file", .type = SCHEMA_TEXT, .min = 1,
            .help = "Where it lies, from this file's folder; or else `url`."),
	ROW(list_product, url, .name = "url", .type = SCHEMA_TEXT, .min = 1, .max = 2000,
            .help = "Where it is fetched from: https, or http on this machine or of content that sha256 pins. "
                    "The last good copy stays in force whatever the server does."),
	ROW(list_product, refresh_us, .name = "refresh", .type = SCHEMA_DURATION,
            .min = 60 * SECOND_US, .max = 90 * DAY_US, .default_text = "1 day",
            .help = "How often the server of `url` is asked for a newer one, give or take a tenth."),
	ROW(list_product, size_max, .name = "size_max", .type = SCHEMA_SIZE, .min = 1,
            .max = 1 << 30, .default_text = "64 MiB",
            .help = "What the server of `url` sends beyond this is refused."),
	ROW(list_product, ca_file, .name = "ca_file", .type = SCHEMA_TEXT, .min = 1,
            .help = "Certificates (PEM), from this file's folder, that the server of `url` is verified by instead "
                    "of those of the system."),
	ROW(list_product, format, .name = "format", .type = SCHEMA_CHOICE, .choices = format_names,
            .default_text = "auto", .help = "How it is written."),
	ROW(list_product, sha256, .name = "sha256", .type = SCHEMA_TEXT, .min = 64, .max = 64,
            .check = check_sha256, .help = "Pin: the list is refused when its SHA-256 is another."),
	ROW(list_product, mode, .name = "mode", .type = SCHEMA_CHOICE,
            .choices = adoption_mode_names, .default_text = "enforce",
            .help = "As for an adoption."),
	ROW(list_product, reason, .name = "reason", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Why the organisation blocks it; people who meet the block read this."),
	ROW(list_product, units, .name = "units", .type = SCHEMA_LIST, .item = &schema_id,
            .help = "Units it is for; left out: all."),
	WINDOWS_ROW(list_product),
	ANSWER_ROW(list_product),
	{.name = NULL},
};
const struct schema list_product_schema = {
	.name = "list",
	.size = sizeof(struct list_product),
	.fields = list_fields,
	.help = "A public list of names under a rule of the organisation's own.",
	.place_offset = offsetof(struct list_product, place),
	.check = check_list,
};

static int check_contact(const void *value, const char **ret_expected)
{
	struct view text = view_text(*(const char *const *)value);
	struct contact contact;
	int r;
	while ((r = contact_next(&text, &contact)) > 0)
		;
	*ret_expected =
		"mailto: with an address, and tel: with a number that begins with + and the country";
	return r;
}

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
            .flags = SCHEMA_REQUIRED, .check = check_contact,
            .help = "Whom people ask who meet a block; it stands in every refusal. An e-mail address in it, or "
                    "tel:+886-2-1234-5678, can be followed by programs."),
	ROW(organisation, language, .name = "language", .type = SCHEMA_CHOICE,
            .choices = language_names, .default_text = "en",
            .help = "Language of refusals; the command line speaks English."),
	ROW(organisation, time_zone, .name = "time_zone", .type = SCHEMA_TEXT, .min = 1, .max = 64,
            .default_text = ORGANISATION_ZONE_UTC,
            .help = "Of windows that name none: UTC, or a zone of the system as Asia/Taipei."),
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
	ROW(organisation, rules, .name = "rules", .type = SCHEMA_LIST, .child = &own_rule_schema,
            .list_max = 1000, .help = "Own rules on products of the catalogue."),
	ROW(organisation, lists, .name = "lists", .type = SCHEMA_LIST,
            .child = &list_product_schema, .list_max = 1000,
            .help = "Public lists of names that are blocked or observed as well."),
	ROW(organisation, answers, .name = "answers", .type = SCHEMA_LIST,
            .child = &unit_answer_schema, .list_max = 1000,
            .help = "What blocked names are answered with, by product and unit; the first that fits, "
                    "after the rule's own."),
	{.name = NULL},
};
const struct schema organisation_schema = {
	.name = "organisation",
	.size = sizeof(struct organisation),
	.fields = organisation_fields,
	.help = "The body that adopts orders.",
	.place_offset = offsetof(struct organisation, place),
};
