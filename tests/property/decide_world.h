/* decide_world.h - random catalogues and organisations, built in memory, for property/decide.c.
 *
 * Small pools make things meet: few names, few dates, few units. A world never has problems between its
 * files, so that it always compiles; what the compiler refuses is tested elsewhere. */
#pragma once

#include "policy/compile.h"
#include "tests/random.h"
#include "tests/test.h"

enum { PRODUCTS = 3, IDENTIFIERS = 8, ORDERS = 4, OBLIGATIONS = 3, UNITS = 3, EXEMPTIONS = 3 };

struct world {
	struct product products[PRODUCTS];
	struct product_identifier identifiers[PRODUCTS][IDENTIFIERS];
	struct order orders[ORDERS];
	const char *order_products[ORDERS][PRODUCTS];
	struct order_scope scopes[ORDERS][FACET_COUNT];
	struct order_obligation obligations[ORDERS][OBLIGATIONS];
	struct order_source order_sources[ORDERS];
	struct order_approval approvals[ORDERS][2];
	struct order_condition conditions[ORDERS][1];
	struct organisation organisation;
	struct organisation_network networks[1 + UNITS];
	struct organisation_unit units[UNITS];
	struct adoption adoptions[ORDERS];
	const char *adoption_units[ORDERS][UNITS];
	struct adoption_decision decisions[ORDERS][2];
	struct window windows[ORDERS + EXEMPTIONS][2];
	struct exemption exemptions[EXEMPTIONS];
	const char *exemption_units[EXEMPTIONS][UNITS];
	struct prefix exemption_clients[EXEMPTIONS][1];
	struct exemption_approval given[EXEMPTIONS][2];
};

static const char *const product_ids[] = {"product-a", "product-b", "product-c"};
static const char *const order_ids[] = {"order-a", "order-b", "order-c", "order-d"};
static const char *const unit_ids[] = {"unit-a", "unit-b", "unit-c"};
static const char *const exemption_ids[] = {"exemption-a", "exemption-b", "exemption-c"};
static const char *const office_ids[] = {"office-first", "office-second"};
static const char *condition_ids[] = {"condition-first"};
static const char *const ids[] = {"id-1", "id-2", "id-3", "id-4", "id-5", "id-6", "id-7", "id-8"};

#define LABEL_63 "sixty-three-bytes-are-the-most-that-a-label-may-have-0123456789"
#define NAME_253                                                             \
	LABEL_63 "." LABEL_63 "." LABEL_63                                   \
		 ".sixty-one-bytes-fill-the-name-up-to-its-limit-0123456789" \
		 "-abcd"

/* Each name as people may write it, and as it is compared. */
static const struct {
	const char *written, *compared;
} names[] = {
	{"seek.example", "seek.example"},
	{"Seek.EXAMPLE.", "seek.example"},
	{"chat.seek.example", "chat.seek.example"},
	{"a.chat.seek.example", "a.chat.seek.example"},
	{"api.seek.example.", "api.seek.example"},
	{"notseek.example", "notseek.example"},
	{"seek.example.net", "seek.example.net"},
	{"example", "example"},
	{"eek.example", "eek.example"},
	{"深度.example", "xn--wxt635a.example"},
	{"XN--WXT635A.example.", "xn--wxt635a.example"},
	{"chat.深度.example", "chat.xn--wxt635a.example"},
	{LABEL_63 ".example", LABEL_63 ".example"},
	{"x." LABEL_63 ".example", "x." LABEL_63 ".example"},
	{NAME_253, NAME_253},
	{"_dns.seek.example", "_dns.seek.example"},
};
enum { NAMES = sizeof(names) / sizeof(*names) };

static const char *const address_texts[] = {"192.0.2.0/24", "192.0.2.7",     "192.0.2.6/31",
                                            "0.0.0.0/0",    "2001:db8::/32", "2001:db8::7"};

