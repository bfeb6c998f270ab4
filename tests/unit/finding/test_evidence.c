#include "finding/evidence.h"
#include "record/submission.h"
#include "tests/unit/policy/world.h"

enum { KEYS = 2 };

static struct world world;
static struct policy policy;

struct log {
	struct states *states;
	struct subjects keys[KEYS];
	size_t key_count;
	uint64_t entries;
	struct evidence_counts counts;
};

static int set_up(void **state)
{
	(void)state;
	world_read(&world, product_yaml, order_yaml, organisation_yaml);
	world_compile(&world);
	return policy_open(buffer_view(&world.image), &policy);
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&world);
	return 0;
}

static void key_of(struct subjects *s, const char *period, uint8_t fill)
{
	*s = (struct subjects){.mode = SUBJECTS_INSTALLATION};
	memcpy(s->period, period, strlen(period) + 1);
	uint8_t key[PSEUDONYM_KEY_SIZE];
	memset(key, fill, sizeof(key));
	pseudonym_key_init(&s->key, key);
}

static void begin(struct log *l)
{
	*l = (struct log){.key_count = 1};
	key_of(&l->keys[0], "2026-01", 1);
	assert_int_equal(states_new(&l->states), OK);
}

/* What was found where, and who it was: "" for nobody. */
struct found {
	const char *format, *client;
	int64_t at_us;
	const char *source;
	int64_t source_first_us;
	const char *where, *item;
};

static struct findings *found_by(const struct found *what)
{
	const char *format = what->format, *client = what->client, *source = what->source;
	int64_t at_us = what->at_us, source_first_us = what->source_first_us;
	struct findings *f = NULL;
	struct dname name;
	struct findings_source s = findings_source_none();
	assert_int_equal(findings_new(&policy, 10, &f), OK);
	s.name = view_text(source);
	s.format = view_text(format);
	s.first_us = source_first_us;
	s.last_us = source_first_us == TIME_MIN ? TIME_MIN : source_first_us + 100;
	assert_int_equal(findings_add_source(f, &s), 0);
	if (!client)
		return f;
	struct sighting seen = {.first_us = at_us,
	                        .last_us = at_us,
	                        .count = 1,
	                        .what = view_text("seek.example"),
	                        .place = NONE,
	                        .at = 1};
	if (what->where)
		seen.where = view_text(what->where);
	if (what->item)
		seen.item = view_text(what->item);
	if (*client)
		assert_int_equal(address_parse(view_text(client), &seen.client), OK);
	assert_int_equal(dname_parse_text(seen.what, &name), OK);
	struct facts facts = {.name = &name, .at_us = at_us, .client = seen.client};
	if (*client)
		seen.place = policy_place_of(&policy, &seen.client);
	facts.place = seen.place;
	policy_decide(&policy, &facts, &seen.verdict);
	assert_int_equal(findings_add(f, &seen), OK);
	return f;
}

static struct findings *found_in(const char *format, const char *client, int64_t at_us,
                                 const char *source, int64_t source_first_us)
{
	const struct found what = {.format = format,
	                           .client = client,
	                           .at_us = at_us,
	                           .source = source,
	                           .source_first_us = source_first_us};
	return found_by(&what);
}

static struct findings *found(const char *client, int64_t at_us, const char *source,
                              int64_t source_first_us)
{
	return found_in("squid", client, at_us, source, source_first_us);
}

/* Writes it as one who knows of `known` alone, and reads into the states what was written. */
static void record_as(struct log *l, struct findings *f, const char *run,
                      const struct states *known)
{
	struct result r = {.method = "test", .findings = f};
	struct evidence_submission s = {.result = &r,
	                                .states = known,
	                                .keys = l->keys,
	                                .key_count = l->key_count,
	                                .actor = "me"};
	struct buffer lines = {0};
	(void)snprintf(s.run, sizeof(s.run), "%s", run);
	assert_int_equal(evidence_write(&s, &lines, &l->counts), OK);
	assert_null(memmem(lines.bytes, lines.size, "10.1.0.1", 8));
	size_t count;
	assert_int_equal(submission_check(buffer_view(&lines), &count), OK);
	for (struct view rest = buffer_view(&lines); rest.size;) {
		struct buffer out = {0};
		struct entry e;
		assert_int_equal(submission_next(&rest, (int64_t)l->entries, &out), OK);
		assert_int_equal(entry_parse(buffer_view(&out), &e, NULL), OK);
		if (e.kind == ENTRY_FINDING)
			assert_int_equal(states_add(l->states, l->entries, &e), OK);
		l->entries++;
		buffer_done(&out);
	}
	buffer_done(&lines);
	findings_free(f);
}

