/* policy_decide() says what plain scans over the sources say: thousands of random worlds, and for each of
 * them times at and around every edge, names at and around every boundary, clients in every network.
 * A failure prints the world's seed. */
#include "base/cleanup.h"
#include "policy/explain.h"
#include "policy/policy.h"
#include "tests/property/decide_reference.h"

enum { WORLDS = 6000, QUESTIONS = 40, EDGES_MAX = 128 };

struct compiled {
	struct buffer image;
	struct policy policy;
};

static void compile(const struct world *w, const struct product *products, size_t product_count,
                    struct compiled *ret)
{
	struct problems problems = {0}, warnings = {0};
	struct policy_counts counts;
	struct policy_sources sources = {.products = products,
	                                 .product_count = product_count,
	                                 .orders = w->orders,
	                                 .order_count = ORDERS,
	                                 .organisation = &w->organisation};
	*ret = (struct compiled){0};
	int r = policy_compile(&sources, &ret->image, &counts, &warnings, &problems);
	if (r < 0)
		fail_msg("%s", problems.first ? problems.first->text : err_text(r));
	assert_int_equal(policy_open(buffer_view(&ret->image), &ret->policy), OK);
	problems_done(&warnings);
	problems_done(&problems);
}

/* --- questions --- */

static size_t edges_of(const struct world *w, int64_t *ret)
{
	size_t count = 0;
	for (size_t i = 0; i < ORDERS; i++) {
		ret[count++] = w->orders[i].effective_us;
		ret[count++] = w->orders[i].announced_us;
		ret[count++] = w->orders[i].ended_us;
		ret[count++] = w->adoptions[i].from_us;
		ret[count++] = w->adoptions[i].until_us;
	}
	for (size_t i = 0; i < EXEMPTIONS; i++) {
		ret[count++] = w->exemptions[i].not_before_us;
		ret[count++] = w->exemptions[i].not_after_us;
		ret[count++] = w->given[i][0].at_us;
		ret[count++] = w->given[i][1].at_us;
	}
	return count;
}

static int64_t random_time(const struct world *w)
{
	int64_t edges[EDGES_MAX];
	int64_t edge = edges[next_random((uint32_t)edges_of(w, edges))];
	if (edge == TIME_MIN || edge == TIME_MAX || one_in(4))
		return random_day();
	int64_t hours = one_in(2) ? next_random(24) : 0;
	return edge + hours * 3600 * SECOND_US + (int64_t)next_random(3) - 1;
}

/* A name of the pool, one below it, one that only ends alike, or one cut short. */
static const char *random_name(char room[static DNAME_TEXT_SIZE])
{
	const char *base = names[next_random(NAMES)].compared;
	unsigned how = next_random(6);
	bool is_long = strlen(base) > 200 || strlen(base) == strlen(LABEL_63);
	if (how == 0 && !is_long)
		(void)snprintf(room, DNAME_TEXT_SIZE, "host.%s", base);
	else if (how == 1 && strlen(base) < 60)
		(void)snprintf(room, DNAME_TEXT_SIZE, "x%s", base);
	else if (how == 2 && strchr(base, '.'))
		(void)snprintf(room, DNAME_TEXT_SIZE, "%s", strchr(base, '.') + 1);
	else
		(void)snprintf(room, DNAME_TEXT_SIZE, "%s", base);
	return room;
}