/* Marks that are texts: what people write in a product, and questions that may meet it. */
static const struct {
	const char *kind, *value;
	enum match match;
} texts[] = {
	{"model", "seek/r1", MATCH_EXACT},
	{"model", "Seek/", MATCH_PREFIX},
	{"ollama-model", "seek", MATCH_CONTAINS},
	{"npm", "@seek/sdk", MATCH_EXACT},
	{"npm", "@seek/", MATCH_PREFIX},
	{"pypi", "seek", MATCH_CONTAINS},
	{"package-name", "seek", MATCH_CONTAINS},
	{"android-package", "com.seek.Chat", MATCH_EXACT},
	{"gguf-architecture", "seek2", MATCH_EXACT},
	{"gguf-tokenizer", "seek2", MATCH_EXACT},
	{"gguf-architecture", "seek", MATCH_PREFIX},
	{"user-agent", "seek/", MATCH_PREFIX},
	{"url", "https://Seek.example/api", MATCH_PREFIX},
	{"base-url", "seek.example/v1", MATCH_EXACT},
	{"url", "hub.example/{org}/seek", MATCH_TEMPLATE},
	{"model", "seek[0-9]", MATCH_REGEX},
};
enum { TEXTS = sizeof(texts) / sizeof(*texts) };

static uint64_t random_state;

static uint32_t next_random(uint32_t below)
{
	return random_below(&random_state, below);
}

static bool one_in(uint32_t n)
{
	return next_random(n) == 0;
}

static int64_t random_day(void)
{
	return (20000 + (int64_t)next_random(8)) * DAY_US;
}

static uint64_t random_facets(void)
{
	uint64_t set = UINT64_C(1) << next_random(FACET_COUNT);
	while (one_in(2))
		set |= UINT64_C(1) << next_random(FACET_COUNT);
	return set;
}

static struct schema_list list_of(void *items, size_t count)
{
	return (struct schema_list){.items = count ? items : NULL, .count = count};
}

static void random_identifier(struct product_identifier *i, size_t at)
{
	*i = (struct product_identifier){
		.id = ids[at],
		.facets = random_facets(),
		.role = one_in(3) ? (int)next_random(ROLE_COUNT) : ROLE_DEDICATED,
		.confidence = (int)next_random(CONFIDENCE_COUNT),
		.first_seen_us = SCHEMA_ABSENT,
		.last_seen_us = SCHEMA_ABSENT,
	};
	unsigned what = next_random(10);
	if (what < 6) {
		i->kind = identifier_kind_find(one_in(5) ? "cname" : "domain");
		i->match = one_in(2) ? MATCH_EXACT : MATCH_SUFFIX;
		i->value = names[next_random(NAMES)].written;
	} else if (what < 7) {
		i->kind = identifier_kind_find("address");
		i->value = address_texts[next_random(6)];
	} else {
		unsigned text = next_random(TEXTS);
		i->kind = identifier_kind_find(texts[text].kind);
		i->match = (int)texts[text].match;
		i->value = texts[text].value;
	}
}

static void random_products(struct world *w)
{
	for (size_t p = 0; p < PRODUCTS; p++) {
		size_t count = 1 + next_random(IDENTIFIERS);
		w->products[p] = (struct product){
			.id = product_ids[p],
			.title = product_ids[p],
			.identifiers = list_of(w->identifiers[p], count),
		};
		for (size_t i = 0; i < count; i++)
			random_identifier(&w->identifiers[p][i], i);
	}
}

static void random_obligation(struct order_obligation *b, size_t at)
{
	static const char *const words[] = {"prevent-use", "block-network", "prevent-install",
	                                    "allowlist",   "register",      "advise"};
	const char *word = words[one_in(3) ? next_random(6) : next_random(2)];
	*b = (struct order_obligation){
		.number = (int64_t)at + 1,
		.force = one_in(2) ? FORCE_MUST : (int)next_random(FORCE_COUNT),
		.text = "What is demanded.",
		.clause = "1",
		.source = "s1",
		.facets = one_in(3) ? random_facets() : 0,
		.deadline = "none",
		.networks = one_in(2) ? 0 : 1 + next_random((1u << NETWORK_CLASS_COUNT) - 1),
	};
	while (strcmp(verbs[b->verb].name, word) != 0)
		b->verb++;
	/* the first three classes, and a third party's */
	for (unsigned class = 0; organisation_classes[class].name; class ++) {
		if (class < 3 || strcmp(organisation_classes[class].name, "provider") == 0)
			b->binds |= (uint64_t)one_in(2) << class;
	}
}

