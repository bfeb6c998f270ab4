#include "cmd/subjects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "cmd/evidence_submit.h"
#include "cmd/output.h"
#include "cmd/subjects_months.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"

enum { FILE_MODE = 0600 };

const struct option subjects_list_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};
const struct option subjects_erase_options[] = {
	{"--reason", "TEXT", "Why; it goes into the evidence log."},
	{"--yes", NULL, "Really: nothing brings the key back."},
	OPTION_CONFIG,
	{0},
};

const char subjects_list_text[] =
	"Subjects in the evidence log are pseudonyms under a key of their month; who holds the key can tell which address is "
	"behind one. present: the key is there. erased: it is not, and nobody can. missing: the log tells of it, and there is "
	"not even an empty file. damaged: the file is no key. FINDINGS are those that name somebody by that key and are not "
	"gone: when it is erased they are forgotten.";
const char subjects_erase_text[] =
	"Erases the key of MONTH, as 2026-01 (UTC), so that nobody can link that month's pseudonyms to people any more. Findings "
	"that were found in it first and name somebody are forgotten: what is still there is found anew, as another. The month must be over. All of its subjects go: one alone "
	"cannot, as they share the key. The evidence log stays as it is and verifies; an entry of it says whose key was "
	"erased, when, by whom and why. Names and paths in findings are no pseudonyms and stay. Copies of the key in backups "
	"and snapshots are yours to erase. If it is cut short, it is ended when Writ starts, or when this is run, next.";

static const char *word_of(const struct subjects_month *m)
{
	if (m->state == OK)
		return "present";
	return m->state == ERR_DENIED ? "erased" : m->state == ERR_MISSING ? "missing" : "damaged";
}

static void write_json(const struct subjects_month *m, struct json_writer *j)
{
	json_object_begin(j, NULL);
	json_text(j, "month", m->period);
	json_text(j, "key", word_of(m));
	json_int(j, "findings", (int64_t)m->findings);
	if (m->is_told) {
		json_time(j, "erased", m->at_us);
		json_text(j, "actor", m->actor);
		json_text(j, "reason", m->reason);
		json_int(j, "entry", (int64_t)m->entry);
	}
	json_object_end(j);
}

static void add_row(struct table *t, const struct subjects_month *m)
{
	char time[TIMESTAMP_TEXT_SIZE];
	table_add(t, m->period);
	table_add(t, word_of(m));
	table_printf(t, "%zu", m->findings);
	table_add(t, m->is_told ? timestamp_print(m->at_us, time) : NULL);
	table_add(t, m->actor);
	table_add(t, m->reason);
}

static int show(const struct args *a, const struct subjects_months *m)
{
	static const char *const titles[] = {"MONTH", "KEY",    "FINDINGS", "ERASED",
	                                     "BY",    "REASON", NULL};
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	struct table t;
	if (args_has(a, "--json")) {
		json_array_begin(&j, NULL);
		for (size_t i = 0; i < m->count; i++)
			write_json(&m->rows[i], &j);
		json_array_end(&j);
		return output_json(&out);
	}
	table_init(&t, titles);
	for (size_t i = 0; i < m->count; i++)
		add_row(&t, &m->rows[i]);
	table_print(&t, stdout);
	return EXIT_STATUS_OK;
}

/* Opens the evidence and reads its months. Returns an exit status. */
static int open_months(const struct args *a, struct evidence *e, struct subjects_months *m)
{
	int status = evidence_open(a, e);
	if (status == EXIT_STATUS_OK)
		status = evidence_index(e);
	return status == EXIT_STATUS_OK ? subjects_months_read(e, m) : status;
}

int cmd_subjects_list(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e = {0};
	struct subjects_months months = {0};
	int status = args_parse(c, argc, argv, &a);
	if (status)
		return status;
	status = open_months(&a, &e, &months);
	if (status == EXIT_STATUS_OK)
		status = show(&a, &months);
	subjects_months_done(&months);
	evidence_close(&e);
	return status;
}

/* Erasing. */

static bool is_over(const char *period)
{
	char now[PSEUDONYM_PERIOD_SIZE];
	return strcmp(period, pseudonym_period(clock_now_us(), now)) < 0;
}

