#include "finding/findings.h"
#include "finding/result_diff.h"
#include "finding/strength.h"
#include "tests/unit/policy/world.h"

static struct world world;
static struct policy policy;

static int set_up(void **state)
{
	(void)state;
	world_read(&world, product_yaml, order_yaml, organisation_yaml);
	world_compile(&world);
	assert_int_equal(policy_open(buffer_view(&world.image), &policy), OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&world);
	return 0;
}

/* A sighting of the product's name by that client. */
static struct sighting seen(const char *client, int64_t at_us, uint64_t line)
{
	struct dname name;
	struct sighting s = {.first_us = at_us,
	                     .last_us = at_us,
	                     .count = 1,
	                     .place = NONE,
	                     .what = view_text("chat.seek.example"),
	                     .at = line};
	struct facts facts = {.name = &name, .place = NONE, .at_us = at_us == TIME_MIN ? 0 : at_us};
	assert_int_equal(dname_parse_text(s.what, &name), OK);
	if (client)
		assert_int_equal(address_parse(view_text(client), &s.client), OK);
	policy_decide(&policy, &facts, &s.verdict);
	assert_int_not_equal(s.verdict.identifier, NONE);
	return s;
}

static struct findings *new_findings(size_t max)
{
	struct findings *f = NULL;
	assert_int_equal(findings_new(&policy, max, &f), OK);
	return f;
}

static void add(struct findings *f, const struct sighting *s)
{
	assert_int_equal(findings_add(f, s), OK);
}

static void sightings_of_one_subject_are_one_finding(void **state)
{
	(void)state;
	struct findings *f = new_findings(10);
	struct sighting late = seen("10.1.0.1", 300, 9), early = seen("10.1.0.1", 100, 12),
			other = seen("10.1.0.2", 200, 10);
	late.bytes_up = 5;
	early.bytes_up = 7;
	early.what = view_text("seek.example");
	add(f, &late);
	add(f, &early);
	add(f, &other);
	findings_sort(f);
	assert_int_equal(findings_count(f), 2);
	const struct finding *x = findings_at(f, 0);
	assert_int_equal(x->count, 2);
	assert_int_equal(x->bytes_up, 12);
	assert_int_equal(x->first_us, 100);
	assert_int_equal(x->last_us, 300);
	assert_int_equal(x->at, 12);
	assert_true(view_is(x->what, "seek.example"));
	/* after sorting, equal sightings are still found */
	add(f, &late);
	assert_int_equal(findings_count(f), 2);
	findings_free(f);
}

static void the_same_in_two_files_of_a_machine_is_two_findings(void **state)
{
	(void)state;
	struct findings *f = new_findings(10);
	struct sighting one = seen(NULL, 100, 0), other = seen(NULL, 100, 0);
	one.where = view_text("/home/a/.env");
	other.where = view_text("/home/b/.env");
	add(f, &one);
	add(f, &other);
	add(f, &one);
	findings_sort(f);
	assert_int_equal(findings_count(f), 2);
	assert_int_equal(findings_at(f, 0)->count, 2);
	assert_true(view_is(findings_at(f, 0)->where, "/home/a/.env"));
	assert_true(view_is(findings_at(f, 1)->where, "/home/b/.env"));
	findings_free(f);
}

static void each_package_that_a_file_lists_is_a_finding_whatever_its_version(void **state)
{
	(void)state;
	struct findings *f = new_findings(10);
	struct sighting one = seen(NULL, 100, 3), other = seen(NULL, 100, 9);
	one.where = other.where = view_text("/var/lib/dpkg/status");
	one.item = view_text("deb seek-cli");
	one.what = view_text("deb seek-cli 1.0");
	other.item = other.what = view_text("deb seek-gui");
	add(f, &one);
	add(f, &other);
	one.what = view_text("deb seek-cli 2.0");
	add(f, &one);
	findings_sort(f);
	assert_int_equal(findings_count(f), 2);
	assert_true(view_is(findings_at(f, 0)->item, "deb seek-cli"));
	assert_int_equal(findings_at(f, 0)->count, 2);
	assert_true(view_is(findings_at(f, 1)->item, "deb seek-gui"));
	findings_free(f);
}

/* What was found of that package, in a file of a machine. */
static void find_package(struct findings *f, const char *item)
{
	struct findings_source source = findings_source_none();
	struct sighting s = seen(NULL, TIME_MIN, 0);
	s.where = view_text("/var/lib/dpkg/status");
	s.item = s.what = view_text(item);
	assert_int_equal(findings_add_source(f, &source), 0);
	add(f, &s);
}