static const char *random_text(enum kind_group *ret_group)
{
	static const struct {
		enum kind_group group;
		const char *text;
	} asked[] = {
		{GROUP_MODEL, "seek/r1"},
		{GROUP_MODEL, "seek/r1:free"},
		{GROUP_MODEL, "my-seek-notes"},
		{GROUP_MODEL, "other"},
		{GROUP_MODEL, "seek7"},
		{GROUP_PACKAGE, "npm/@seek/sdk"},
		{GROUP_PACKAGE, "npm/@seek/other"},
		{GROUP_PACKAGE, "pypi/deep-seek"},
		{GROUP_PACKAGE, "pypi/@seek/sdk"},
		{GROUP_PACKAGE, "cargo/seek"},
		{GROUP_APP, "com.seek.chat"},
		{GROUP_APP, "com.seek.chat2"},
		{GROUP_FILE, "gguf-architecture=seek2"},
		{GROUP_FILE, "gguf-tokenizer=seek2"},
		{GROUP_FILE, "gguf-architecture=seeker"},
		{GROUP_FILE, "seek2"},
		{GROUP_REQUEST, "user-agent=seek/1.0"},
		{GROUP_REQUEST, "user-agent=mozilla seek/1.0"},
		{GROUP_URL, "seek.example/api/v2"},
		{GROUP_URL, "seek.example/v1"},
		{GROUP_URL, "seek.example/v1/more"},
		{GROUP_URL, "hub.example/org/seek/x"},
		{GROUP_URL, "hub.example//seek"},
		{GROUP_URL, "hub.example/a/b/seek"},
	};
	unsigned at = next_random(sizeof(asked) / sizeof(*asked));
	*ret_group = asked[at].group;
	return asked[at].text;
}

static struct address address_of(const char *text)
{
	struct address a;
	assert_int_equal(address_parse(view_text(text), &a), OK);
	return a;
}

static void random_question(const struct world *w, char name[static DNAME_TEXT_SIZE],
                            struct question *q)
{
	static const char *const clients[] = {
		"10.9.0.1",     "10.1.0.0",   "10.1.255.255",    "10.1.2.3",
		"10.1.2.127",   "10.1.2.128", "10.2.0.0",        "2001:db8:1::5",
		"2001:db8:2::", "11.0.0.1",   "2001:db8:1:1::1", "9.255.255.255"};
	static const char *const destinations[] = {"192.0.2.7",   "192.0.2.6",  "192.0.3.0",
	                                           "2001:db8::7", "2001:db9::", "192.0.2.255"};
	*q = (struct question){.at_us = random_time(w), .has_client = !one_in(4)};
	if (q->has_client)
		q->client = address_of(clients[next_random(12)]);
	unsigned what = next_random(8);
	if (what < 5)
		q->name = random_name(name);
	if (what == 4 || what == 5)
		q->destination = address_of(destinations[next_random(6)]);
	if (what > 5)
		q->text = random_text(&q->group);
	q->is_alias_target = one_in(3);
}