static void random_order(struct world *w, size_t at)
{
	static const char *const places[] = {"XA", "XA", "XA", "XA-B", "XB", "EU", "INT"};
	struct order *o = &w->orders[at];
	size_t product_count = 0, scopes = 0, obligations = 1 + next_random(OBLIGATIONS);
	for (size_t p = 0; p < PRODUCTS; p++) {
		if (!one_in(3))
			w->order_products[at][product_count++] = product_ids[p];
	}
	for (int f = 0; f < FACET_COUNT; f++) {
		if (!one_in(3))
			w->scopes[at][scopes++] = (struct order_scope){
				.facet = f,
				.position = one_in(2) ? POSITION_COVERED
			                              : (int)next_random(POSITION_COUNT),
				.condition = "A condition."};
	}
	for (size_t i = 0; i < obligations; i++)
		random_obligation(&w->obligations[at][i], i);
	w->order_sources[at] = (struct order_source){.id = "s1", .note = "A note."};
	for (size_t i = 0; i < 2; i++)
		w->approvals[at][i] = (struct order_approval){.role = office_ids[i], .title = "T"};
	w->conditions[at][0] = (struct order_condition){.id = condition_ids[0], .text = "T"};
	*o = (struct order){
		.id = order_ids[at],
		.title = order_ids[at],
		.issuer = "An issuer",
		.jurisdiction = places[next_random(7)],
		.status = one_in(4) ? (int)next_random(ORDER_STATUS_COUNT) : ORDER_IN_FORCE,
		.announced_us = one_in(6) ? SCHEMA_UNKNOWN : random_day(),
		.effective_us = one_in(4) ? SCHEMA_UNKNOWN : random_day(),
		.ended_us = one_in(2)   ? SCHEMA_ABSENT
	                    : one_in(4) ? SCHEMA_UNKNOWN
	                                : random_day(),
		.products = list_of((void *)w->order_products[at], product_count),
		.scope = list_of(w->scopes[at], scopes),
		.obligations = list_of(w->obligations[at], obligations),
		.exemption = {.available = AVAILABLE_YES,
	                      .approvals = list_of(w->approvals[at], next_random(3)),
	                      .max_days = SCHEMA_ABSENT,
	                      .conditions = list_of(w->conditions[at], next_random(2))},
		.sources = list_of(&w->order_sources[at], 1),
	};
}

static size_t random_units(const char **ret, size_t unit_count, bool may_be_empty)
{
	size_t count = 0;
	for (size_t i = 0; i < unit_count; i++) {
		if (one_in(2))
			ret[count++] = unit_ids[i];
	}
	if (count == 0 && !may_be_empty && unit_count)
		ret[count++] = unit_ids[0];
	return count;
}

static void random_organisation(struct world *w)
{
	static const char *const prefixes[] = {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24",
	                                       "2001:db8:1::/48"};
	size_t units = next_random(UNITS + 1);
	for (size_t i = 0; i <= UNITS; i++) {
		assert_int_equal(prefix_parse(view_text(prefixes[i]), &w->networks[i].prefix), OK);
		w->networks[i].network_class = (int)next_random(NETWORK_CLASS_COUNT);
	}
	for (size_t i = 0; i < units; i++)
		w->units[i] =
			(struct organisation_unit){.id = unit_ids[i],
		                                   .classes = one_in(2) ? 0 : next_random(8),
		                                   .networks = list_of(&w->networks[i + 1], 1)};
	w->organisation = (struct organisation){
		.id = "body",
		.name = "A body",
		.jurisdiction = one_in(3) ? "XA-B" : "XA",
		.contact = "c@example",
		.classes = 1 + next_random(7),
		.networks = list_of(w->networks, 1),
		.units = list_of(w->units, units),
	};
}

