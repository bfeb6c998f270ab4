/* Any change of any byte of a log, and any entry missing or moved, is found and placed. */
#include <errno.h>

#include "base/cleanup.h"
#include "record/directory.h"
#include "record/journal.h"
#include "record/tiles.h"
#include "tests/test.h"
#include "tests/unit/record/fixture.h"

enum { FILES_MAX = 64, ENTRIES = 259, JOURNAL_ENTRIES = 3 };

struct files {
	size_t count;
	char paths[FILES_MAX][DIRECTORY_PATH_SIZE];
};

static int collect(void *context, const char *path, bool is_file)
{
	struct files *files = context;
	assert_true(is_file);
	assert_true(files->count < FILES_MAX);
	(void)snprintf(files->paths[files->count++], DIRECTORY_PATH_SIZE, "%s", path);
	return OK;
}

static void make_log(struct fixture *f)
{
	struct log_options options = fixture_options(f);
	struct log *log;
	fixture_init(f);
	assert_int_equal(log_open(&options, &log), OK);
	/* a stale partial tile stays beside the one in force */
	assert_int_equal(fixture_append(log, 0, 257, 16), OK);
	assert_int_equal(log_checkpoint(log), OK);
	assert_int_equal(fixture_append(log, 257, ENTRIES, 1), OK);
	assert_int_equal(log_checkpoint(log), OK);
	assert_int_equal(fixture_append(log, ENTRIES, ENTRIES + JOURNAL_ENTRIES, 1), OK);
	log_close(log);
}

static struct verify_report judge(const struct fixture *f)
{
	struct verify_report report;
	assert_int_equal(verify_log(f->path, &f->signer.verifier, NULL, NULL, &report), OK);
	return report;
}

static void rewrite(int directory, const char *path, struct view bytes)
{
	cleanup(fd) int fd = openat(directory, path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.bytes, bytes.size), bytes.size);
}

static int open_log(const struct fixture *f)
{
	int fd = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	return fd;
}

static void flip_file(const struct fixture *f, int directory, const char *path)
{
	struct buffer bytes = {0};
	assert_int_equal(directory_read(directory, path, 1 << 24, &bytes), OK);
	/* of the two large files every seventh byte is enough for a test that runs always */
	/* every byte of large files takes a minute: `./check --deep` does it */
	size_t step = bytes.size > 4096 && !getenv("WRIT_DEEP") ? 7 : 1;
	cleanup(fd) int fd = openat(directory, path, O_WRONLY);
	for (size_t i = 0; i < bytes.size; i += step) {
		uint8_t flipped = bytes.bytes[i] ^ (uint8_t)(1 << i % 8);
		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)i), 1);
		struct verify_report report = judge(f);
		if (report.verdict != VERIFY_BROKEN)
			fail_msg("%s byte %zu: %s", path, i, report.sentence);
		assert_true(report.file[0] != '\0');
		assert_int_equal(pwrite(fd, &bytes.bytes[i], 1, (off_t)i), 1);
	}
	buffer_done(&bytes);
}

static void any_flipped_byte_is_found(void **state)
{
	(void)state;
	struct fixture f;
	struct files files = {0};
	make_log(&f);
	cleanup(fd) int directory = open_log(&f);
	struct verify_report report = judge(&f);
	assert_string_equal(
		report.sentence,
		"The evidence holds: 259 entries from 2026-01-15T00:00:00Z to "
		"2026-01-15T00:04:21Z are under the signed checkpoint; 3 entries are not yet "
		"under a checkpoint.");
	assert_int_equal(report.leftovers, 2);
	assert_int_equal(directory_walk(directory, "", collect, &files), OK);
	assert_int_equal(files.count, 10);
	for (size_t i = 0; i < files.count; i++)
		flip_file(&f, directory, files.paths[i]);
	assert_int_equal(judge(&f).verdict, VERIFY_HOLDS);
	fixture_done(&f);
}

static void any_missing_or_cut_file_is_found(void **state)
{
	(void)state;
	struct fixture f;
	struct files files = {0};
	make_log(&f);
	cleanup(fd) int directory = open_log(&f);
	assert_int_equal(directory_walk(directory, "", collect, &files), OK);
	for (size_t i = 0; i < files.count; i++) {
		struct buffer bytes = {0};
		const char *path = files.paths[i];
		/* stale partial tiles and the lock are no evidence; a checkpoint may outlive its journal */
		if (strcmp(path, "lock") == 0 || strstr(path, "001.p/1") ||
		    strstr(path, "0/001.p/1"))
			continue;
		assert_int_equal(directory_read(directory, path, 1 << 24, &bytes), OK);
		rewrite(directory, path, view_of(bytes.bytes, bytes.size - 1));
		assert_int_equal(judge(&f).verdict, VERIFY_BROKEN);
		assert_int_equal(unlinkat(directory, path, 0), 0);
		struct verify_report report = judge(&f);
		assert_int_equal(report.verdict, VERIFY_BROKEN);
		cleanup(fd) int fd = openat(directory, path, O_WRONLY | O_CREAT, 0600);
		assert_int_equal(write(fd, bytes.bytes, bytes.size), bytes.size);
		buffer_done(&bytes);
	}
	assert_int_equal(judge(&f).verdict, VERIFY_HOLDS);
	fixture_done(&f);
}

