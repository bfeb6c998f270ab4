#include "policy/order_schema.h"

#define ROW(struct_, member, ...)                                       \
	{                                                               \
		.offset = offsetof(struct struct_, member), __VA_ARGS__ \
	}

const char *const availability_names[] = {"yes", "no", "unknown", "not-applicable", NULL};
static const char *const delegable_names[] = {"yes", "no", "unknown", NULL};
static const char *const source_kind_names[] = {"official", "official-relay", "secondary", NULL};

static const struct schema_field scope_fields[] = {
	ROW(order_scope, facet, .name = "facet", .type = SCHEMA_CHOICE, .choices = facet_names,
            .flags = SCHEMA_REQUIRED, .help = "A facet of the product."),
	ROW(order_scope, position, .name = "position", .type = SCHEMA_CHOICE,
            .choices = position_names, .flags = SCHEMA_REQUIRED,
            .help = "What the order says of it; a facet left out is silent."),
	ROW(order_scope, clause, .name = "clause", .type = SCHEMA_TEXT,
            .help = "Where it says so."),
	ROW(order_scope, condition, .name = "condition", .type = SCHEMA_TEXT,
            .help = "In which case the facet is outside or allowed."),
	ROW(order_scope, note, .name = "note", .type = SCHEMA_TEXT,
            .help = "What one should know."),
	{.name = NULL},
};
static const struct schema scope_schema = {
	.name = "scope",
	.size = sizeof(struct order_scope),
	.fields = scope_fields,
	.help = "What the order says of one facet.",
	.place_offset = offsetof(struct order_scope, place),
};