static void what_is_gone_says_of_which_package_it_was(void **state)
{
	(void)state;
	struct findings *before = new_findings(10), *now = new_findings(10);
	struct subjects subjects;
	struct result_earlier *earlier = NULL;
	struct result_diff diff;
	struct buffer json = {0}, out = {0};
	struct json_writer j = {.out = &out};
	subjects_init(&subjects, true);
	find_package(before, "deb seek-gui");
	find_package(now, "deb seek-cli");
	struct result result = {.method = "m", .findings = before, .subjects = &subjects};
	result_write_json(&result, &json);
	assert_int_equal(result_earlier_read(buffer_view(&json), &earlier), OK);
	result.findings = now;
	assert_int_equal(result_diff_make(&result, earlier, &diff), OK);
	assert_int_equal(diff.new_count, 1);
	json_object_begin(&j, NULL);
	result_diff_write_json(&diff, &j);
	json_object_end(&j);
	assert_true(
		view_is(buffer_view(&out),
	                "{\"changes\":{\"new\":1,\"still\":0,\"gone\":[{\"product\":\"seek\","
	                "\"facets\":\"web\",\"identifier\":\"name\",\"subject\":null,"
	                "\"unit\":null,\"where\":\"/var/lib/dpkg/status\","
	                "\"item\":\"deb seek-gui\",\"what\":\"deb seek-gui\",\"last\":null}]}}"));
	result_diff_done(&diff);
	buffer_done(&json);
	buffer_done(&out);
	subjects_done(&subjects);
	findings_free(before);
	findings_free(now);
}

static void what_is_indirect_is_possible_use_until_there_is_more(void **state)
{
	(void)state;
	struct findings *f = new_findings(10);
	struct sighting first = seen("10.1.0.1", 100, 1), direct = seen("10.1.0.1", 200, 2),
			last = seen("10.1.0.1", 50, 3);
	first.is_indirect = last.is_indirect = true;
	add(f, &first);
	const struct finding *x = findings_at(f, 0);
	assert_int_equal(finding_strength_by(&policy, x->identifier), FINDING_USE);
	assert_int_equal(finding_strength_of(&policy, x), FINDING_POSSIBLE);
	add(f, &direct);
	add(f, &last);
	x = findings_at(f, 0);
	assert_int_equal(finding_strength_of(&policy, x), FINDING_USE);
	assert_int_equal(x->at, 2);
	assert_int_equal(x->count, 3);
	assert_int_equal(x->first_us, 50);
	findings_free(f);
}

static void each_row_of_a_table_says_what_it_proves_itself(void **state)
{
	static const char *const clients[] = {"10.1.0.1", "10.1.0.2", "10.1.0.3"};
	static const char *const proves[] = {"\"use\"", "\"possible\"", "\"use\""};
	(void)state;
	struct findings *f = new_findings(10);
	struct findings_source source = findings_source_none();
	struct subjects subjects;
	struct buffer csv = {0};
	subjects_init(&subjects, true);
	assert_int_equal(findings_add_source(f, &source), 0);
	for (size_t i = 0; i < 3; i++) {
		struct sighting s = seen(clients[i], 100, i);
		s.is_indirect = i == 1;
		add(f, &s);
	}
	findings_sort(f);
	result_write_csv(&(struct result){.findings = f, .subjects = &subjects}, &csv);
	struct view rest = buffer_view(&csv);
	(void)view_split(&rest, '\n');
	for (size_t i = 0; i < 3; i++) {
		struct view row = view_split(&rest, '\n');
		for (int cell = 0; cell < 3; cell++)
			(void)view_split(&row, ',');
		assert_true(view_is(view_split(&row, ','), proves[i]));
	}
	assert_int_equal(rest.size, 0);
	buffer_done(&csv);
	subjects_done(&subjects);
	findings_free(f);
}

static void the_order_of_sightings_changes_nothing(void **state)
{
	(void)state;
	struct sighting all[60];
	for (int i = 0; i < 60; i++) {
		all[i] = seen(i % 3 ? "10.1.0.1" : "2001:db8::1", i % 5 ? i * 37 % 11 : TIME_MIN,
		              (uint64_t)(i + 1));
		all[i].verdict.action = (enum verdict_action)(i % 3);
		all[i].verdict.rule = (uint32_t)(i % 7);
		all[i].is_indirect = i % 6 > 2;
		if (i % 4)
			all[i].destination =
				address_from_bytes((uint8_t[4]){192, 0, 2, (uint8_t)(i % 9)}, 4);
	}
	struct findings *forward = new_findings(10), *backward = new_findings(10);
	for (int i = 0; i < 60; i++) {
		add(forward, &all[i]);
		add(backward, &all[59 - i]);
	}
	findings_sort(forward);
	findings_sort(backward);
	assert_int_equal(findings_count(forward), findings_count(backward));
	for (size_t i = 0; i < findings_count(forward); i++) {
		struct finding a = *findings_at(forward, i), b = *findings_at(backward, i);
		assert_true(view_equal(a.what, b.what));
		a.what = b.what = a.user = b.user = (struct view){0};
		assert_memory_equal(&a, &b, sizeof(a));
	}
	findings_free(forward);
	findings_free(backward);
}