/* The question as facts, in another spelling than the catalogue's. */
static void facts_of(const struct policy *p, const struct question *q, struct dname *name,
                     char text[static 256], struct facts *ret)
{
	*ret = (struct facts){.at_us = q->at_us,
	                      .place = NONE,
	                      .client = q->client,
	                      .name_is_alias_target = q->is_alias_target,
	                      .destination = q->destination,
	                      .group = q->group};
	if (q->has_client)
		ret->place = policy_place_of(p, &q->client);
	if (q->name) {
		char spelled[DNAME_TEXT_SIZE];
		(void)snprintf(spelled, sizeof(spelled), "%s%s", q->name, one_in(2) ? "." : "");
		for (char *c = spelled; *c; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' && one_in(3) ? *c - 32 : *c);
		assert_int_equal(dname_parse_text(view_text(spelled), name), OK);
		ret->name = name;
	}
	if (q->text) {
		(void)snprintf(text, 256, "%s%s",
		               q->group == GROUP_URL && one_in(2) ? "HTTPS://" : "", q->text);
		ret->text = view_text(text);
	}
}

/* --- the reference's verdict --- */

static const struct order *order_of(const struct world *w, const char *id)
{
	size_t at = 0;
	while (at < ORDERS - 1 && strcmp(w->orders[at].id, id) != 0)
		at++;
	return &w->orders[at];
}

static bool governs(const struct order *o, const struct product *p)
{
	const char *const *all = o->products.items;
	for (size_t i = 0; i < o->products.count; i++) {
		if (strcmp(all[i], p->id) == 0)
			return true;
	}
	return false;
}

static bool outweighs(struct answer a, struct answer b)
{
	return a.action != b.action ? a.action > b.action
	                            : place_of_reason(a.reason) < place_of_reason(b.reason);
}

static void weigh(const struct world *w, const struct question *q, const struct product *p,
                  const struct product_identifier *i, struct answer *best)
{
	const struct adoption *adoptions = w->organisation.adoptions.items;
	struct answer answer = {VERDICT_ALLOW, REASON_UNGOVERNED};
	for (size_t a = 0; a < w->organisation.adoptions.count; a++) {
		const struct order *o = order_of(w, adoptions[a].order);
		const struct order_obligation *b = o->obligations.items;
		for (size_t k = 0; governs(o, p) && k < o->obligations.count; k++) {
			struct answer next = reference_rule(w, q, p, i, o, &b[k], &adoptions[a]);
			if (outweighs(next, answer))
				answer = next;
		}
	}
	if (outweighs(answer, *best))
		*best = answer;
}

static struct answer reference(const struct world *w, const struct question *q)
{
	struct answer best = {VERDICT_ALLOW, REASON_UNLISTED};
	for (size_t p = 0; p < PRODUCTS; p++) {
		const struct product_identifier *all = w->identifiers[p];
		for (size_t i = 0; i < w->products[p].identifiers.count; i++) {
			if (meets(&all[i], q) && !gives_way(&w->products[p], &all[i], q))
				weigh(w, q, &w->products[p], &all[i], &best);
		}
	}
	return best;
}

/* --- what the verdict points to --- */

/* The verdict's identifier and rule must be ones from which the reference draws the same. */
static void check_pointers(const struct world *w, const struct policy *p, const struct question *q,
                           const struct verdict *v)
{
	if (v->reason == REASON_UNLISTED) {
		assert_int_equal(v->identifier, NONE);
		return;
	}
	const struct image_identifier *row = policy_identifier(p, v->identifier);
	size_t product = (size_t)(policy_text(p, policy_product(p, row->product)->id)[8] - 'a');
	size_t at = (size_t)(policy_text(p, row->id)[3] - '1');
	const struct product_identifier *i = &w->identifiers[product][at];
	assert_true(meets(i, q));
	assert_false(gives_way(&w->products[product], i, q));
	assert_int_equal(v->labels, is_name_kind(i) ? labels_of(compared_name(i->value)) : 0);
	if (v->rule == NONE) {
		assert_int_equal(v->reason, REASON_UNGOVERNED);
		return;
	}
	const struct image_rule *rule = policy_rule(p, v->rule);
	const struct image_obligation *ob = policy_obligation(p, rule->obligation);
	const struct order *o = order_of(w, policy_text(p, policy_order(p, rule->order)->id));
	const struct order_obligation *b = o->obligations.items;
	const struct adoption *a = w->organisation.adoptions.items;
	while (strcmp(a->order, o->id) != 0)
		a++;
	struct answer own =
		reference_rule(w, q, &w->products[product], i, o, &b[ob->number - 1], a);
	assert_true(answer_equal(own, (struct answer){v->action, v->reason}));
	assert_int_equal(v->exemption != NONE, v->reason == REASON_EXEMPT);
	if (v->exemption == NONE)
		return;
	size_t unit;
	(void)network_of(w, q, &unit);
	const char *id = policy_text(p, policy_exemption(p, v->exemption)->id);
	assert_true(exempts(&w->exemptions[id[10] - 'a'], o, &w->products[product], i, q, unit));
}

static void check_explanation(const struct policy *p, const struct facts *f,
                              const struct verdict *v)
{
	static struct explanation x;
	policy_explain(p, f, &x);
	assert_int_equal(x.verdict.action, v->action);
	assert_int_equal(x.verdict.rule, v->rule);
	size_t deciding = 0;
	for (size_t i = 0; i < x.count; i++) {
		const struct explanation_step *s = &x.steps[i];
		if (!s->decides)
			continue;
		deciding++;
		assert_int_equal(s->action, v->action);
		assert_int_equal(s->reason, v->reason);
		assert_int_equal(s->identifier, v->identifier);
		assert_int_equal(s->exemption, v->exemption);
	}
	assert_int_equal(deciding, v->reason != REASON_UNLISTED);
}

static void decides_as_plain_scans_do(void **state)
{
	(void)state;
	static struct world w;
	size_t reasons[REASON_COUNT] = {0};
	for (uint64_t seed = 1; seed <= WORLDS; seed++) {
		struct compiled c;
		random_world(seed, &w);
		compile(&w, w.products, PRODUCTS, &c);
		for (unsigned k = 0; k < QUESTIONS; k++) {
			char name_text[DNAME_TEXT_SIZE], text[256];
			struct question q;
			struct dname name;
			struct facts f;
			struct verdict v;
			random_question(&w, name_text, &q);
			facts_of(&c.policy, &q, &name, text, &f);
			policy_decide(&c.policy, &f, &v);
			struct answer expected = reference(&w, &q);
			if (!answer_equal(expected, (struct answer){v.action, v.reason}))
				fail_msg("world %llu, question %u (%s): %s, %s; expected %s, %s",
				         (unsigned long long)seed, k,
				         q.name   ? q.name
				         : q.text ? q.text
				                  : "address",
				         verdict_action_names[v.action], reason_name(v.reason),
				         verdict_action_names[expected.action],
				         reason_name(expected.reason));
			check_pointers(&w, &c.policy, &q, &v);
			check_explanation(&c.policy, &f, &v);
			reasons[v.reason]++;
		}
		buffer_done(&c.image);
	}
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		if (i != REASON_PASSIVE && reasons[i] < 20) /* which is a gate's own to give */
			fail_msg("%s was the reason %zu times only", reason_name(i), reasons[i]);
	}
}

