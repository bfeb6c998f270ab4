#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/log_mapping.h"
#include "tests/fuzz/audit_reader.h"
#include "tests/random.h"
#include "tests/test.h"

enum { USERS = 3, HEADERS = 3, THREADS = 4, PART_SIZE = 700, LINES = 300, RUNS = 50 };

/* A form of logs whose header may come again with other columns. */
struct form {
	const char *name, *begin, *header[HEADERS], *line[HEADERS], *between;
	bool has_address[HEADERS]; /* in place of a name */
	bool is_unknown[HEADERS];
};
static const struct form forms[] = {
	{"zeek-ssl",
         "#separator \\x09\n#path\tssl\n",
         {"#fields\tts\tid.orig_h\tid.resp_h\tserver_name\tcipher\n",
          "#fields\tid.orig_h\tserver_name\tcipher\tts\tid.resp_h\tuid\n"},
         {"1768471200.0\t10.0.0.%u\t198.51.100.9\t%s\t-\n",
          "10.0.0.%u\t%s\t-\t1768471200.0\t198.51.100.9\tC1\n"},
         "#close\t2026-01-15-10-00-00\n"},
	{"w3c",
         "#Version: 1.0\n",
         {"#Fields: date time c-ip cs-host\n", "#Fields: c-ip x-more cs-host date time\n"},
         {"2026-01-15 10:00:00 10.0.0.%u %s\n", "10.0.0.%u 7 %s 2026-01-15 10:00:00\n"},
         "#Date: 2026-01-15 10:00:00\n"},
	{"nfdump",
         "",
         {"ts,te,sa,da,ibyt\n", "firstSeen,proto,srcAddr,dstAddr,bytes,more\n"},
         {"2026-01-15 10:00:00,2026-01-15 10:00:00,10.0.0.%u,%s,1\n",
          "2026-01-15 10:00:00,TCP,10.0.0.%u,%s,1,0\n"},
         "Summary\nflows,bytes\n1,2\n",
         .has_address = {true, true}},
	{"zeek",
         "#separator \\x09\n#path\tdns\n",
         {"#fields\tts\tid.orig_h\tquery\tanswers\n",
          "#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.resp_h\tconn_state\tproto\n",
          "#separator \\x09\n#path\tdhcp\n#fields\tts\tclient_addr\tdomain\n"},
         {"1768471200.0\t10.0.0.%u\t%s\t192.0.2.8\n", "1768471200.0\t10.0.0.%u\t%s\tSF\ttcp\n",
          "1768471200.0\t10.0.0.%u\t%s\n"},
         "#close\t2026-01-15-10-00-00\n",
         .has_address = {false, true},
         .is_unknown = {false, false, true}},
	{"mapping m",
         "",
         {"When,From,Address\n", "Address,When,\"From\",More\n"},
         {"2026-01-15 10:00:00,10.0.0.%u,%s\n", "%2$s,2026-01-15 10:00:00,10.0.0.%1$u,0\n"},
         "From,another,Address\n"},
};
enum { FORMS = sizeof(forms) / sizeof(*forms) };

static const struct log_mapping *read_mapping(struct arena *arena)
{
	const struct log_mapping *m = NULL;
	struct problems problems = {0};
	assert_int_equal(log_mapping_read("m.yaml",
	                                  view_text("mapping: m\ntime: {field: When}\n"
	                                            "columns: {client: From, name: Address}\n"),
	                                  arena, &problems, &m),
	                 OK);
	return m;
}

/* What there is to be found: of each client, by name and by address. */
struct counts {
	unsigned of[2][USERS];
	unsigned not_understood;
	bool is_mixed; /* other columns are of another kind, and came */
};

static unsigned header_count(const struct form *f)
{
	unsigned count = 0;
	while (count < HEADERS && f->header[count])
		count++;
	return count;
}

static void write_log(const struct form *f, uint64_t *random, FILE *out, struct counts *counts)
{
	static const char *const listed[] = {"chat.seek.example", "192.0.2.9"},
				 *const others[] = {"www.body.example", "198.51.100.7"};
	unsigned now = 0;
	fprintf(out, "%s%s", f->begin, f->header[0]);
	for (unsigned i = 0; i < LINES; i++) {
		unsigned user = random_below(random, USERS);
		bool is_listed = random_below(random, 3) == 0;
		if (random_below(random, 60) == 0) {
			now = random_below(random, header_count(f));
			counts->is_mixed |= now == 1 && header_count(f) == HEADERS;
			fprintf(out, "%s%s", f->between, f->header[now]);
		}
		const char *const *what = is_listed ? listed : others;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		fprintf(out, f->line[now], user, what[f->has_address[now]]);
#pragma GCC diagnostic pop
		counts->of[f->has_address[now]][user] += is_listed && !f->is_unknown[now];
		counts->not_understood += f->is_unknown[now];
	}
}

