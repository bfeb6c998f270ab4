#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/options.h"
#include "tests/test.h"

static char path[] = "/tmp/writ-options-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static int load(const char *text, struct arena *a, struct problems *p, struct writ_options *ret)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return options_load(path, a, p, ret);
}

static void an_empty_file_has_every_default(void **state)
{
	(void)state;
	struct arena a;
	struct problems p = {0};
	struct writ_options o;
	arena_init(&a, 0);
	assert_int_equal(load("", &a, &p, &o), OK);
	assert_null(o.organisation);
	assert_null(o.catalogue);
	assert_string_equal(o.daemon.run_directory, "/run/writ");
	assert_string_equal(o.record.evidence_directory, "/var/lib/writ");
	assert_string_equal(options_log_directory(&o, &a), "/var/lib/writ/log");
	assert_int_equal(o.record.checkpoint_entries, 256);
	assert_true(o.dns.listen.count > 0);
	problems_done(&p);
	arena_done(&a);
}

static void paths_are_relative_to_the_file(void **state)
{
	(void)state;
	struct arena a;
	struct problems p = {0};
	struct writ_options o;
	arena_init(&a, 0);
	assert_int_equal(load("organisation: o.yaml\ndaemon: {run_directory: run}\n"
	                      "record: {evidence_directory: /srv/e}\n"
	                      "packet: {places: {country: ../dev/null, network: /dev/null}}\n",
	                      &a, &p, &o),
	                 OK);
	assert_string_equal(o.organisation, "/tmp/o.yaml");
	assert_string_equal(o.daemon.run_directory, "/tmp/run");
	assert_string_equal(o.record.evidence_directory, "/srv/e");
	assert_string_equal(o.policy.image, "/tmp/policy.image");
	assert_string_equal(o.packet.places.country, "/tmp/../dev/null");
	assert_string_equal(o.packet.places.network, "/dev/null");
	problems_done(&p);
	arena_done(&a);
}

static void what_is_printed_for_the_roles_reads_back(void **state)
{
	(void)state;
	struct arena a;
	struct problems p = {0};
	struct writ_options o, again;
	struct buffer first = {0}, second = {0};
	arena_init(&a, 0);
	assert_int_equal(load("dns: {workers: 3}\nrecord: {aggregate_window: 7 s}\n", &a, &p, &o),
	                 OK);
	schema_print(&writ_options_schema, &o, 0, &first);
	assert_int_equal(
		schema_read(&writ_options_schema, "printed", buffer_view(&first), &a, &p, &again),
		OK);
	schema_print(&writ_options_schema, &again, 0, &second);
	assert_true(view_equal(buffer_view(&first), buffer_view(&second)));
	assert_int_equal(again.record.aggregate_window_us, 7 * SECOND_US);
	buffer_done(&first);
	buffer_done(&second);
	problems_done(&p);
	arena_done(&a);
}

static void problems_say_where(void **state)
{
	(void)state;
	struct arena a;
	struct problems p = {0};
	struct writ_options o;
	arena_init(&a, 0);
	assert_int_equal(load("record:\n  ring_events: 100\n  colour: blue\n", &a, &p, &o),
	                 ERR_INVALID);
	assert_int_equal(p.count, 2);
	assert_string_equal(p.first->file, path);
	assert_int_equal(p.first->line, 2);
	problems_done(&p);
	assert_int_equal(options_load("/nonexistent", &a, &p, &o), -ENOENT);
	assert_int_equal(p.count, 1);
	problems_done(&p);
	arena_done(&a);
}

static void the_packet_gate_is_off_and_its_settings_are_checked(void **state)
{
	(void)state;
	struct arena a;
	struct writ_options o;
	static const char *const bad[] = {"packet:\n  mode: passive\n", "packet:\n  mark: 5\n",
	                                  "packet:\n  places: {country: none.mmdb}\n",
	                                  "packet:\n  mode: bridged\n"};
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct problems p = {0};
		assert_int_equal(load(bad[i], &a, &p, &o), ERR_INVALID);
		assert_int_equal(p.count, 1);
		assert_true(p.first->line > 0);
		problems_done(&p);
	}
	struct problems p = {0};
	assert_int_equal(load("", &a, &p, &o), OK);
	assert_int_equal(o.packet.mode, PACKET_OFF);
	assert_int_equal(o.packet.failure, PACKET_FAIL_OPEN);
	assert_int_equal(load("packet: {mode: passive, interfaces: [eth0]}\n", &a, &p, &o), OK);
	problems_done(&p);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_has_every_default),
		cmocka_unit_test(paths_are_relative_to_the_file),
		cmocka_unit_test(what_is_printed_for_the_roles_reads_back),
		cmocka_unit_test(problems_say_where),
		cmocka_unit_test(the_packet_gate_is_off_and_its_settings_are_checked),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