static bool is_alike(const struct verdict *a, const struct verdict *b)
{
	return a->action == b->action && a->reason == b->reason;
}

/* The order of the products, and what other products there are, changes nothing for a product. */
static void other_products_change_no_verdict(void **state)
{
	(void)state;
	static struct world w;
	for (uint64_t seed = 1; seed <= WORLDS / 3; seed++) {
		struct compiled all, turned, alone;
		random_world(seed, &w);
		struct product products[PRODUCTS] = {w.products[2], w.products[0], w.products[1]};
		static struct product_identifier nothing = {
			.id = "none", .facets = 1, .value = "nothing.invalid"};
		struct product empty[PRODUCTS] = {w.products[0], w.products[1], w.products[2]};
		for (size_t i = 1; i < PRODUCTS; i++)
			empty[i].identifiers = list_of(&nothing, 1);
		compile(&w, w.products, PRODUCTS, &all);
		compile(&w, products, PRODUCTS, &turned);
		compile(&w, empty, PRODUCTS, &alone);
		for (unsigned k = 0; k < QUESTIONS; k++) {
			char name_text[DNAME_TEXT_SIZE], text[256];
			struct question q;
			struct dname name;
			struct facts f;
			struct verdict x, y, z;
			random_question(&w, name_text, &q);
			facts_of(&all.policy, &q, &name, text, &f);
			policy_decide(&all.policy, &f, &x);
			policy_decide(&turned.policy, &f, &y);
			policy_decide(&alone.policy, &f, &z);
			bool others = false;
			for (size_t p = 1; p < PRODUCTS; p++) {
				for (size_t i = 0; i < w.products[p].identifiers.count; i++)
					others |= meets(&w.identifiers[p][i], &q);
			}
			if (!is_alike(&x, &y) || (!others && !is_alike(&x, &z)))
				fail_msg("world %llu, question %u", (unsigned long long)seed, k);
		}
		buffer_done(&all.image);
		buffer_done(&turned.image);
		buffer_done(&alone.image);
	}
}

static void equal_sources_give_equal_bytes(void **state)
{
	(void)state;
	static struct world w, again;
	for (uint64_t seed = 1; seed <= WORLDS / 10; seed++) {
		struct compiled a, b;
		random_world(seed, &w);
		random_world(seed, &again);
		compile(&w, w.products, PRODUCTS, &a);
		compile(&again, again.products, PRODUCTS, &b);
		assert_true(view_equal(buffer_view(&a.image), buffer_view(&b.image)));
		assert_int_equal(policy_version(&a.policy), policy_version(&b.policy));
		buffer_done(&a.image);
		buffer_done(&b.image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_plain_scans_do),
		cmocka_unit_test(other_products_change_no_verdict),
		cmocka_unit_test(equal_sources_give_equal_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