static void the_destination_is_the_first_that_is_known(void **state)
{
	(void)state;
	struct findings *f = new_findings(10);
	struct sighting asked = seen("10.1.0.1", 100, 1), late = seen("10.1.0.1", 300, 3),
			reached = seen("10.1.0.1", 200, 2);
	assert_int_equal(address_parse(view_text("192.0.2.1"), &reached.destination), OK);
	assert_int_equal(address_parse(view_text("192.0.2.9"), &late.destination), OK);
	add(f, &late);
	add(f, &asked);
	assert_true(address_equal(&findings_at(f, 0)->destination, &late.destination));
	add(f, &reached);
	assert_true(address_equal(&findings_at(f, 0)->destination, &reached.destination));
	assert_int_equal(findings_at(f, 0)->at, 1);
	findings_free(f);
}

static void the_strictest_verdict_stands(void **state)
{
	(void)state;
	struct findings *f = new_findings(10);
	struct sighting s = seen("10.1.0.1", 1, 1);
	s.verdict.action = VERDICT_ALLOW;
	s.verdict.reason = REASON_EXEMPT;
	add(f, &s);
	s = seen("10.1.0.1", 2, 2);
	s.verdict.action = VERDICT_BLOCK;
	s.verdict.reason = REASON_PROHIBITED;
	add(f, &s);
	assert_int_equal(findings_at(f, 0)->action, VERDICT_BLOCK);
	assert_int_equal(findings_at(f, 0)->reason, REASON_PROHIBITED);
	assert_int_equal(findings_at(f, 0)->at, 1);
	findings_free(f);
}

static void what_goes_beyond_the_maximum_is_counted(void **state)
{
	(void)state;
	struct findings *f = new_findings(300);
	for (int i = 0; i < 1000; i++) {
		char text[32];
		(void)snprintf(text, sizeof(text), "10.1.%d.%d", i / 250, i % 250);
		struct sighting s = seen(text, i, 1);
		add(f, &s);
	}
	assert_int_equal(findings_count(f), 300);
	assert_int_equal(findings_dropped(f), 700);
	/* what is there is still added to */
	struct sighting s = seen("10.1.0.0", 1, 1);
	add(f, &s);
	assert_int_equal(findings_dropped(f), 700);
	findings_free(f);
}

static void a_long_text_is_cut(void **state)
{
	(void)state;
	char text[2000];
	memset(text, 'a', sizeof(text));
	struct findings *f = new_findings(10);
	struct sighting s = seen(NULL, TIME_MIN, 1);
	s.what = s.user = view_of(text, sizeof(text));
	add(f, &s);
	s.user.size = FINDING_TEXT_MAX + 1;
	add(f, &s);
	assert_int_equal(findings_count(f), 1);
	assert_int_equal(findings_at(f, 0)->what.size, FINDING_TEXT_MAX);
	assert_int_equal(findings_at(f, 0)->user.size, FINDING_TEXT_MAX);
	findings_free(f);
}

static void parts_of_a_source_are_put_together(void **state)
{
	(void)state;
	struct findings *all = new_findings(10), *part = new_findings(10);
	struct findings_source source = findings_source_none();
	source.name = view_text("a");
	assert_int_equal(findings_add_source(all, &source), 0);
	assert_int_equal(findings_add_source(all, &source), 1);
	struct sighting s = seen("10.1.0.1", 5, 3);
	add(part, &s);
	assert_int_equal(findings_merge_part(all, 1, 100, part), OK);
	assert_int_equal(findings_at(all, 0)->source, 1);
	assert_int_equal(findings_at(all, 0)->at, 103);
	findings_free(all);
	findings_free(part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sightings_of_one_subject_are_one_finding),
		cmocka_unit_test(the_same_in_two_files_of_a_machine_is_two_findings),
		cmocka_unit_test(each_package_that_a_file_lists_is_a_finding_whatever_its_version),
		cmocka_unit_test(what_is_gone_says_of_which_package_it_was),
		cmocka_unit_test(what_is_indirect_is_possible_use_until_there_is_more),
		cmocka_unit_test(each_row_of_a_table_says_what_it_proves_itself),
		cmocka_unit_test(the_order_of_sightings_changes_nothing),
		cmocka_unit_test(the_destination_is_the_first_that_is_known),
		cmocka_unit_test(the_strictest_verdict_stands),
		cmocka_unit_test(what_goes_beyond_the_maximum_is_counted),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(parts_of_a_source_are_put_together),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