static const struct schema_field obligation_fields[] = {
	ROW(order_obligation, number, .name = "id", .type = SCHEMA_INT, .min = 1, .max = 999,
            .flags = SCHEMA_REQUIRED, .help = "Number within the order."),
	ROW(order_obligation, verb, .name = "verb", .type = SCHEMA_CHOICE, .choices = verb_names,
            .flags = SCHEMA_REQUIRED, .help = "What is demanded, from the closed list."),
	ROW(order_obligation, text, .name = "text", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "What is demanded, in one sentence."),
	ROW(order_obligation, clause, .name = "clause", .type = SCHEMA_TEXT,
            .flags = SCHEMA_REQUIRED, .help = "Clause of the order, or unknown."),
	ROW(order_obligation, force, .name = "force", .type = SCHEMA_CHOICE, .choices = force_names,
            .flags = SCHEMA_REQUIRED, .help = "How strongly it binds."),
	ROW(order_obligation, facets, .name = "facets", .type = SCHEMA_SET, .choices = facet_names,
            .help = "Narrower than the scope; left out: all that the scope covers."),
	ROW(order_obligation, binds, .name = "binds", .type = SCHEMA_SET,
            .choices = organisation_class_names, .flags = SCHEMA_REQUIRED,
            .help = "Classes of organisation."),
	ROW(order_obligation, devices, .name = "devices", .type = SCHEMA_SET,
            .choices = device_class_names, .help = "Classes of device."),
	ROW(order_obligation, networks, .name = "networks", .type = SCHEMA_SET,
            .choices = network_class_names,
            .help = "Classes of network; left out: any network of the organisation."),
	ROW(order_obligation, deadline, .name = "deadline", .type = SCHEMA_TEXT,
            .default_text = "unknown",
            .help = "immediate, none, unknown, a date, or a time after a start: 30 days after announced."),
	ROW(order_obligation, source, .name = "source", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Source, by id."),
	{.name = NULL},
};
const struct schema order_obligation_schema = {
	.name = "obligation",
	.size = sizeof(struct order_obligation),
	.fields = obligation_fields,
	.help = "One thing that the order demands.",
	.place_offset = offsetof(struct order_obligation, place),
};

static const struct schema_field approval_fields[] = {
	ROW(order_approval, role, .name = "role", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Short id of the office."),
	ROW(order_approval, title, .name = "title", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "The office in words."),
	{.name = NULL},
};
static const struct schema approval_schema = {
	.name = "approval",
	.size = sizeof(struct order_approval),
	.fields = approval_fields,
	.help = "One step of the approval chain.",
	.place_offset = offsetof(struct order_approval, place),
};

static const struct schema_field condition_fields[] = {
	ROW(order_condition, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the condition."),
	ROW(order_condition, text, .name = "text", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "The condition in one sentence."),
	{.name = NULL},
};
static const struct schema condition_schema = {
	.name = "condition",
	.size = sizeof(struct order_condition),
	.fields = condition_fields,
	.help = "One condition of an exemption.",
	.place_offset = offsetof(struct order_condition, place),
};

static const struct schema_field exemption_fields[] = {
	ROW(order_exemption, available, .name = "available", .type = SCHEMA_CHOICE,
            .choices = availability_names, .flags = SCHEMA_REQUIRED,
            .help = "Whether the order allows exemptions."),
	ROW(order_exemption, grounds, .name = "grounds", .type = SCHEMA_LIST, .item = &schema_text,
            .help = "On which grounds."),
	ROW(order_exemption, approvals, .name = "approvals", .type = SCHEMA_LIST,
            .child = &approval_schema, .list_max = 16,
            .help = "Who approves, in the order's own sequence."),
	ROW(order_exemption, delegable, .name = "delegable", .type = SCHEMA_CHOICE,
            .choices = delegable_names, .default_text = "unknown",
            .help = "Whether the last approval may be delegated."),
	ROW(order_exemption, max_days, .name = "max_days", .type = SCHEMA_INT, .min = 1,
            .max = 36500, .unit = "days", .help = "Longest time that an exemption may last."),
	ROW(order_exemption, conditions, .name = "conditions", .type = SCHEMA_LIST,
            .child = &condition_schema, .list_max = 64, .help = "What must hold while it is used."),
	ROW(order_exemption, records, .name = "records", .type = SCHEMA_TEXT,
            .help = "What must be kept."),
	{.name = NULL},
};
static const struct schema exemption_schema = {
	.name = "exemption rule",
	.size = sizeof(struct order_exemption),
	.fields = exemption_fields,
	.help = "When and how the order permits what it prohibits.",
	.place_offset = offsetof(struct order_exemption, place),
};

static const struct schema_field report_fields[] = {
	ROW(order_report, to, .name = "to", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "To whom."),
	ROW(order_report, what, .name = "what", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "What."),
	ROW(order_report, deadline, .name = "deadline", .type = SCHEMA_TEXT,
            .default_text = "unknown", .help = "As for an obligation."),
	{.name = NULL},
};
const struct schema order_report_schema = {
	.name = "report",
	.size = sizeof(struct order_report),
	.fields = report_fields,
	.help = "A report that the order demands.",
	.place_offset = offsetof(struct order_report, place),
};

static const struct schema_field source_fields[] = {
	ROW(order_source, id, .name = "id", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name that obligations give."),
	ROW(order_source, url, .name = "url", .type = SCHEMA_TEXT,
            .help = "Address; left out where there is none to cite."),
	ROW(order_source, kind, .name = "kind", .type = SCHEMA_CHOICE, .choices = source_kind_names,
            .flags = SCHEMA_REQUIRED, .help = "How near it is to the issuer."),
	ROW(order_source, note, .name = "note", .type = SCHEMA_TEXT, .help = "What was read."),
	{.name = NULL},
};
static const struct schema source_schema = {
	.name = "source",
	.size = sizeof(struct order_source),
	.fields = source_fields,
	.help = "Where the order, or word of it, was read.",
	.place_offset = offsetof(struct order_source, place),
};

static const struct schema_field order_fields[] = {
	ROW(order, id, .name = "order", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .help = "Name of the order; the file's name."),
	ROW(order, title, .name = "title", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Title in English."),
	ROW(order, title_native, .name = "title_native", .type = SCHEMA_TEXT,
            .help = "Title as issued."),
	ROW(order, issuer, .name = "issuer", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .help = "Who issued it."),
	ROW(order, jurisdiction, .name = "jurisdiction", .type = SCHEMA_TEXT, .min = 2, .max = 8,
            .flags = SCHEMA_REQUIRED, .help = "ISO 3166 code; US-TX for a state; EU; INT."),
	ROW(order, number, .name = "number", .type = SCHEMA_TEXT, .default_text = "unknown",
            .help = "Number as printed on it."),
	ROW(order, legal_basis, .name = "legal_basis", .type = SCHEMA_TEXT,
            .default_text = "unknown", .help = "What it rests on."),
	ROW(order, type, .name = "type", .type = SCHEMA_CHOICE, .choices = order_type_names,
            .flags = SCHEMA_REQUIRED, .help = "What kind of instrument it is."),
	ROW(order, announced_us, .name = "announced", .type = SCHEMA_WHEN, .flags = SCHEMA_REQUIRED,
            .help = "When it was announced."),
	ROW(order, effective_us, .name = "effective", .type = SCHEMA_WHEN, .flags = SCHEMA_REQUIRED,
            .help = "From when it binds."),
	ROW(order, ended_us, .name = "ended", .type = SCHEMA_WHEN,
            .help = "When it stopped; left out while it stands."),
	ROW(order, status, .name = "status", .type = SCHEMA_CHOICE, .choices = order_status_names,
            .flags = SCHEMA_REQUIRED, .help = "Where it stands today."),
	ROW(order, status_note, .name = "status_note", .type = SCHEMA_TEXT,
            .help = "The same in a sentence."),
	ROW(order, supersedes, .name = "supersedes", .type = SCHEMA_LIST, .item = &schema_id,
            .help = "Orders that it replaced."),
	ROW(order, superseded_by, .name = "superseded_by", .type = SCHEMA_LIST, .item = &schema_id,
            .help = "Orders that replaced it."),
	ROW(order, based_on, .name = "based_on", .type = SCHEMA_LIST, .item = &schema_id,
            .help = "Instruments that it rests on."),
	ROW(order, products, .name = "products", .type = SCHEMA_LIST, .item = &schema_id,
            .help = "Products of the catalogue that it restricts."),
	ROW(order, designates, .name = "designates", .type = SCHEMA_TEXT,
            .help = "How the order itself says what it restricts."),
	ROW(order, scope, .name = "scope", .type = SCHEMA_LIST, .child = &scope_schema,
            .list_max = FACET_COUNT, .help = "What it says of each facet."),
	ROW(order, obligations, .name = "obligations", .type = SCHEMA_LIST,
            .child = &order_obligation_schema, .list_max = 999, .help = "What it demands."),
	ROW(order, exemption, .name = "exemption", .type = SCHEMA_STRUCT,
            .child = &exemption_schema, .flags = SCHEMA_REQUIRED,
            .help = "What it permits after all."),
	ROW(order, reports, .name = "reports", .type = SCHEMA_LIST, .child = &order_report_schema,
            .help = "What must be reported."),
	ROW(order, sources, .name = "sources", .type = SCHEMA_LIST, .child = &source_schema,
            .min = 1, .flags = SCHEMA_REQUIRED, .help = "Where it was read."),
	ROW(order, unknown, .name = "unknown", .type = SCHEMA_LIST, .item = &schema_text,
            .help = "What was not found."),
	ROW(order, confidence, .name = "confidence", .type = SCHEMA_CHOICE,
            .choices = confidence_names, .flags = SCHEMA_REQUIRED,
            .help = "How well it was established."),
	ROW(order, confidence_note, .name = "confidence_note", .type = SCHEMA_TEXT, .help = "Why."),
	ROW(order, notes, .name = "notes", .type = SCHEMA_LIST, .item = &schema_text,
            .help = "What one should know."),
	{.name = NULL},
};
const struct schema order_schema = {
	.name = "order",
	.size = sizeof(struct order),
	.fields = order_fields,
	.help = "An instrument of an authority.",
	.place_offset = offsetof(struct order, place),
};