static void record(struct log *l, struct findings *f, const char *run)
{
	record_as(l, f, run, l->states);
}

/* The entry of an erasure, or of a change by a person. */
static void tell(struct log *l, struct buffer *line)
{
	struct buffer out = {0};
	struct entry e;
	struct view rest = buffer_view(line);
	assert_int_equal(submission_next(&rest, (int64_t)l->entries, &out), OK);
	assert_int_equal(entry_parse(buffer_view(&out), &e, NULL), OK);
	assert_int_equal(
		(e.kind == ENTRY_ERASE ? states_erase : states_add)(l->states, l->entries, &e), OK);
	l->entries++;
	buffer_done(&out);
	buffer_done(line);
}

static void erase(struct log *l, const char *period)
{
	struct buffer line = {0};
	buffer_printf(
		&line,
		"erase {\"actor\":\"root\",\"id\":\"1\",\"period\":\"%s\",\"reason\":\"old\"}\n",
		period);
	tell(l, &line);
}

static void decide(struct log *l, size_t finding, enum finding_status status)
{
	struct buffer line = {0};
	struct evidence_change c = {.finding = states_at(l->states, finding)->id,
	                            .actor = "a",
	                            .reason = "because",
	                            .status = status};
	evidence_write_change(&c, &line);
	tell(l, &line);
}

static void assert_counts(const struct log *l, size_t is_new, size_t again, size_t gone)
{
	assert_int_equal(l->counts.is_new, is_new);
	assert_int_equal(l->counts.again, again);
	assert_int_equal(l->counts.gone, gone);
}

static void a_later_run_recognises_a_finding_or_says_that_it_is_gone(void **state)
{
	(void)state;
	struct log l;
	begin(&l);
	record(&l, found("10.1.0.1", 1000, "/logs/a", 900), "1");
	assert_counts(&l, 1, 0, 0);
	record(&l, found("10.1.0.1", 2000, "/logs/b", 1900), "2");
	assert_counts(&l, 0, 1, 0);
	assert_int_equal(states_count(l.states), 1);
	assert_int_equal(states_at(l.states, 0)->first_us, 1000);
	assert_int_equal(states_at(l.states, 0)->last_us, 2000);
	/* elsewhere, earlier, or of unknown time: no proof */
	record(&l, found(NULL, 0, "/other/c", 3000), "3");
	record(&l, found(NULL, 0, "/logs/c", 2000), "4");
	record(&l, found(NULL, 0, "/logs/c", TIME_MIN), "5");
	assert_int_equal(states_at(l.states, 0)->status, FINDING_OPEN);
	record(&l, found(NULL, 0, "/logs/c", 2001), "6");
	assert_counts(&l, 0, 0, 1);
	assert_int_equal(states_at(l.states, 0)->status, FINDING_GONE);
	assert_string_equal(states_at(l.states, 0)->run, "2");
	record(&l, found(NULL, 0, "/logs/d", 4000), "7");
	assert_counts(&l, 0, 0, 0);
	record(&l, found("10.1.0.1", 5000, "/logs/e", 4900), "8");
	assert_int_equal(states_at(l.states, 0)->status, FINDING_OPEN);
	states_free(l.states);
}

static void a_source_without_times_proves_only_of_itself_what_is_gone(void **state)
{
	(void)state;
	struct log l;
	begin(&l);
	record(&l, found("10.1.0.1", TIME_MIN, "/logs/a", TIME_MIN), "1");
	record(&l, found(NULL, 0, "/logs/b", TIME_MIN), "2");
	record(&l, found(NULL, 0, "/logs/a", 7000), "3");
	assert_int_equal(states_at(l.states, 0)->status, FINDING_OPEN);
	record(&l, found(NULL, 0, "/logs/a", TIME_MIN), "4");
	assert_int_equal(states_at(l.states, 0)->status, FINDING_GONE);
	states_free(l.states);
}

