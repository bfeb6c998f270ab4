/* Rules of the organisation's own, what blocked names are answered with, and who a client is. */
#include "base/cleanup.h"
#include "tests/unit/policy/world.h"

static const char organisation[] =
	"organisation: body\n"
	"name: A body\n"
	"jurisdiction: XB\n" /* the order does not bind */
	"classes: [private]\n"
	"contact: it@body.example\n"
	"networks:\n"
	"  - {prefix: 10.0.0.0/8}\n"
	"  - {prefix: 10.1.2.0/24, class: guest}\n"
	"  - {prefix: '2001:db8::/32'}\n"
	"units:\n"
	"  - {id: lab, networks: [{prefix: 10.1.0.0/16}, {prefix: '2001:db8:1::/48'}]}\n"
	"  - {id: desk, networks: [{prefix: 10.1.2.3}, {prefix: '2001:db8:1:2::/64'}]}\n"
	"rules:\n"
	"  - {id: house, title: The house, product: seek, facets: [web], reason: Rule 4.,\n"
	"     networks: [official]}\n";

static void build(struct world *w, const char *text)
{
	world_read(w, product_yaml, order_yaml, text);
	world_compile(w);
}

struct asked {
	struct policy policy;
	struct facts facts;
	struct verdict verdict;
};

static void ask(const struct world *w, const char *client, struct asked *ret)
{
	static struct dname name;
	if (w->result != OK)
		fail_msg("%s", w->text);
	assert_int_equal(policy_open(buffer_view(&w->image), &ret->policy), OK);
	assert_int_equal(dname_parse_text(view_text("www.seek.example"), &name), OK);
	ret->facts = (struct facts){.name = &name};
	assert_int_equal(timestamp_parse(view_text("2026-03-02"), &ret->facts.at_us), OK);
	assert_int_equal(address_parse(view_text(client), &ret->facts.client), OK);
	ret->facts.place = policy_place_of(&ret->policy, &ret->facts.client);
	policy_decide(&ret->policy, &ret->facts, &ret->verdict);
}

static const char *order_of(const struct asked *a)
{
	const struct image_rule *rule = policy_rule(&a->policy, a->verdict.rule);
	return rule ? policy_text(&a->policy, policy_order(&a->policy, rule->order)->id) : "";
}

static void an_own_rule_needs_no_order(void **state)
{
	(void)state;
	struct world w;
	struct asked a;
	build(&w, organisation);
	ask(&w, "10.0.0.1", &a);
	assert_int_equal(a.verdict.reason, REASON_PROHIBITED);
	assert_string_equal(order_of(&a), "own-house");
	assert_int_equal(policy_rule(&a.policy, a.verdict.rule)->ede, 15);
	ask(&w, "10.1.2.9", &a); /* of a network of another class */
	assert_int_equal(a.verdict.reason, REASON_NOT_BOUND);
	world_done(&w);
}

static void an_own_rule_reaches_its_facets_only(void **state)
{
	(void)state;
	struct world w;
	struct asked a;
	build(&w, organisation);
	ask(&w, "10.0.0.1", &a);
	a.facts.name = NULL;
	a.facts.group = GROUP_MODEL;
	a.facts.text = view_text("seek/r1");
	policy_decide(&a.policy, &a.facts, &a.verdict);
	assert_int_equal(a.verdict.reason, REASON_NOT_A_GATE);
	world_done(&w);
}

static void an_own_rule_may_only_observe(void **state)
{
	(void)state;
	struct world w;
	struct asked a;
	cleanup(free) char *text =
		with(organisation, "reason: Rule 4.", "reason: R, mode: observe");
	build(&w, text);
	ask(&w, "10.0.0.1", &a);
	assert_int_equal(a.verdict.action, VERDICT_OBSERVE);
	assert_int_equal(a.verdict.reason, REASON_OBSERVE_MODE);
	world_done(&w);
}

static void an_order_speaks_before_an_own_rule_on_the_same(void **state)
{
	(void)state;
	struct world w;
	struct asked a;
	cleanup(free) char *text = with(organisation, "rules:\n",
	                                "adoptions: [{order: ban, voluntary: yes}]\nrules:\n");
	build(&w, text);
	ask(&w, "10.0.0.1", &a);
	assert_string_equal(order_of(&a), "ban");
	world_done(&w);
}

