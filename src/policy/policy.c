#include "policy/policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "policy/image_builder.h"

/* Rows of fixed size: where the section goes in struct policy. */
#define ROWS(section, row, rows, count)                                     \
	{                                                                   \
		section, sizeof(struct row), offsetof(struct policy, rows), \
			offsetof(struct policy, count)                      \
	}
static const struct {
	enum image_section section;
	size_t row_size, rows, count;
} tables[] = {
	ROWS(SECTION_UNITS, image_unit, units, unit_count),
	ROWS(SECTION_PLACES, image_place, places, place_count),
	ROWS(SECTION_PRODUCTS, image_product, products, product_count),
	ROWS(SECTION_ORDERS, image_order, orders, order_count),
	ROWS(SECTION_OBLIGATIONS, image_obligation, obligations, obligation_count),
	ROWS(SECTION_RULES, image_rule, rules, rule_count),
	ROWS(SECTION_EXEMPTIONS, image_exemption, exemptions, exemption_count),
	ROWS(SECTION_PREFIXES, image_prefix, prefixes, prefix_count),
	ROWS(SECTION_IDENTIFIERS, image_identifier, identifiers, identifier_count),
	ROWS(SECTION_WINDOWS, image_window, windows, window_count),
	ROWS(SECTION_CLOCKS, image_clock, clocks, clock_count),
	ROWS(SECTION_ANSWERS, image_answer, answers, answer_count),
	ROWS(SECTION_PATTERNS, image_pattern, values.patterns, values.pattern_count),
	ROWS(SECTION_VALUES, image_value, values.values, values.value_count),
	{SECTION_UNIT_SETS, sizeof(uint64_t), offsetof(struct policy, unit_sets),
         offsetof(struct policy, unit_set_words)},
};

static struct view section_view(const struct image_header *h, enum image_section section)
{
	return view_of((const uint8_t *)h + h->sections[section].offset, h->sections[section].size);
}

static int check_header(struct view image)
{
	struct image_header h;
	if (image.size < sizeof(h))
		return ERR_TRUNCATED;
	if ((uintptr_t)image.bytes % sizeof(uint64_t) != 0)
		return ERR_INVALID;
	memcpy(&h, image.bytes, sizeof(h));
	if (memcmp(h.magic, IMAGE_MAGIC, sizeof(h.magic)) != 0)
		return ERR_MALFORMED;
	if (h.version != IMAGE_VERSION || h.header_size != sizeof(h))
		return ERR_VERSION;
	if (h.size > image.size)
		return ERR_TRUNCATED;
	if (h.size < image.size || h.size < sizeof(h))
		return ERR_MALFORMED;
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		uint64_t offset = h.sections[i].offset, size = h.sections[i].size;
		if (offset % sizeof(uint64_t) != 0 || offset < sizeof(h) || offset > h.size ||
		    size > h.size - offset)
			return ERR_MALFORMED;
	}
	return OK;
}

static int open_tables(struct policy *p)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct view v = section_view(p->header, tables[i].section);
		if (v.size % tables[i].row_size != 0 || v.size / tables[i].row_size >= NONE)
			return ERR_MALFORMED;
		const void *rows = v.bytes;
		uint32_t count = (uint32_t)(v.size / tables[i].row_size);
		memcpy((char *)p + tables[i].rows, &rows, sizeof(rows));
		memcpy((char *)p + tables[i].count, &count, sizeof(count));
	}
	struct view organisation = section_view(p->header, SECTION_ORGANISATION);
	struct view texts = section_view(p->header, SECTION_TEXTS);
	if (organisation.size != sizeof(*p->organisation) || texts.size == 0 ||
	    texts.size > UINT32_MAX || texts.bytes[texts.size - 1] != 0)
		return ERR_MALFORMED;
	p->organisation = (const void *)organisation.bytes;
	p->texts = (const char *)texts.bytes;
	p->values.texts = p->texts;
	p->values.identifiers = p->identifiers;
	return OK;
}

static bool is_text(const struct policy *p, uint32_t text)
{
	return text < p->header->sections[SECTION_TEXTS].size;
}

static bool is_unit_set(const struct policy *p, uint32_t first)
{
	return first <= p->unit_set_words &&
	       p->organisation->unit_words <= p->unit_set_words - first;
}

static bool is_range(uint32_t first, uint32_t count, uint32_t of)
{
	return first <= of && count <= of - first;
}

static bool texts_hold(const struct policy *p, const uint32_t *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!is_text(p, texts[i]))
			return false;
	}
	return true;
}

