#include "scan/pattern.h"
#include "tests/test.h"

static struct scan_patterns patterns;
static const struct scan_home home = {"anna", "/home/anna", 10};

enum { ABSOLUTE, AT_HOME, ANYWHERE, FOLDER, WILD, TWICE };

static int set_up(void **state)
{
	(void)state;
	scan_patterns_init(&patterns);
	scan_patterns_add(&patterns, "/etc/environment", ABSOLUTE);
	scan_patterns_add(&patterns, "~/.bashrc", AT_HOME);
	scan_patterns_add(&patterns, "**/node_modules/*/package.json", ANYWHERE);
	scan_patterns_add(&patterns, "**/app/*/", FOLDER);
	scan_patterns_add(&patterns, "**/*.env", WILD);
	scan_patterns_add(&patterns, "**/package.json", TWICE);
	scan_patterns_add(&patterns, "**/*.json", TWICE);
	scan_patterns_sort(&patterns);
	return 0;
}

static size_t find(const char *path, bool is_folder, unsigned found[static 8])
{
	const struct scan_home *own = strncmp(path, home.path, home.path_size) == 0 ? &home : NULL;
	return scan_patterns_find(&patterns, path, is_folder, own, found, 8);
}

static bool matches(const char *path, bool is_folder, unsigned owner)
{
	unsigned found[8];
	size_t count = find(path, is_folder, found);
	for (size_t i = 0; i < count; i++) {
		if (found[i] == owner)
			return true;
	}
	return false;
}

static void a_path_from_the_root_is_nowhere_else(void **state)
{
	(void)state;
	assert_true(matches("/etc/environment", false, ABSOLUTE));
	assert_false(matches("/srv/etc/environment", false, ABSOLUTE));
	assert_false(matches("/environment", false, ABSOLUTE));
}

static void a_path_of_a_home_is_in_no_other_folder(void **state)
{
	(void)state;
	assert_true(matches("/home/anna/.bashrc", false, AT_HOME));
	assert_false(matches("/home/anna/old/.bashrc", false, AT_HOME));
	assert_false(matches("/etc/skel/.bashrc", false, AT_HOME));
}

static void a_path_of_any_depth_matches_by_its_last_parts(void **state)
{
	(void)state;
	assert_true(matches("/a/b/node_modules/x/package.json", false, ANYWHERE));
	assert_true(matches("/node_modules/x/package.json", false, ANYWHERE));
	assert_false(matches("/a/node_modules/x/y/package.json", false, ANYWHERE));
	assert_false(matches("/package.json", false, ANYWHERE));
}

static void files_and_folders_are_told_apart(void **state)
{
	(void)state;
	assert_true(matches("/x/app/one", true, FOLDER));
	assert_false(matches("/x/app/one", false, FOLDER));
	assert_false(matches("/x/a.env", true, WILD));
	assert_true(matches("/x/a.env", false, WILD));
	assert_true(matches("/x/.env", false, WILD));
}

static void an_owner_is_named_once_and_in_order(void **state)
{
	(void)state;
	unsigned found[8];
	assert_int_equal(find("/node_modules/x/package.json", false, found), 2);
	assert_int_equal(found[0], ANYWHERE);
	assert_int_equal(found[1], TWICE);
	assert_int_equal(scan_patterns_find(&patterns, "/node_modules/x/package.json", false, NULL,
	                                    found, 1),
	                 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_from_the_root_is_nowhere_else),
		cmocka_unit_test(a_path_of_a_home_is_in_no_other_folder),
		cmocka_unit_test(a_path_of_any_depth_matches_by_its_last_parts),
		cmocka_unit_test(files_and_folders_are_told_apart),
		cmocka_unit_test(an_owner_is_named_once_and_in_order),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