static void the_most_specific_network_says_who_a_client_is(void **state)
{
	(void)state;
	static const struct {
		const char *client, *unit;
		uint32_t class;
	} cases[] = {
		{"10.0.0.1", "", NETWORK_OFFICIAL},
		{"10.1.0.1", "lab", NETWORK_OFFICIAL},
		{"10.1.2.2", "", NETWORK_GUEST},
		{"10.1.2.3", "desk", NETWORK_OFFICIAL},
		{"::ffff:10.1.2.3", "desk", NETWORK_OFFICIAL},
		{"::ffff:10.1.0.1", "lab", NETWORK_OFFICIAL},
		{"2001:db8::1", "", NETWORK_OFFICIAL},
		{"2001:db8:1::1", "lab", NETWORK_OFFICIAL},
		{"2001:db8:1:2::1", "desk", NETWORK_OFFICIAL},
		{"2001:db8:1:3::1", "lab", NETWORK_OFFICIAL},
	};
	struct world w;
	struct asked a;
	build(&w, organisation);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ask(&w, cases[i].client, &a);
		const struct image_place *place = policy_place(&a.policy, a.facts.place);
		assert_non_null(place);
		assert_string_equal(policy_text(&a.policy, policy_unit(&a.policy, place->unit)->id),
		                    cases[i].unit);
		assert_int_equal(place->network_class, cases[i].class);
	}
	ask(&w, "192.0.2.1", &a);
	assert_int_equal(a.facts.place, NONE);
	world_done(&w);
}

static void a_unit_is_judged_where_its_own_network_is(void **state)
{
	(void)state;
	static const char *const units[] = {"", "lab",
	                                    "desk"}; /* the first has one of guests, too */
	struct world w;
	struct asked a;
	build(&w, organisation);
	ask(&w, "10.0.0.1", &a);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		const struct image_place *place =
			policy_place(&a.policy, policy_place_of_unit(&a.policy, units[i]));
		assert_non_null(place);
		assert_string_equal(policy_text(&a.policy, policy_unit(&a.policy, place->unit)->id),
		                    units[i]);
		assert_int_equal(place->network_class, NETWORK_OFFICIAL);
	}
	assert_int_equal(policy_place_of_unit(&a.policy, "nobody"), NONE);
	world_done(&w);
}

static void an_address_mapped_into_ipv6_is_its_ipv4(void **state)
{
	(void)state;
	static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 10, 1, 0, 1};
	struct world w;
	struct asked a;
	build(&w, organisation);
	ask(&w, "10.1.0.1", &a);
	struct address client = address_from_bytes(mapped, sizeof(mapped));
	assert_int_equal(policy_place_of(&a.policy, &client), a.facts.place);
	world_done(&w);
}

#define EXEMPTION                                                                           \
	"exemptions:\n"                                                                     \
	"  - {id: one, order: own-house, product: seek, reason: R., clients: [10.1.0.9],\n" \
	"     approvals: [{role: head, by: H, at: 2026-01-01}],\n"                          \
	"     not_before: 2026-01-01, not_after: 2026-03-02T00:00:01Z}\n"

static void an_exemption_from_an_own_rule_serves_one_client_until_its_second(void **state)
{
	(void)state;
	struct world w;
	struct asked a;
	cleanup(free) char *text = with(organisation, "rules:\n", EXEMPTION "rules:\n");
	build(&w, text);
	ask(&w, "10.1.0.9", &a);
	assert_int_equal(a.verdict.reason, REASON_EXEMPT);
	a.facts.at_us += SECOND_US - 1;
	policy_decide(&a.policy, &a.facts, &a.verdict);
	assert_int_equal(a.verdict.reason, REASON_EXEMPT);
	a.facts.at_us++;
	policy_decide(&a.policy, &a.facts, &a.verdict);
	assert_int_equal(a.verdict.reason, REASON_PROHIBITED);
	ask(&w, "10.1.0.8", &a);
	assert_int_equal(a.verdict.reason, REASON_PROHIBITED);
	world_done(&w);
}

static void an_exemption_from_an_own_rule_needs_an_approval(void **state)
{
	(void)state;
	struct world w;
	cleanup(free) char *exempt = with(organisation, "rules:\n", EXEMPTION "rules:\n");
	cleanup(free) char *text =
		with(exempt, "approvals: [{role: head, by: H, at: 2026-01-01}],\n", "");
	build(&w, text);
	assert_int_equal(w.result, OK);
	assert_string_equal(
		w.text, "warning organisation.yaml:14:5: exemption \"one\" is not in force: any "
			"approval by an office is missing\n");
	world_done(&w);
}

static const struct image_answer *answer_for(struct asked *a)
{
	assert_int_equal(a->verdict.action, VERDICT_BLOCK);
	return policy_answer(&a->policy, a->verdict.rule, a->facts.place);
}

#define ANSWERS                                                                               \
	"answers:\n"                                                                          \
	"  - {product: own, cname: other.example}\n"                                          \
	"  - {product: seek, units: [lab], address: [192.0.2.1, '2001:db8::1', 192.0.2.2]}\n" \
	"  - {units: [desk], form: nodata}\n"                                                 \
	"lists: [{id: own, file: list.txt, format: plain, reason: Ours.}]\n"

