#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "record/directory.h"
#include "record/journal.h"
#include "record/log.h"
#include "record/log_reader.h"
#include "record/proof.h"
#include "tests/test.h"
#include "tests/unit/record/fixture.h"

static struct log *open_again(const struct fixture *f, uint64_t every)
{
	struct log_options options = fixture_options(f);
	struct log *log;
	options.checkpoint_every = every;
	assert_int_equal(log_open(&options, &log), OK);
	return log;
}

static struct log_state state_of(const struct log *log)
{
	struct log_state state;
	log_read_state(log, &state);
	return state;
}

static int check_entry(void *context, uint64_t index, struct view entry)
{
	uint64_t *next = context;
	struct buffer text = {0};
	assert_int_equal(index, *next);
	assert_true(view_equal(entry, fixture_entry(&text, index)));
	buffer_done(&text);
	++*next;
	return OK;
}

/* All entries can be read, and a stranger agrees. Returns how many there are. */
static uint64_t check_all(const struct fixture *f)
{
	cleanup(log_reader) struct log_reader *reader = NULL;
	struct verify_report report;
	uint64_t next = 0;
	assert_int_equal(log_reader_open(f->path, &f->signer.verifier, &reader), OK);
	assert_int_equal(log_reader_walk(reader, 0, true, check_entry, &next), OK);
	assert_int_equal(verify_log(f->path, &f->signer.verifier, NULL, NULL, &report), OK);
	if (report.verdict != VERIFY_HOLDS)
		fail_msg("%s", report.sentence);
	assert_int_equal(report.entries + report.journal_entries, next);
	return next;
}

static void entries_survive_closing_and_opening(void **state)
{
	(void)state;
	static const uint64_t sizes[] = {0, 1, 2, 255, 256, 257, 511, 512, 700};
	struct fixture f;
	uint64_t size = 0;
	fixture_init(&f);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct log *log = open_again(&f, 0);
		assert_int_equal(state_of(log).size, size);
		assert_int_equal(fixture_append(log, size, sizes[i], 7), OK);
		if (i % 2)
			assert_int_equal(log_checkpoint(log), OK);
		log_close(log);
		size = sizes[i];
		assert_int_equal(check_all(&f), size);
	}
	fixture_done(&f);
}

static void checkpoints_come_by_themselves(void **state)
{
	(void)state;
	struct fixture f;
	fixture_init(&f);
	struct log *log = open_again(&f, 100);
	assert_int_equal(fixture_append(log, 0, 99, 1), OK);
	assert_int_equal(state_of(log).checkpoint_size, 0);
	assert_int_equal(fixture_append(log, 99, 100, 1), OK);
	assert_int_equal(state_of(log).checkpoint_size, 100);
	log_close(log);
	assert_int_equal(check_all(&f), 100);
	fixture_done(&f);
}

static void a_second_writer_is_refused(void **state)
{
	(void)state;
	struct fixture f;
	struct log *second;
	fixture_init(&f);
	struct log_options options = fixture_options(&f);
	struct log *log = open_again(&f, 0);
	assert_int_equal(log_open(&options, &second), -EBUSY);
	log_close(log);
	log_close(open_again(&f, 0));
	fixture_done(&f);
}

