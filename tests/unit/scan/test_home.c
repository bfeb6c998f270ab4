#include "scan/home.h"
#include "tests/test.h"

static struct scan_homes homes;

static int set_up(void **state)
{
	(void)state;
	scan_homes_init(&homes);
	scan_homes_read(&homes,
	                view_text("root:x:0:0:root:/root:/bin/sh\nbin:x:1:1::/usr/bin:/bin/false\n"
	                          "nobody:x:2:2::/:/bin/false\nben:x:3:3::/srv/ben/:/bin/sh\n"
	                          "sub:x:4:4::/srv/ben/sub:/bin/sh\nno home\nx:y\n"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scan_homes_done(&homes);
	return 0;
}

static void homes_of_accounts_are_known_and_folders_of_the_system_are_none(void **state)
{
	(void)state;
	assert_int_equal(homes.count, 3);
	assert_string_equal(scan_homes_find(&homes, "/root/x")->user, "root");
	assert_string_equal(scan_homes_find(&homes, "/srv/ben/a/b")->user, "ben");
	assert_string_equal(scan_homes_find(&homes, "/srv/ben")->user, "ben");
	assert_null(scan_homes_find(&homes, "/usr/bin/x"));
	assert_null(scan_homes_find(&homes, "/srv/benny"));
}

static void the_innermost_of_two_homes_counts(void **state)
{
	(void)state;
	assert_string_equal(scan_homes_find(&homes, "/srv/ben/sub/x")->user, "sub");
}

static void a_folder_below_home_is_one_whatever_passwd_says(void **state)
{
	(void)state;
	assert_string_equal(scan_homes_find(&homes, "/home/eve/x")->user, "eve");
	assert_string_equal(scan_homes_find(&homes, "/Users/Carla/AppData")->path, "/Users/Carla");
	assert_null(scan_homes_find(&homes, "/home"));
	assert_null(scan_homes_find(&homes, "/homes/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(homes_of_accounts_are_known_and_folders_of_the_system_are_none),
		cmocka_unit_test(the_innermost_of_two_homes_counts),
		cmocka_unit_test(a_folder_below_home_is_one_whatever_passwd_says),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