/* Mostly none; else one or two, by UTC. */
static struct schema_list random_windows(struct window windows[static 2])
{
	for (size_t i = 0; i < 2; i++) {
		int64_t from_h = next_random(24), length_h = 1 + next_random(23);
		windows[i] =
			(struct window){.days = 1 + next_random(127),
		                        .from_us = from_h * 3600 * SECOND_US,
		                        .until_us = (from_h + length_h) % 24 * 3600 * SECOND_US,
		                        .time_zone = ORGANISATION_ZONE_UTC};
	}
	return list_of(windows, one_in(3) ? 1 + next_random(2) : 0);
}

static void random_adoptions(struct world *w)
{
	size_t count = 0;
	for (size_t i = 0; i < ORDERS; i++) {
		struct adoption *a = &w->adoptions[count];
		if (one_in(4))
			continue;
		*a = (struct adoption){
			.order = order_ids[i],
			.from_us = random_day(),
			.until_us = one_in(2) ? SCHEMA_ABSENT : random_day() + 4 * DAY_US,
			.mode = one_in(4) ? ADOPTION_OBSERVE : ADOPTION_ENFORCE,
			.voluntary = one_in(4),
			.raise_should = one_in(3),
			.units = list_of((void *)w->adoption_units[count],
		                         one_in(2) ? 0
		                                   : random_units(w->adoption_units[count],
		                                                  w->organisation.units.count,
		                                                  false)),
			.decisions = list_of(w->decisions[count], next_random(3)),
			.windows = random_windows(w->windows[count]),
			.answer = {.form = -1},
		};
		for (size_t d = 0; d < 2; d++)
			w->decisions[count][d] =
				(struct adoption_decision){.facet = (int)next_random(FACET_COUNT),
			                                   .verdict = (int)next_random(2),
			                                   .reason = "T"};
		if (w->decisions[count][0].facet == w->decisions[count][1].facet)
			a->decisions.count = a->decisions.count > 1 ? 1 : a->decisions.count;
		count++;
	}
	w->organisation.adoptions = list_of(w->adoptions, count);
}

static void random_exemption(struct world *w, size_t at)
{
	struct exemption *e = &w->exemptions[at];
	const struct adoption *a =
		&w->adoptions[next_random((uint32_t)w->organisation.adoptions.count)];
	size_t order = (size_t)(a->order[strlen("order-")] - 'a');
	size_t chain = w->orders[order].exemption.approvals.count;
	size_t given = one_in(4) ? next_random((uint32_t)chain + 1)
	               : chain   ? chain
	                         : next_random(2);
	size_t conditions = w->orders[order].exemption.conditions.count;
	int64_t day = random_day();
	for (size_t i = 0; i < given; i++)
		w->given[at][i] = (struct exemption_approval){
			.role = office_ids[i], .by = "T", .at_us = day + (int64_t)i};
	static const char *const clients[] = {"10.1.2.0/25", "10.1.2.3", "10.0.0.0/8"};
	assert_int_equal(
		prefix_parse(view_text(clients[next_random(3)]), &w->exemption_clients[at][0]), OK);
	*e = (struct exemption){
		.id = exemption_ids[at],
		.order = a->order,
		.product = product_ids[next_random(PRODUCTS)],
		.reason = "T",
		.facets = one_in(2) ? 0 : random_facets(),
		.units = list_of(
			(void *)w->exemption_units[at],
			random_units(w->exemption_units[at], w->organisation.units.count, true)),
		.clients = list_of(w->exemption_clients[at], !one_in(3)),
		.approvals = list_of(w->given[at], given),
		.conditions = list_of(condition_ids, one_in(5) ? 0 : conditions),
		.not_before_us = random_day(),
		.windows = random_windows(w->windows[ORDERS + at]),
		.place = {.file = "organisation.yaml"},
	};
	e->not_after_us = e->not_before_us + (1 + next_random(8)) * DAY_US;
}

static void random_world(uint64_t seed, struct world *w)
{
	*w = (struct world){0};
	random_state = seed;
	random_products(w);
	for (size_t i = 0; i < ORDERS; i++)
		random_order(w, i);
	random_organisation(w);
	random_adoptions(w);
	size_t exemptions = w->organisation.adoptions.count ? next_random(EXEMPTIONS + 1) : 0;
	for (size_t i = 0; i < exemptions; i++)
		random_exemption(w, i);
	w->organisation.exemptions = list_of(w->exemptions, exemptions);
}