static void old_partial_tiles_go_when_the_full_one_is_there(void **state)
{
	(void)state;
	struct fixture f;
	struct stat st;
	char path[400];
	fixture_init(&f);
	struct log *log = open_again(&f, 0);
	assert_int_equal(fixture_append(log, 0, 10, 1), OK);
	assert_int_equal(log_checkpoint(log), OK);
	(void)snprintf(path, sizeof(path), "%s/tile/0/000.p/10", f.path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(fixture_append(log, 10, 256, 16), OK);
	assert_int_equal(log_checkpoint(log), OK);
	assert_int_equal(stat(path, &st), -1);
	log_close(log);
	assert_int_equal(check_all(&f), 256);
	fixture_done(&f);
}

struct killer {
	unsigned steps_left;
};

static void die_at_step(void *context, const char *step)
{
	struct killer *killer = context;
	(void)step;
	if (killer->steps_left-- == 0)
		(void)raise(SIGKILL);
}

/* Works on the log in a child that is killed at the n-th step, and says over a pipe after each group how
 * many entries were acknowledged. Returns false when the child got through. */
static bool work_until_killed(const struct fixture *f, unsigned steps, uint64_t *acknowledged)
{
	int ends[2], status;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		struct killer killer = {steps};
		struct log_options options = fixture_options(f);
		struct log *log;
		options.step = die_at_step;
		options.step_context = &killer;
		if (log_open(&options, &log) < 0)
			_exit(2);
		struct log_state state = state_of(log);
		uint64_t target = state.size + 130;
		while (state.size < target) {
			if (fixture_append(log, state.size, state.size + 13, 13) < 0)
				_exit(3);
			log_read_state(log, &state);
			if (write(ends[1], &state.size, sizeof(state.size)) != sizeof(state.size))
				_exit(4);
		}
		_exit(log_checkpoint(log) < 0 ? 5 : 0);
	}
	close(ends[1]);
	while (read(ends[0], acknowledged, sizeof(*acknowledged)) == sizeof(*acknowledged))
		;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

static void no_kill_at_any_step_loses_an_acknowledged_entry(void **state)
{
	(void)state;
	struct fixture f;
	uint64_t acknowledged = 0;
	unsigned kills = 0;
	bool killed = true;
	fixture_init(&f);
	log_close(open_again(&f, 0));
	for (unsigned steps = 0; killed; steps++) {
		killed = work_until_killed(&f, steps, &acknowledged);
		kills += killed;
		/* once as it was left, once tidied up */
		uint64_t size = check_all(&f);
		assert_true(size >= acknowledged);
		struct log *log = open_again(&f, 0);
		assert_int_equal(check_all(&f), size);
		/* so that the next child has as many steps to do as this one */
		assert_int_equal(log_checkpoint(log), OK);
		log_close(log);
		assert_int_equal(check_all(&f), size);
		assert_true(steps < 100);
	}
	assert_true(kills >= 14);
	fixture_done(&f);
}

static void a_torn_tail_is_cut_wherever_it_tore(void **state)
{
	(void)state;
	struct fixture f;
	char path[400];
	struct buffer whole = {0};
	fixture_init(&f);
	struct log *log = open_again(&f, 0);
	assert_int_equal(fixture_append(log, 0, 2, 2), OK);
	size_t kept = (size_t)0;
	(void)snprintf(path, sizeof(path), "%s/journal", f.path);
	assert_int_equal(directory_read(AT_FDCWD, path, 1 << 20, &whole), OK);
	kept = whole.size;
	assert_int_equal(fixture_append(log, 2, 4, 2), OK);
	log_close(log);
	assert_int_equal(directory_read(AT_FDCWD, path, 1 << 20, &whole), OK);
	for (size_t size = kept + 1; size < whole.size; size++) {
		cleanup(fd) int fd = open(path, O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, whole.bytes, size), size);
		log = open_again(&f, 0);
		assert_int_equal(state_of(log).size, 2);
		assert_int_equal(state_of(log).torn_bytes, size - kept);
		log_close(log);
		assert_int_equal(check_all(&f), 2);
	}
	buffer_done(&whole);
	fixture_done(&f);
}

static void damage_before_the_last_group_is_not_taken_for_a_torn_tail(void **state)
{
	(void)state;
	struct fixture f;
	char path[400];
	struct log *log = NULL;
	fixture_init(&f);
	struct log_options options = fixture_options(&f);
	log = open_again(&f, 0);
	assert_int_equal(fixture_append(log, 0, 3, 1), OK);
	log_close(log);
	(void)snprintf(path, sizeof(path), "%s/journal", f.path);
	cleanup(fd) int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "?", 1, JOURNAL_HEADER_SIZE + JOURNAL_HEAD_SIZE + 10), 1);
	assert_int_equal(log_open(&options, &log), ERR_CHECKSUM);
	fixture_done(&f);
}

static void a_full_disk_refuses_and_later_takes_again(void **state)
{
	(void)state;
	struct fixture f;
	struct rlimit old, tight;
	struct buffer text = {0};
	fixture_init(&f);
	struct log *log = open_again(&f, 0);
	assert_int_equal(fixture_append(log, 0, 20, 1), OK);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	/* room for a part of the next group only: the write stops in its middle, as on a full disk */
	tight.rlim_cur =
		20 * (JOURNAL_HEAD_SIZE + HASH_SIZE + 2 + fixture_entry(&text, 1).size) + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(fixture_append(log, 20, 30, 10), -EFBIG);
	assert_int_equal(state_of(log).size, 20);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(check_all(&f), 20);
	assert_int_equal(fixture_append(log, 20, 30, 10), OK);
	assert_int_equal(log_checkpoint(log), OK);
	log_close(log);
	assert_int_equal(check_all(&f), 30);
	buffer_done(&text);
	fixture_done(&f);
}