static void assert_found(struct audit *a, const struct form *f, const struct counts *counts)
{
	struct findings *all = audit_findings(a);
	const struct findings_source *s = findings_source_at(all, 0);
	unsigned found = 0;
	assert_true(view_starts_with(s->format, view_text(f->name)));
	assert_true(!counts->is_mixed || view_is(s->format, "zeek"));
	assert_int_equal(s->problem.size, 0);
	if (header_count(f) == HEADERS)
		assert_int_equal(s->not_understood, counts->not_understood);
	for (size_t i = 0; i < findings_count(all); i++) {
		const struct finding *x = findings_at(all, i);
		assert_int_equal(x->client.size, 4);
		assert_in_range(x->client.bytes[3], 0, USERS - 1);
		bool is_address = view_is(x->what, "192.0.2.9");
		assert_int_equal(x->count, counts->of[is_address][x->client.bytes[3]]);
		found++;
	}
	for (unsigned i = 0; i < USERS; i++)
		found -= (counts->of[0][i] > 0) + (counts->of[1][i] > 0);
	assert_int_equal(found, 0);
}

static struct audit *begin_audit(const char *path, const struct form *f, struct arena *arena,
                                 uint64_t part_size, const char *state_path)
{
	struct source_list_item item = {.path = path};
	struct source_list sources = {.items = &item, .count = 1};
	struct audit *a = NULL;
	bool is_mapped = strchr(f->name, ' ');
	struct audit_settings settings = {.policy = audit_policy(),
	                                  .sources = &sources,
	                                  .format = is_mapped ? &read_mapping(arena)->format : NULL,
	                                  .findings_max = 100,
	                                  .threads = THREADS,
	                                  .part_size = part_size,
	                                  .state_path = state_path,
	                                  .state_every_ms = 1000};
	assert_int_equal(audit_new(&settings, &a), OK);
	return a;
}

static void read_random_log(const struct form *f, uint64_t *random)
{
	static const uint64_t sizes[] = {1 << 20, PART_SIZE, 90};
	char path[] = "/tmp/test_audit.XXXXXX";
	struct counts counts = {0};
	struct arena arena;
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");
	arena_init(&arena, 0);
	assert_non_null(out);
	write_log(f, random, out, &counts);
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct audit *a = begin_audit(path, f, &arena, sizes[i], NULL);
		assert_int_equal(audit_run(a), OK);
		assert_found(a, f, &counts);
		/* however often a part was read again */
		struct audit_progress p;
		audit_progress(a, &p);
		assert_int_equal(p.bytes, p.bytes_all);
		assert_int_equal(findings_source_at(audit_findings(a), 0)->bytes, p.bytes_all);
		audit_free(a);
	}
	arena_done(&arena);
	assert_int_equal(unlink(path), 0);
}

static void a_log_is_read_by_the_header_in_force_however_it_is_cut(void **state)
{
	(void)state;
	uint64_t random = 5;
	for (unsigned i = 0; i < RUNS; i++)
		read_random_log(&forms[i % FORMS], &random);
}

static void *stop_in_the_middle(void *argument)
{
	struct audit_progress p;
	do {
		sched_yield();
		audit_progress(argument, &p);
	} while (p.bytes < p.bytes_all / 2);
	audit_stop(argument);
	return NULL;
}

static void *ask_until_all_is_read(void *argument)
{
	struct audit_progress p;
	do {
		sched_yield();
		audit_progress(argument, &p);
	} while (p.sources < p.sources_all);
	return NULL;
}

/* The first header is in force for the first part alone. */
static void write_long_log(const char *path)
{
	const struct form *f = &forms[1];
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fprintf(out, "%s%s%s", f->begin, f->header[0], f->header[1]);
	for (unsigned i = 0; i < 100 * LINES; i++)
		fprintf(out, "10.0.0.1 7 chat.seek.example 2026-01-15 10:00:00\n");
	fprintf(out, "10.0.0.1 7 www.body.example 2026-01-15 11:00:00\n#Remark: end\n");
	assert_int_equal(fclose(out), 0);
}