static bool catalogue_rows_hold(const struct policy *p)
{
	bool ok = true;
	unsigned verb_count = 0, kind_count = 0;
	while (verbs[verb_count].name)
		verb_count++;
	while (identifier_kinds[kind_count].name)
		kind_count++;
	for (uint32_t i = 0; i < p->order_count; i++) {
		const struct image_order *o = &p->orders[i];
		const uint32_t texts[] = {o->id,          o->title,        o->issuer,
		                          o->number,      o->jurisdiction, o->legal_basis,
		                          o->status_note, o->approvals,    o->conditions,
		                          o->source};
		ok &= texts_hold(p, texts, sizeof(texts) / sizeof(*texts)) &&
		      o->status < ORDER_STATUS_COUNT;
	}
	for (uint32_t i = 0; i < p->obligation_count; i++) {
		const struct image_obligation *o = &p->obligations[i];
		const uint32_t texts[] = {o->text, o->clause, o->source, o->deadline};
		ok &= texts_hold(p, texts, 4) && o->order < p->order_count &&
		      o->verb < verb_count && o->force < FORCE_COUNT;
	}
	for (uint32_t i = 0; i < p->product_count; i++) {
		const struct image_product *o = &p->products[i];
		ok &= is_text(p, o->id) && is_text(p, o->title) &&
		      is_range(o->rules_first, o->rules_count, p->rule_count) &&
		      o->rules_live <= o->rules_count;
	}
	for (uint32_t i = 0; i < p->identifier_count; i++) {
		const struct image_identifier *o = &p->identifiers[i];
		const uint32_t texts[] = {o->id, o->value, o->note, o->source};
		ok &= texts_hold(p, texts, 4) && o->product < p->product_count &&
		      o->kind < kind_count && o->match < MATCH_COUNT && o->role < ROLE_COUNT &&
		      o->confidence < CONFIDENCE_COUNT && o->presence < PRESENCE_COUNT;
	}
	return ok;
}

static bool window_rows_hold(const struct policy *p)
{
	enum { DAY_S = 86400 };
	bool ok = true;
	for (uint32_t i = 0; i < p->window_count; i++) {
		const struct image_window *w = &p->windows[i];
		ok &= is_range(w->clocks_first, w->clocks_count, p->clock_count) &&
		      w->clocks_count > 0 && w->from_s <= DAY_S && w->until_s <= DAY_S &&
		      is_text(p, w->text);
	}
	return ok;
}

static bool answer_rows_hold(const struct policy *p)
{
	bool ok = p->organisation->answers_count <= p->answer_count;
	struct dname name;
	for (uint32_t i = 0; ok && i < p->answer_count; i++) {
		const struct image_answer *a = &p->answers[i];
		ok &= is_unit_set(p, a->units) &&
		      (a->product == NONE || a->product < p->product_count) &&
		      a->form < BLOCK_COUNT && is_text(p, a->alias) &&
		      is_range(a->addresses_first, a->addresses_count, p->prefix_count) &&
		      (!a->alias ||
		       dname_parse_text(view_text(policy_text(p, a->alias)), &name) == OK);
	}
	return ok;
}

static bool organisation_rows_hold(const struct policy *p)
{
	const struct image_organisation *org = p->organisation;
	const uint32_t texts[] = {org->id,      org->name,     org->jurisdiction,
	                          org->contact, org->language, org->alternatives};
	bool ok = texts_hold(p, texts, 6) && p->unit_count >= 1 &&
	          org->unit_words == (p->unit_count + 63) / 64;
	for (uint32_t i = 0; ok && i < p->unit_count; i++)
		ok &= is_text(p, p->units[i].id) && is_text(p, p->units[i].name);
	for (uint32_t i = 0; ok && i < p->place_count; i++)
		ok &= p->places[i].unit < p->unit_count &&
		      p->places[i].network_class < NETWORK_CLASS_COUNT &&
		      is_text(p, p->places[i].prefix);
	for (uint32_t i = 0; ok && i < p->rule_count; i++) {
		const struct image_rule *r = &p->rules[i];
		ok &= r->order < p->order_count && r->obligation < p->obligation_count &&
		      is_text(p, r->adoption) && is_unit_set(p, r->units) &&
		      r->action <= VERDICT_BLOCK && r->reason < REASON_COUNT &&
		      r->product < p->product_count && is_text(p, r->condition) &&
		      is_range(r->windows_first, r->windows_count, p->window_count) &&
		      (r->answer == NONE || r->answer < p->answer_count);
	}
	for (uint32_t i = 0; ok && i < p->exemption_count; i++) {
		const struct image_exemption *e = &p->exemptions[i];
		const uint32_t own[] = {e->id, e->reason, e->conditions, e->approvals};
		ok &= texts_hold(p, own, 4) && e->order < p->order_count &&
		      e->product < p->product_count && is_unit_set(p, e->units) &&
		      is_range(e->clients_first, e->clients_count, p->prefix_count) &&
		      is_range(e->windows_first, e->windows_count, p->window_count);
	}
	return ok;
}

static bool value_rows_hold(const struct policy *p)
{
	bool ok = true;
	for (uint32_t i = 0; i < p->values.value_count; i++) {
		const struct image_value *v = &p->values.values[i];
		/* chains only lead on, so they end; an empty slot may stand in one as well */
		ok &= v->next == 0 || (v->next > i + 1 && v->next <= p->values.value_count);
		ok &= v->hash == 0 || v->identifier < p->identifier_count;
	}
	for (uint32_t i = 0; i < p->values.pattern_count; i++)
		ok &= p->values.patterns[i].identifier < p->identifier_count &&
		      is_text(p, p->values.patterns[i].text);
	return ok;
}