static void what_a_log_is_packed_in_makes_it_no_other_kind(void **state)
{
	static const struct {
		const char *before, *after;
		bool is_gone;
	} cases[] = {
		{"squid", "squid gz", true},          {"squid xz gz", "squid zst", true},
		{"squid", "squid-common", false},     {"squid-common gz", "squid gz", false},
		{"mapping a", "mapping a gz", true},  {"mapping a gz", "mapping a", true},
		{"zeek-ssl", "zeek-ssl gz", true},    {"zeek gz", "zeek gz", false},
		{"zeek-json", "zeek-json", false},    {"zeek-json", "zeek-dns-json", false},
		{"mapping a", "mapping b gz", false}, {"mapping gz", "mapping xz", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct log l;
		begin(&l);
		record(&l, found_in(cases[i].before, "10.1.0.1", 1000, "/logs/a", 900), "1");
		record(&l, found_in(cases[i].after, NULL, 0, "/logs/b", 2000), "2");
		assert_int_equal(l.counts.gone, cases[i].is_gone);
		states_free(l.states);
	}
}

static void a_name_that_is_no_place_proves_nothing_gone(void **state)
{
	static const char *const names[] = {"-", "access.log", "logs/access.log"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct log l;
		begin(&l);
		record(&l, found("10.1.0.1", 1000, names[i], 900), "1");
		record(&l, found(NULL, 0, names[i], 2000), "2");
		record(&l, found("10.2.0.1", TIME_MIN, names[i], TIME_MIN), "3");
		record(&l, found(NULL, 0, names[i], TIME_MIN), "4");
		assert_int_equal(states_at(l.states, 0)->status, FINDING_OPEN);
		assert_int_equal(states_at(l.states, 1)->status, FINDING_OPEN);
		states_free(l.states);
	}
}

static void the_key_of_another_month_does_not_part_a_finding_from_itself(void **state)
{
	(void)state;
	struct log l;
	begin(&l);
	record(&l, found("10.1.0.1", 1000, "/logs/a", 900), "1");
	/* the next month: its key first, the old one is still there */
	l.keys[1] = l.keys[0];
	key_of(&l.keys[0], "2026-02", 2);
	l.key_count = 2;
	record(&l, found("10.1.0.1", 2000, "/logs/b", 1900), "2");
	assert_counts(&l, 0, 1, 0);
	assert_string_equal(states_at(l.states, 0)->period, "2026-01");
	/* when it was erased nothing links them, and nothing is said to be gone */
	l.key_count = 1;
	record(&l, found("10.1.0.1", 3000, "/logs/c", 2900), "3");
	assert_counts(&l, 1, 0, 0);
	states_free(l.states);
}

static void begin_next_month(struct log *l)
{
	key_of(&l->keys[0], "2026-02", 2);
	l->key_count = 1;
}

static void one_that_names_somebody_is_forgotten_with_its_key(void **state)
{
	static const struct {
		enum finding_status before, after;
	} rows[] = {{FINDING_OPEN, FINDING_FORGOTTEN},
	            {FINDING_ACCEPTED, FINDING_FORGOTTEN},
	            {FINDING_REMOVED, FINDING_FORGOTTEN},
	            {FINDING_GONE, FINDING_GONE}};
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct log l;
		begin(&l);
		record(&l, found("10.1.0.1", 1000, "/logs/a", 900), "1");
		decide(&l, 0, rows[i].before);
		erase(&l, "2025-12");
		assert_int_equal(states_at(l.states, 0)->status, rows[i].before);
		erase(&l, "2026-01");
		const struct finding_state *f = states_at(l.states, 0);
		assert_int_equal(f->status, rows[i].after);
		if (f->status == FINDING_FORGOTTEN) {
			assert_string_equal(f->actor, "root");
			assert_string_equal(f->reason, "old");
			assert_int_equal(f->entry, l.entries - 1);
		}
		/* what is still there is another, and that one may go by itself */
		begin_next_month(&l);
		record(&l, found("10.1.0.1", 3000, "/logs/c", 2900), "3");
		assert_counts(&l, 1, 0, 0);
		record(&l, found(NULL, 0, "/logs/d", 4000), "4");
		assert_counts(&l, 0, 0, 1);
		assert_int_equal(states_count(l.states), 2);
		assert_int_equal(states_at(l.states, 1)->status, FINDING_GONE);
		states_free(l.states);
	}
}