static void anything_that_does_not_belong_is_found(void **state)
{
	(void)state;
	static const char *const strangers[] = {"note.txt", "tile/9", "tile/0/002",
	                                        "tile/0/001.p/7", "tile/entries/x000/001"};
	struct fixture f;
	make_log(&f);
	cleanup(fd) int directory = open_log(&f);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
		assert_int_equal(directory_write(directory, strangers[i], view_text("x")), OK);
		struct verify_report report = judge(&f);
		assert_int_equal(report.verdict, VERIFY_BROKEN);
		assert_string_equal(report.file, strangers[i]);
		assert_int_equal(unlinkat(directory, strangers[i], 0), 0);
	}
	assert_int_equal(judge(&f).verdict, VERIFY_HOLDS);
	fixture_done(&f);
}

/* Writes the bundle again with entry `drop` left out (-1: none) and `swap` exchanged with the next. */
static void alter_bundle(int directory, const char *path, const struct buffer *bytes, int drop,
                         int swap)
{
	struct reader r = reader_open(bytes->bytes, bytes->size);
	struct buffer out = {0};
	struct view entries[TILE_WIDTH];
	int count = 0;
	while (count < TILE_WIDTH && bundle_next(&r, &entries[count]))
		count++;
	for (int i = 0; i < count; i++) {
		int from = swap < 0 ? i : i == swap ? i + 1 : i == swap + 1 ? i - 1 : i;
		if (i != drop)
			assert_int_equal(bundle_add(&out, entries[from]), OK);
	}
	rewrite(directory, path, buffer_view(&out));
	buffer_done(&out);
}

static void each_dropped_or_swapped_entry_is_found(void **state)
{
	(void)state;
	static const char path[] = "tile/entries/000";
	struct fixture f;
	struct buffer bytes = {0};
	make_log(&f);
	cleanup(fd) int directory = open_log(&f);
	assert_int_equal(directory_read(directory, path, 1 << 24, &bytes), OK);
	for (int i = 0; i < TILE_WIDTH; i++) {
		alter_bundle(directory, path, &bytes, i, -1);
		assert_int_equal(judge(&f).verdict, VERIFY_BROKEN);
		if (i + 1 == TILE_WIDTH)
			continue;
		alter_bundle(directory, path, &bytes, -1, i);
		struct verify_report report = judge(&f);
		assert_int_equal(report.verdict, VERIFY_BROKEN);
		assert_int_equal(report.entry, i);
	}
	rewrite(directory, path, buffer_view(&bytes));
	assert_int_equal(judge(&f).verdict, VERIFY_HOLDS);
	buffer_done(&bytes);
	fixture_done(&f);
}

static void a_dropped_or_swapped_journal_group_is_found(void **state)
{
	(void)state;
	struct fixture f;
	struct buffer bytes = {0};
	make_log(&f);
	cleanup(fd) int directory = open_log(&f);
	assert_int_equal(directory_read(directory, "journal", 1 << 20, &bytes), OK);
	size_t frame = (bytes.size - JOURNAL_HEADER_SIZE) / JOURNAL_ENTRIES;
	uint8_t *frames = bytes.bytes + JOURNAL_HEADER_SIZE;
	cleanup(free) uint8_t *altered = malloc(bytes.size);
	memcpy(altered, bytes.bytes, bytes.size);
	for (size_t i = 0; i + 1 < JOURNAL_ENTRIES; i++) {
		uint8_t *to = altered + JOURNAL_HEADER_SIZE;
		memcpy(to, frames, i * frame);
		memcpy(to + i * frame, frames + (i + 1) * frame, (JOURNAL_ENTRIES - i - 1) * frame);
		rewrite(directory, "journal", view_of(altered, bytes.size - frame));
		assert_int_equal(judge(&f).verdict, VERIFY_BROKEN);
		memcpy(altered, bytes.bytes, bytes.size);
		memcpy(to + i * frame, frames + (i + 1) * frame, frame);
		memcpy(to + (i + 1) * frame, frames + i * frame, frame);
		rewrite(directory, "journal", view_of(altered, bytes.size));
		assert_int_equal(judge(&f).verdict, VERIFY_BROKEN);
	}
	buffer_done(&bytes);
	fixture_done(&f);
}

static void another_key_or_origin_does_not_pass(void **state)
{
	(void)state;
	static const uint8_t seed[NOTE_SEED_SIZE] = {8};
	struct fixture f;
	struct note_signer other;
	struct verify_report report;
	make_log(&f);
	assert_int_equal(note_signer_init(&other, view_text("log.example/test"), seed), OK);
	assert_int_equal(verify_log(f.path, &other.verifier, NULL, NULL, &report), OK);
	assert_int_equal(report.verdict, VERIFY_BROKEN);
	assert_int_equal(verify_log(f.path, &f.signer.verifier, "another.example", NULL, &report),
	                 OK);
	assert_int_equal(report.verdict, VERIFY_BROKEN);
	assert_int_equal(verify_log("does/not/exist", &f.signer.verifier, NULL, NULL, &report),
	                 -ENOENT);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_flipped_byte_is_found),
		cmocka_unit_test(any_missing_or_cut_file_is_found),
		cmocka_unit_test(anything_that_does_not_belong_is_found),
		cmocka_unit_test(each_dropped_or_swapped_entry_is_found),
		cmocka_unit_test(a_dropped_or_swapped_journal_group_is_found),
		cmocka_unit_test(another_key_or_origin_does_not_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