static void the_first_answer_that_fits_product_and_unit_is_given(void **state)
{
	(void)state;
	struct world w;
	struct asked a;
	char text[DNAME_TEXT_SIZE];
	cleanup(free) char *yaml = with(organisation, "rules:\n", ANSWERS "rules:\n");
	build(&w, yaml);
	ask(&w, "10.0.0.1", &a);
	assert_null(answer_for(&a));
	ask(&w, "10.1.0.1", &a);
	const struct image_answer *answer = answer_for(&a);
	assert_int_equal(answer->addresses_count, 3);
	struct address address = policy_answer_address(&a.policy, answer, 1);
	assert_string_equal(address_print(&address, text), "2001:db8::1");
	ask(&w, "10.1.2.3", &a);
	assert_int_equal(answer_for(&a)->form, BLOCK_NODATA);
	world_done(&w);
}

static void a_rules_own_answer_comes_first(void **state)
{
	(void)state;
	struct world w;
	struct asked a;
	cleanup(free) char *answers = with(organisation, "rules:\n", ANSWERS "rules:\n");
	cleanup(free) char *text =
		with(answers, "reason: Rule 4.", "reason: R, answer: {cname: Portal.Body.Example}");
	build(&w, text);
	ask(&w, "10.1.0.1", &a);
	assert_string_equal(policy_text(&a.policy, answer_for(&a)->alias), "Portal.Body.Example");
	world_done(&w);
}

static void assert_refused(const char *from, const char *to, const char *expected)
{
	struct world w;
	cleanup(free) char *text = with(organisation, from, to);
	build(&w, text);
	assert_string_equal(w.text, expected);
	assert_int_equal(w.result, ERR_INVALID);
	world_done(&w);
}

static void what_is_no_answer_is_refused_with_its_place(void **state)
{
	(void)state;
	static const char one[] =
		"answer: the value is not acceptable, expected one of form, cname, address\n";
	char expected[256];
	(void)snprintf(expected, sizeof(expected), "organisation.yaml:14:84: %s", one);
	assert_refused("reason: Rule 4.", "reason: R, answer: {}", expected);
	assert_refused("reason: Rule 4.", "reason: R, answer: {form: null, cname: a.example}",
	               expected);
	assert_refused(
		"rules:\n", "answers: [{units: [lab]}]\nrules:\n",
		"organisation.yaml:13:11: answer: the value is not acceptable, expected one of "
		"form, cname, address\n");
	assert_refused(
		"reason: Rule 4.", "reason: R, answer: {address: [192.0.2.0/24]}",
		"organisation.yaml:14:94: address: the value is not acceptable, expected single "
		"addresses\n");
	assert_refused(
		"reason: Rule 4.", "reason: R, answer: {cname: a..b}",
		"organisation.yaml:14:92: cname: \"a..b\" is not acceptable, expected the name of "
		"a host\n");
	assert_refused(
		"rules:\n", "answers: [{product: other, form: null}]\nrules:\n",
		"organisation.yaml:13:21: product \"other\", expected the id of a product of the "
		"catalogue or of a list of this file\n");
}

static void what_is_no_rule_is_refused_with_its_place(void **state)
{
	(void)state;
	assert_refused(
		"product: seek", "product: other",
		"organisation.yaml:14:44: product \"other\", expected the id of a product of the "
		"catalogue\n");
	assert_refused(
		"rules:\n",
		"lists: [{id: house, file: list.txt, format: plain, reason: Ours.}]\nrules:\n",
		"organisation.yaml:15:5: rule \"house\" is called as a list is, expected an id of "
		"its own\n");
	assert_refused(
		"reason: Rule 4.", "reason: R, units: [garage]",
		"organisation.yaml:14:84: unit \"garage\", expected the id of a unit of this "
		"file\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_own_rule_needs_no_order),
		cmocka_unit_test(an_own_rule_reaches_its_facets_only),
		cmocka_unit_test(an_own_rule_may_only_observe),
		cmocka_unit_test(an_order_speaks_before_an_own_rule_on_the_same),
		cmocka_unit_test(the_most_specific_network_says_who_a_client_is),
		cmocka_unit_test(a_unit_is_judged_where_its_own_network_is),
		cmocka_unit_test(an_address_mapped_into_ipv6_is_its_ipv4),
		cmocka_unit_test(an_exemption_from_an_own_rule_serves_one_client_until_its_second),
		cmocka_unit_test(an_exemption_from_an_own_rule_needs_an_approval),
		cmocka_unit_test(the_first_answer_that_fits_product_and_unit_is_given),
		cmocka_unit_test(a_rules_own_answer_comes_first),
		cmocka_unit_test(what_is_no_answer_is_refused_with_its_place),
		cmocka_unit_test(what_is_no_rule_is_refused_with_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
