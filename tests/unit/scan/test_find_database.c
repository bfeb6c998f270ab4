#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "scan/find_database.h"
#include "tests/scan_world.h"
#include "tests/test.h"

static char folder[] = "/tmp/writ-find-database-XXXXXX";
static char path[64], log_path[80];
static sqlite3 *writer;
static struct scan_world world;
static struct scan_file file;

static void write_row(const char *sql)
{
	assert_int_equal(sqlite3_exec(writer, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A program has it open: one row is in the database, the other in the log only. */
static int set_up(void **state)
{
	(void)state;
	(void)snprintf(path, sizeof(path), "%s/x.db", folder);
	(void)snprintf(log_path, sizeof(log_path), "%s-wal", path);
	if (sqlite3_open(path, &writer) != SQLITE_OK)
		return -1;
	write_row(
		"PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
		"CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('old'); PRAGMA wal_checkpoint(TRUNCATE)");
	write_row("INSERT INTO t VALUES ('new')");
	file = (struct scan_file){.path = path, .name = "x.db", .folder = open(folder, O_RDONLY)};
	scan_world_open(&world);
	return file.folder < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	scan_world_close(&world);
	close(file.folder);
	sqlite3_close(writer);
	(void)unlink(log_path);
	(void)unlink(path);
	return 0;
}

static int count_row(void *context, sqlite3_stmt *row)
{
	int *count = context;
	*count += sqlite3_column_type(row, 0) == SQLITE_TEXT;
	return OK;
}

static int count_rows(struct find_database *d)
{
	int count = 0;
	int code = sqlite_file_each(&d->file, "SELECT v FROM t", count_row, &count);
	assert_int_equal(code, OK);
	return count;
}

static void what_is_in_the_log_only_is_read(void **state)
{
	(void)state;
	struct find_database d;
	assert_true(find_database_open(world.scan, &file, &d));
	assert_true(d.log >= 0);
	assert_int_equal(count_rows(&d), 2);
	find_database_close(world.scan, &file, &d, OK);
	assert_int_equal(scan_unread_count(world.scan), 0);
}

static void a_row_that_is_appended_meanwhile_is_not_seen_and_nothing_is_told(void **state)
{
	(void)state;
	struct find_database d;
	assert_true(find_database_open(world.scan, &file, &d));
	assert_int_equal(count_rows(&d), 2);
	write_row("INSERT INTO t VALUES ('newer')");
	assert_int_equal(count_rows(&d), 2);
	find_database_close(world.scan, &file, &d, OK);
	assert_int_equal(scan_unread_count(world.scan), 0);
}

static void a_log_that_is_brought_into_the_database_meanwhile_is_told(void **state)
{
	(void)state;
	struct find_database d;
	assert_true(find_database_open(world.scan, &file, &d));
	write_row("INSERT INTO t VALUES (hex(zeroblob(9000))); PRAGMA wal_checkpoint(RESTART);"
	          "INSERT INTO t VALUES ('newest')");
	find_database_close(world.scan, &file, &d, OK);
	assert_int_equal(scan_unread_count(world.scan), 1);
	assert_string_equal(scan_unread_at(world.scan, 0)->path, path);
	assert_string_equal(scan_unread_at(world.scan, 0)->why, "it was changed while it was read");
}

static void a_log_that_is_none_or_too_large_is_told(void **state)
{
	(void)state;
	struct find_database d;
	assert_int_equal(sqlite3_close(writer), SQLITE_OK);
	int fd = open(log_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "no log, whatever its name says, as it begins otherwise", 54),
	                 54);
	assert_true(find_database_open(world.scan, &file, &d));
	assert_int_equal(d.log, -1);
	assert_int_equal(count_rows(&d), 2);
	find_database_close(world.scan, &file, &d, OK);
	assert_int_equal(ftruncate(fd, (off_t)FIND_LOG_MAX + 1), 0);
	assert_true(find_database_open(world.scan, &file, &d));
	find_database_close(world.scan, &file, &d, OK);
	assert_int_equal(scan_unread_count(world.scan), 2);
	assert_string_equal(scan_unread_at(world.scan, 0)->path, log_path);
	assert_string_equal(scan_unread_at(world.scan, 0)->why,
	                    "a log of changes that breaks its format");
	assert_string_equal(scan_unread_at(world.scan, 1)->why,
	                    "a log of changes that is larger than is read");
	close(fd);
	assert_int_equal(unlink(log_path), 0);
	assert_int_equal(sqlite3_open(path, &writer), SQLITE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_in_the_log_only_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_row_that_is_appended_meanwhile_is_not_seen_and_nothing_is_told, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_log_that_is_brought_into_the_database_meanwhile_is_told, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_log_that_is_none_or_too_large_is_told, set_up,
	                                        tear_down),
	};
	if (!mkdtemp(folder))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(folder);
	return failed;
}