struct interrupted {
	char path[sizeof("/tmp/test_audit.XXXXXX")], state_path[sizeof("/tmp/test_audit.XXXXXX")];
	const struct form *form;
};

static struct audit *resume(const struct interrupted *i)
{
	struct audit *a = begin_audit(i->path, i->form, NULL, PART_SIZE, i->state_path);
	assert_true(audit_resumed_bytes(a) > 0);
	return a;
}

/* A run over that log that is stopped after it read a part. */
static struct interrupted interrupt(void (*write)(const char *path), const struct form *f)
{
	struct interrupted i = {"/tmp/test_audit.XXXXXX", "/tmp/test_audit.XXXXXX", f};
	pthread_t thread;
	close(mkstemp(i.path));
	close(mkstemp(i.state_path));
	assert_int_equal(unlink(i.state_path), 0);
	write(i.path);
	struct audit *a = begin_audit(i.path, f, NULL, PART_SIZE, i.state_path);
	assert_int_equal(pthread_create(&thread, NULL, stop_in_the_middle, a), 0);
	assert_int_equal(audit_run(a), ERR_TRUNCATED);
	(void)pthread_join(thread, NULL);
	audit_free(a);
	return i;
}

static void forget(const struct interrupted *i)
{
	assert_int_equal(unlink(i->path), 0);
	assert_int_equal(unlink(i->state_path), 0);
}

/* The second goes on behind the first. */
static struct audit *read_in_two_runs(void (*write)(const char *path), const struct form *f)
{
	struct interrupted i = interrupt(write, f);
	struct audit *a = resume(&i);
	assert_int_equal(audit_run(a), OK);
	forget(&i);
	return a;
}

static void an_interrupted_log_goes_on_by_its_header(void **state)
{
	(void)state;
	struct audit *a = read_in_two_runs(write_long_log, &forms[1]);
	assert_found(a, &forms[1], &(struct counts){.of = {{[1] = 100 * LINES}}});
	assert_int_equal(findings_source_at(audit_findings(a), 0)->last_us,
	                 INT64_C(1768474800000000));
	audit_free(a);
}

/* Before it opened what the run before it had begun. */
static void a_run_that_is_interrupted_at_once_keeps_what_it_took_up(void **state)
{
	(void)state;
	struct interrupted i = interrupt(write_long_log, &forms[1]);
	struct audit *a = resume(&i);
	uint64_t resumed = audit_resumed_bytes(a);
	audit_stop(a);
	assert_int_equal(audit_run(a), ERR_TRUNCATED);
	audit_free(a);
	a = resume(&i);
	assert_int_equal(audit_resumed_bytes(a), resumed);
	assert_int_equal(audit_run(a), OK);
	assert_found(a, &forms[1], &(struct counts){.of = {{[1] = 100 * LINES}}});
	audit_free(a);
	forget(&i);
}

static void a_log_that_is_exchanged_before_its_turn_is_not_read_on(void **state)
{
	(void)state;
	struct interrupted i = interrupt(write_long_log, &forms[1]);
	struct audit *a = resume(&i);
	char other[sizeof(i.path) + 2];
	(void)snprintf(other, sizeof(other), "%s.1", i.path);
	write_long_log(other);
	assert_int_equal(rename(other, i.path), 0);
	assert_int_equal(audit_run(a), OK);
	const struct findings_source *s = findings_source_at(audit_findings(a), 0);
	assert_true(view_is(s->problem, "it has changed since a part of it was read"));
	assert_int_equal(s->bytes, audit_resumed_bytes(a));
	audit_free(a);
	forget(&i);
}

static void how_far_it_is_may_be_asked_meanwhile(void **state)
{
	(void)state;
	char path[] = "/tmp/test_audit.XXXXXX";
	pthread_t thread;
	close(mkstemp(path));
	write_long_log(path);
	struct audit *a = begin_audit(path, &forms[1], NULL, PART_SIZE, NULL);
	assert_int_equal(pthread_create(&thread, NULL, ask_until_all_is_read, a), 0);
	assert_int_equal(audit_run(a), OK);
	assert_int_equal(pthread_join(thread, NULL), 0);
	audit_free(a);
	assert_int_equal(unlink(path), 0);
}

static void write_strange_log(const char *path)
{
	const struct form *f = &forms[3];
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fprintf(out, "%s", f->header[2]);
	for (unsigned i = 0; i < 100 * LINES; i++)
		fprintf(out, "1768471200.0\t10.0.0.1\tchat.seek.example\n");
	assert_int_equal(fclose(out), 0);
}