static void a_key_that_is_back_recognises_what_was_forgotten(void **state)
{
	(void)state;
	struct log l;
	begin(&l);
	record(&l, found("10.1.0.1", 1000, "/logs/a", 900), "1");
	decide(&l, 0, FINDING_ACCEPTED);
	erase(&l, "2026-01");
	uint64_t erased = l.entries - 1;
	record(&l, found("10.1.0.1", 2000, "/logs/b", 1900), "2");
	assert_counts(&l, 0, 1, 0);
	assert_int_equal(states_at(l.states, 0)->status, FINDING_OPEN);
	/* the log is folded anew each time: the erasure of before is not the end of it */
	struct buffer line = {0}, out = {0};
	buffer_add_text(&line, "erase {\"actor\":\"a\",\"id\":\"1\",\"period\":\"2026-01\","
	                       "\"reason\":\"r\"}\n");
	struct view rest = buffer_view(&line);
	struct entry e;
	assert_int_equal(submission_next(&rest, 0, &out), OK);
	assert_int_equal(entry_parse(buffer_view(&out), &e, NULL), OK);
	assert_int_equal(states_erase(l.states, erased, &e), OK);
	assert_int_equal(states_at(l.states, 0)->status, FINDING_OPEN);
	assert_int_equal(states_erase(l.states, l.entries, &e), OK);
	assert_int_equal(states_at(l.states, 0)->status, FINDING_FORGOTTEN);
	buffer_done(&line);
	buffer_done(&out);
	states_free(l.states);
}

static void no_entry_of_a_finding_says_that_it_is_forgotten(void **state)
{
	(void)state;
	struct log l;
	begin(&l);
	record(&l, found("10.1.0.1", 1000, "/logs/a", 900), "1");
	decide(&l, 0, FINDING_FORGOTTEN);
	assert_int_equal(states_at(l.states, 0)->status, FINDING_OPEN);
	states_free(l.states);
}

static void one_that_names_nobody_needs_no_key(void **state)
{
	static const struct found names = {"names", "", TIME_MIN, "/logs/a", TIME_MIN},
				  file = {"scan",      "",       TIME_MIN,
	                                  "host node", TIME_MIN, "/srv/package-lock.json",
	                                  "seek"},
				  others[] = {{"scan", "", TIME_MIN, "other node", TIME_MIN,
	                                       "/srv/package-lock.json", "seek"},
	                                      {"scan", "", TIME_MIN, "host node", TIME_MIN,
	                                       "/srv/b/package-lock.json", "seek"},
	                                      {"scan", "", TIME_MIN, "host node", TIME_MIN,
	                                       "/srv/package-lock.json", "look"}};
	(void)state;
	struct log l;
	begin(&l);
	record(&l, found_by(&names), "1");
	record(&l, found_by(&file), "2");
	record(&l, found("10.1.0.1", 1000, "/logs/b", 900), "3");
	assert_int_equal(states_count(l.states), 3);
	decide(&l, 1, FINDING_ACCEPTED);
	erase(&l, "2026-01");
	assert_int_equal(states_at(l.states, 0)->status, FINDING_OPEN);
	assert_int_equal(states_at(l.states, 1)->status, FINDING_ACCEPTED);
	begin_next_month(&l);
	record(&l, found_by(&names), "4");
	assert_counts(&l, 0, 1, 0);
	record(&l, found_by(&file), "5");
	assert_counts(&l, 0, 1, 0);
	assert_int_equal(states_at(l.states, 1)->status, FINDING_ACCEPTED);
	assert_string_equal(states_at(l.states, 1)->period, "2026-01");
	assert_string_equal(states_at(l.states, 1)->run, "5");
	for (size_t i = 0; i < 3; i++) {
		record(&l, found_by(&others[i]), "6");
		assert_int_equal(l.counts.is_new, 1);
	}
	/* and it is gone without a key, too */
	record(&l, found_in("names", NULL, 0, "/logs/a", TIME_MIN), "7");
	assert_counts(&l, 0, 0, 1);
	assert_int_equal(states_at(l.states, 0)->status, FINDING_GONE);
	states_free(l.states);
}

static void one_that_was_told_twice_is_gone_only_as_a_whole(void **state)
{
	static const struct found names = {"names", "", TIME_MIN, "/logs/a", TIME_MIN};
	(void)state;
	struct log l;
	struct states *none;
	assert_int_equal(states_new(&none), OK);
	begin(&l);
	record(&l, found_by(&names), "1");
	begin_next_month(&l);
	record_as(&l, found_by(&names), "2", none);
	assert_int_equal(states_count(l.states), 2);
	record(&l, found_by(&names), "3");
	assert_counts(&l, 0, 1, 0);
	record(&l, found_in("names", NULL, 0, "/logs/a", TIME_MIN), "4");
	assert_counts(&l, 0, 0, 2);
	states_free(none);
	states_free(l.states);
}