static void a_checkpoint_that_finds_no_room_is_made_later(void **state)
{
	(void)state;
	struct fixture f;
	struct rlimit old, tight;
	fixture_init(&f);
	struct log *log = open_again(&f, 0);
	assert_int_equal(fixture_append(log, 0, 300, 10), OK);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = 9000; /* the hashes fit, the entries do not */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(log_checkpoint(log), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(check_all(&f), 300);
	assert_int_equal(fixture_append(log, 300, 310, 10), OK);
	assert_int_equal(log_checkpoint(log), OK);
	assert_int_equal(state_of(log).checkpoint_size, 310);
	log_close(log);
	assert_int_equal(check_all(&f), 310);
	fixture_done(&f);
}

static void every_entry_has_a_proof_that_holds_for_it_only(void **state)
{
	(void)state;
	struct fixture f;
	struct buffer text = {0}, entry = {0};
	struct proof proof;
	struct checkpoint checkpoint;
	struct log_reader *reader;
	fixture_init(&f);
	struct log *log = open_again(&f, 0);
	assert_int_equal(fixture_append(log, 0, 261, 16), OK);
	assert_int_equal(log_checkpoint(log), OK);
	log_close(log);
	assert_int_equal(log_reader_open(f.path, &f.signer.verifier, &reader), OK);
	for (uint64_t i = 0; i < 261; i++) {
		text.size = 0;
		assert_int_equal(log_prove(reader, i, &text), OK);
		assert_int_equal(proof_parse(buffer_view(&text), &proof), OK);
		assert_int_equal(proof.index, i);
		struct view right = fixture_entry(&entry, i);
		assert_int_equal(proof_check(&proof, right, &f.signer.verifier, NULL, &checkpoint),
		                 OK);
		assert_int_equal(checkpoint.size, 261);
		struct view wrong = fixture_entry(&entry, i + 1);
		assert_int_equal(proof_check(&proof, wrong, &f.signer.verifier, NULL, &checkpoint),
		                 ERR_CHECKSUM);
	}
	assert_int_equal(log_prove(reader, 261, &text), ERR_MISSING);
	log_reader_close(reader);
	buffer_done(&text);
	buffer_done(&entry);
	fixture_done(&f);
}

/* Makes the fixture's log of the entries [from, from + count). */
static void make(struct fixture *f, uint64_t from, uint64_t count)
{
	fixture_init(f);
	struct log *log = open_again(f, 0);
	assert_int_equal(fixture_append(log, from, from + count, 16), OK);
	assert_int_equal(log_checkpoint(log), OK);
	log_close(log);
}

static struct verify_report compare(const struct fixture *f, const struct checkpoint *earlier)
{
	struct verify_report report;
	assert_int_equal(verify_log(f->path, &f->signer.verifier, NULL, earlier, &report), OK);
	return report;
}

static void read_checkpoint(const struct fixture *f, struct buffer *note, struct checkpoint *ret)
{
	char path[400];
	(void)snprintf(path, sizeof(path), "%s/checkpoint", f->path);
	assert_int_equal(directory_read(AT_FDCWD, path, NOTE_SIZE_MAX, note), OK);
	assert_int_equal(checkpoint_open(buffer_view(note), &f->signer.verifier, NULL, ret), OK);
	assert_int_equal(checkpoint_open(buffer_view(note), &f->signer.verifier, "another", ret),
	                 ERR_SIGNATURE);
}

static void
a_log_that_was_shortened_or_written_anew_does_not_go_with_an_earlier_checkpoint(void **state)
{
	(void)state;
	static const uint64_t sizes[] = {0, 1, 2, 255, 256, 257, 512, 600};
	enum { COUNT = sizeof(sizes) / sizeof(*sizes), MORE = 300 };
	for (size_t i = 0; i < COUNT; i++) {
		struct fixture f, anew;
		struct buffer note = {0};
		struct checkpoint earlier;
		make(&f, 0, sizes[i]);
		read_checkpoint(&f, &note, &earlier);
		assert_int_equal(compare(&f, &earlier).verdict, VERIFY_HOLDS);
		struct log *log = open_again(&f, 0);
		assert_int_equal(fixture_append(log, sizes[i], sizes[i] + MORE, 16), OK);
		assert_int_equal(compare(&f, &earlier).verdict, VERIFY_HOLDS);
		assert_int_equal(log_checkpoint(log), OK);
		log_close(log);
		struct verify_report report = compare(&f, &earlier);
		assert_int_equal(report.verdict, VERIFY_HOLDS);
		assert_int_equal(report.earlier_entries, sizes[i]);
		fixture_done(&f);
		make(&anew, 1, sizes[i] + MORE); /* with none every log begins */
		assert_int_equal(compare(&anew, &earlier).verdict == VERIFY_BROKEN, sizes[i] > 0);
		fixture_done(&anew);
		make(&anew, 0, sizes[i] ? sizes[i] - 1 : 0);
		assert_int_equal(compare(&anew, &earlier).verdict == VERIFY_BROKEN, sizes[i] > 0);
		assert_int_equal(compare(&anew, NULL).verdict, VERIFY_HOLDS);
		fixture_done(&anew);
		buffer_done(&note);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_survive_closing_and_opening),
		cmocka_unit_test(checkpoints_come_by_themselves),
		cmocka_unit_test(a_second_writer_is_refused),
		cmocka_unit_test(old_partial_tiles_go_when_the_full_one_is_there),
		cmocka_unit_test(no_kill_at_any_step_loses_an_acknowledged_entry),
		cmocka_unit_test(a_torn_tail_is_cut_wherever_it_tore),
		cmocka_unit_test(damage_before_the_last_group_is_not_taken_for_a_torn_tail),
		cmocka_unit_test(a_full_disk_refuses_and_later_takes_again),
		cmocka_unit_test(a_checkpoint_that_finds_no_room_is_made_later),
		cmocka_unit_test(every_entry_has_a_proof_that_holds_for_it_only),
		cmocka_unit_test(
			a_log_that_was_shortened_or_written_anew_does_not_go_with_an_earlier_checkpoint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