static void an_interrupted_log_that_nobody_understands_is_called_so(void **state)
{
	(void)state;
	struct audit *a = read_in_two_runs(write_strange_log, &forms[3]);
	const struct findings_source *s = findings_source_at(audit_findings(a), 0);
	assert_int_equal(s->not_understood, 100 * LINES);
	assert_true(view_is(s->problem, "none of its lines was understood"));
	audit_free(a);
}

/* One line is of another kind, at the begin; what comes later alone is all of one. */
static void write_mixed_json(const char *path)
{
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	for (unsigned i = 0; i < 100 * LINES; i++) {
		if (i == 1)
			fprintf(out,
			        "{\"ts\":1768471200.0,\"uid\":\"C\",\"id.orig_h\":\"10.0.0.1\","
			        "\"server_name\":\"chat.seek.example\",\"resumed\":false,"
			        "\"established\":true}\n");
		fprintf(out, "{\"ts\":1768471200.0,\"uid\":\"C\",\"id.orig_h\":\"10.0.0.1\","
		             "\"query\":\"www.body.example\"}\n");
	}
	assert_int_equal(fclose(out), 0);
}

static const struct form json = {.name = "zeek-dns-json"};

static void json_of_several_kinds_is_called_by_none_of_them(void **state)
{
	static const uint64_t sizes[] = {1 << 30, PART_SIZE};
	char path[] = "/tmp/test_audit.XXXXXX";
	(void)state;
	close(mkstemp(path));
	write_mixed_json(path);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct audit *a = begin_audit(path, &json, NULL, sizes[i], NULL);
		assert_int_equal(audit_run(a), OK);
		assert_true(view_is(findings_source_at(audit_findings(a), 0)->format, "zeek-json"));
		assert_int_equal(findings_count(audit_findings(a)), 1);
		audit_free(a);
	}
	assert_int_equal(unlink(path), 0);
	struct audit *a = read_in_two_runs(write_mixed_json, &json);
	assert_true(view_is(findings_source_at(audit_findings(a), 0)->format, "zeek-json"));
	audit_free(a);
}

static const struct form any = {.name = ""};

/* Each is a whole source. */
static const struct {
	const char *text, *format;
} shortest[] = {
	{"Summary of what was done\nAll was well.\n", ""},
	{"Summary\nflows,bytes\n1,2\n", ""},
	{"ts,te,sa,da,ibyt\nSummary\nflows,bytes\n0,0\n", "nfdump"},
	{"#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\tanswers\n", "zeek-dns"},
	{"#separator \\x09\n#path\tssl\n#fields\tts\tid.orig_h\tserver_name\tcipher\n", "zeek-ssl"},
	{"#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.resp_h\tconn_state\n",
         "zeek-conn"},
	{"#separator \\x09\n#path\tdhcp\n#fields\tts\tclient_addr\tdomain\n", "zeek"},
};

static void what_has_no_row_yet_is_told_by_its_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shortest) / sizeof(*shortest); i++) {
		char path[] = "/tmp/test_audit.XXXXXX";
		size_t size = strlen(shortest[i].text);
		int fd = mkstemp(path);
		assert_int_equal(write(fd, shortest[i].text, size), size);
		assert_int_equal(close(fd), 0);
		struct audit *a = begin_audit(path, &any, NULL, 1 << 20, NULL);
		assert_int_equal(audit_run(a), OK);
		const struct findings_source *s = findings_source_at(audit_findings(a), 0);
		assert_true(view_is(s->format, shortest[i].format));
		assert_true(view_is(s->problem,
		                    shortest[i].format[0] ? "" : "no known format is recognised"));
		audit_free(a);
		assert_int_equal(unlink(path), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_is_read_by_the_header_in_force_however_it_is_cut),
		cmocka_unit_test(what_has_no_row_yet_is_told_by_its_header),
		cmocka_unit_test(an_interrupted_log_goes_on_by_its_header),
		cmocka_unit_test(a_run_that_is_interrupted_at_once_keeps_what_it_took_up),
		cmocka_unit_test(a_log_that_is_exchanged_before_its_turn_is_not_read_on),
		cmocka_unit_test(how_far_it_is_may_be_asked_meanwhile),
		cmocka_unit_test(json_of_several_kinds_is_called_by_none_of_them),
		cmocka_unit_test(an_interrupted_log_that_nobody_understands_is_called_so),
	};
	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