static void what_the_log_cannot_write_as_it_is_tells_nothing_without_a_key(void **state)
{
	static const struct found one = {"scan",   "",          TIME_MIN, "host node",
	                                 TIME_MIN, "/srv/\xff", ""},
				  same_text = {"scan",      "",       TIME_MIN,
	                                       "host node", TIME_MIN, "/srv/\xef\xbf\xbd",
	                                       ""};
	(void)state;
	struct log l;
	begin(&l);
	record(&l, found_by(&one), "1");
	record(&l, found_by(&one), "2");
	assert_counts(&l, 0, 1, 0);
	decide(&l, 0, FINDING_ACCEPTED);
	record(&l, found_by(&same_text), "3");
	assert_counts(&l, 1, 0, 0);
	erase(&l, "2026-01");
	assert_int_equal(states_at(l.states, 0)->status, FINDING_FORGOTTEN);
	begin_next_month(&l);
	record(&l, found_by(&one), "4");
	assert_counts(&l, 1, 0, 0);
	states_free(l.states);
}

static void what_a_person_decided_stands_until_a_run_says_otherwise(void **state)
{
	(void)state;
	struct log l;
	begin(&l);
	record(&l, found("10.1.0.1", 1000, "/logs/a", 900), "1");
	static const struct {
		enum finding_status decided, then;
	} rows[] = {{FINDING_ACCEPTED, FINDING_ACCEPTED}, {FINDING_REMOVED, FINDING_OPEN}};
	for (size_t i = 0; i < 2; i++) {
		decide(&l, 0, rows[i].decided);
		assert_int_equal(states_at(l.states, 0)->status, rows[i].decided);
		assert_string_equal(states_at(l.states, 0)->reason, "because");
		record(&l, found("10.1.0.1", 2000, "/logs/b", 1900), "2");
		assert_int_equal(states_at(l.states, 0)->status, rows[i].then);
		assert_string_equal(states_at(l.states, 0)->reason, "");
	}
	states_free(l.states);
}

static void many_sources_are_more_than_one_entry(void **state)
{
	(void)state;
	struct log l;
	begin(&l);
	struct findings *f = found(NULL, 0, "/logs/a", 1);
	for (int i = 0; i < 2000; i++) {
		struct findings_source s = findings_source_none();
		s.name = view_text("a/rather/long/name/of/a/file/in/a/folder");
		s.problem = view_text("no known format is recognised");
		assert_true(findings_add_source(f, &s) > 0);
	}
	record(&l, f, "1");
	assert_true(l.entries > 2);
	states_free(l.states);
}

static void an_id_is_found_by_its_begin(void **state)
{
	(void)state;
	struct log l;
	begin(&l);
	assert_null(states_find(l.states, "a"));
	record(&l, found("10.1.0.1", 1000, "/logs/a", 900), "1");
	const char *id = states_at(l.states, 0)->id;
	char part[5];
	memcpy(part, id, 4);
	part[4] = '\0';
	assert_ptr_equal(states_find(l.states, part), states_at(l.states, 0));
	assert_ptr_equal(states_find(l.states, id), states_at(l.states, 0));
	assert_ptr_equal(states_get(l.states, id), states_at(l.states, 0));
	assert_null(states_get(l.states, part));
	assert_null(states_find(l.states, ""));
	assert_null(states_find(l.states, "zz"));
	states_free(l.states);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_later_run_recognises_a_finding_or_says_that_it_is_gone),
		cmocka_unit_test(a_source_without_times_proves_only_of_itself_what_is_gone),
		cmocka_unit_test(what_a_log_is_packed_in_makes_it_no_other_kind),
		cmocka_unit_test(a_name_that_is_no_place_proves_nothing_gone),
		cmocka_unit_test(the_key_of_another_month_does_not_part_a_finding_from_itself),
		cmocka_unit_test(one_that_names_somebody_is_forgotten_with_its_key),
		cmocka_unit_test(a_key_that_is_back_recognises_what_was_forgotten),
		cmocka_unit_test(no_entry_of_a_finding_says_that_it_is_forgotten),
		cmocka_unit_test(one_that_names_nobody_needs_no_key),
		cmocka_unit_test(one_that_was_told_twice_is_gone_only_as_a_whole),
		cmocka_unit_test(what_the_log_cannot_write_as_it_is_tells_nothing_without_a_key),
		cmocka_unit_test(what_a_person_decided_stands_until_a_run_says_otherwise),
		cmocka_unit_test(many_sources_are_more_than_one_entry),
		cmocka_unit_test(an_id_is_found_by_its_begin),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