static int check(const struct command *c, const struct args *a)
{
	const char *reason = args_value(a, "--reason");
	if (!pseudonym_period_is_valid(a->rest[0]))
		return command_usage(c, "not a month, expected it as 2026-01", a->rest[0]);
	if (!reason || !view_trim(view_text(reason)).size)
		return command_usage(c, "it needs --reason, which goes into the evidence log",
		                     NULL);
	if (!is_over(a->rest[0]))
		return command_usage(c, "this month is not over, and its key is in use",
		                     a->rest[0]);
	if (!args_has(a, "--yes"))
		return command_usage(c, "nothing brings the key back: it needs --yes", NULL);
	return EXIT_STATUS_OK;
}

static void write_line(struct evidence *e, const char *period, const char *reason,
                       struct buffer *out)
{
	char id[EVIDENCE_ID_SIZE];
	struct json_writer j = {.out = out, .canonical = true};
	evidence_make_id(id);
	buffer_printf(out, "%s ", entry_kinds[ENTRY_ERASE].name);
	json_object_begin(&j, NULL);
	json_text(&j, "actor", evidence_actor(&e->arena));
	json_text(&j, "id", id);
	json_text(&j, "period", period);
	json_text(&j, "reason", reason);
	json_object_end(&j);
	buffer_add_text(out, "\n");
}

static void tell(const struct subjects_month *m)
{
	printf("the key of %s is erased: nobody can link its pseudonyms to people any more\n",
	       m->period);
	size_t count = m->findings - m->forgotten;
	if (count)
		printf("%zu %s forgotten: what is still there is found anew\n", count,
		       plural(count, "finding is", "findings are"));
	printf("copies of subjects/%s in backups and snapshots are yours to erase\n", m->period);
}

/* A file that went away by hand is put back, empty: so it is erased with an entry, and no key is made again. */
static int put_back(const struct subjects_months *all, const char *period)
{
	struct pseudonym_keys keys;
	int code = evidence_become_owner(all->directory);
	if (code == OK)
		code = pseudonym_keys_open(all->directory, &keys);
	if (code == OK) {
		cleanup(fd) int fd = openat(keys.directory_fd, period,
		                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
		code = fd < 0 ? -errno : OK;
		pseudonym_keys_done(&keys);
	}
	evidence_become_oneself();
	return code < 0 ? evidence_fail("put an empty file where the key was", code)
	                : EXIT_STATUS_OK;
}

static int erase(struct evidence *e, const struct subjects_months *all,
                 const struct subjects_month *m, const char *reason)
{
	struct buffer line = {0};
	int status = m->state == ERR_MISSING ? put_back(all, m->period) : EXIT_STATUS_OK;
	if (status)
		return status;
	write_line(e, m->period, reason, &line);
	status = line.failed ? EXIT_STATUS_INTERNAL : evidence_submit(e, buffer_view(&line));
	buffer_done(&line);
	if (status == EXIT_STATUS_OK)
		tell(m);
	return status;
}

/* With nothing that is left to forget, as what was just being recorded while the key went. */
static bool is_done(const struct subjects_month *m)
{
	return m->is_told && (m->state == ERR_DENIED || m->state == ERR_MISSING) &&
	       m->findings == m->forgotten;
}

/* What is done already is no failure; a key that is back, or that went without an entry, is erased with one. */
static int erase_month(struct evidence *e, const struct subjects_months *all, const char *period,
                       const char *reason)
{
	char time[TIMESTAMP_TEXT_SIZE];
	const struct subjects_month *m = subjects_months_find(all, period);
	if (m && is_done(m)) {
		print_line(stdout, "the key of %s was erased already: entry %llu of %s, by %s: %s",
		           period, (unsigned long long)m->entry, timestamp_print(m->at_us, time),
		           m->actor, m->reason);
		return EXIT_STATUS_OK;
	}
	if (m && (m->state != ERR_MISSING || m->findings))
		return erase(e, all, m, reason);
	fprintf(stderr, "writ: %s has no key of %s: nobody was named in that month\n",
	        all->directory, period);
	return EXIT_STATUS_USAGE;
}

int cmd_subjects_erase(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e = {0};
	struct subjects_months months = {0};
	int status = args_parse(c, argc, argv, &a);
	if (status == EXIT_STATUS_OK)
		status = check(c, &a);
	if (status)
		return status;
	status = open_months(&a, &e, &months);
	if (status == EXIT_STATUS_OK)
		status = erase_month(&e, &months, a.rest[0], args_value(&a, "--reason"));
	subjects_months_done(&months);
	evidence_close(&e);
	return status;
}