/* The table has a power of two of slots, at least twice as many as there are values. */
static uint32_t slots_of(uint32_t rows)
{
	uint32_t slots = 1;
	while (slots <= rows / 2)
		slots *= 2;
	return rows ? slots : 0;
}

int policy_open(struct view image, struct policy *ret)
{
	struct policy p;
	int r = check_header(image);
	if (r < 0)
		return r;
	const struct image_header *header = (const void *)image.bytes;
	if (hash_view(image_content(image.bytes, image.size), 0) != header->checksum)
		return ERR_CHECKSUM;
	r = policy_open_checked(image, &p);
	if (r == OK)
		*ret = p;
	return r;
}

int policy_open_checked(struct view image, struct policy *ret)
{
	int r = check_header(image);
	if (r < 0)
		return r;
	struct policy p = {.header = (const void *)image.bytes};
	r = open_tables(&p);
	if (r < 0)
		return r;
	if (!catalogue_rows_hold(&p) || !organisation_rows_hold(&p) || !window_rows_hold(&p) ||
	    !answer_rows_hold(&p) || !value_rows_hold(&p))
		return ERR_MALFORMED;
	p.values.slots = slots_of(p.values.value_count);
	r = name_index_open(section_view(p.header, SECTION_NAMES), &p.names);
	if (r == OK)
		r = name_stems_open(section_view(p.header, SECTION_STEMS), p.names.secret,
		                    &p.stems);
	if (r == OK)
		r = address_index_open(section_view(p.header, SECTION_DESTINATIONS),
		                       &p.destinations);
	if (r == OK)
		r = address_index_open(section_view(p.header, SECTION_NETWORKS), &p.networks);
	if (r == OK)
		*ret = p;
	return r;
}

uint32_t policy_place_of(const struct policy *p, const struct address *client)
{
	struct address_match match;
	if (address_index_find(&p->networks, client->bytes, client->size, &match, 1) == 0)
		return NONE;
	return match.value < p->place_count ? match.value : NONE;
}

uint32_t policy_place_of_unit(const struct policy *p, const char *unit)
{
	uint32_t found = NONE;
	for (uint32_t i = 0; i < p->place_count; i++) {
		const struct image_place *place = &p->places[i];
		if (strcmp(policy_text(p, policy_unit(p, place->unit)->id), unit) != 0)
			continue;
		if (found == NONE || place->network_class == NETWORK_OFFICIAL)
			found = i;
	}
	return found;
}

static bool answer_fits(const struct policy *p, const struct image_answer *a, uint32_t product,
                        uint32_t unit)
{
	return (a->product == NONE || a->product == product) &&
	       p->unit_sets[a->units + unit / 64] >> unit % 64 & 1;
}

const struct image_answer *policy_answer(const struct policy *p, uint32_t rule, uint32_t place)
{
	if (rule >= p->rule_count)
		return NULL;
	if (p->rules[rule].answer != NONE)
		return &p->answers[p->rules[rule].answer];
	uint32_t unit = place < p->place_count ? p->places[place].unit : 0;
	for (uint32_t i = 0; i < p->organisation->answers_count; i++) {
		if (answer_fits(p, &p->answers[i], p->rules[rule].product, unit))
			return &p->answers[i];
	}
	return NULL;
}

struct address policy_answer_address(const struct policy *p, const struct image_answer *a,
                                     uint32_t i)
{
	const struct image_prefix *prefix = &p->prefixes[a->addresses_first + i];
	return address_from_bytes(prefix->bytes, prefix->family == ADDRESS_V4 ? 4 : 16);
}

const char *policy_text(const struct policy *p, uint32_t text)
{
	return p->texts + text;
}

const struct image_organisation *policy_organisation(const struct policy *p)
{
	return p->organisation;
}

uint64_t policy_version(const struct policy *p)
{
	return p->header->checksum;
}

const char *policy_version_print(uint64_t version, char text[static POLICY_VERSION_TEXT_SIZE])
{
	(void)snprintf(text, POLICY_VERSION_TEXT_SIZE, "%016" PRIx64, version);
	return text;
}

#define ROW_AT(name, type, rows, count)                                      \
	const struct type *policy_##name(const struct policy *p, uint32_t i) \
	{                                                                    \
		return i < p->count ? &p->rows[i] : NULL;                    \
	}
ROW_AT(identifier, image_identifier, identifiers, identifier_count)
ROW_AT(rule, image_rule, rules, rule_count)
ROW_AT(product, image_product, products, product_count)
ROW_AT(order, image_order, orders, order_count)
ROW_AT(obligation, image_obligation, obligations, obligation_count)
ROW_AT(exemption, image_exemption, exemptions, exemption_count)
ROW_AT(unit, image_unit, units, unit_count)
ROW_AT(place, image_place, places, place_count)
ROW_AT(window, image_window, windows, window_count)
