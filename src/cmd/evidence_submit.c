#include "cmd/evidence_submit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/control.h"
#include "daemon/exit_status.h"
#include "daemon/record_submit.h"
#include "daemon/signing_key.h"
#include "record/submission.h"
#include "source/file.h"

enum { PATIENCE_MS = 60000, FILE_MODE = 0600 };

int evidence_fail(const char *what, int code)
{
	fprintf(stderr, "writ: cannot %s: %s\n", what, err_text(code));
	return code == -EBUSY ? EXIT_STATUS_RUNNING : (int)exit_status_of(code);
}

void evidence_make_id(char id[static EVIDENCE_ID_SIZE])
{
	uint8_t random[(EVIDENCE_ID_SIZE - 1) / 2];
	randombytes_buf(random, sizeof(random));
	(void)sodium_bin2hex(id, EVIDENCE_ID_SIZE, random, sizeof(random));
}

int evidence_become_owner(const char *folder)
{
	struct stat s;
	if (stat(folder, &s) < 0)
		return -errno;
	if (geteuid() == 0 && s.st_uid != 0 && (setegid(s.st_gid) < 0 || seteuid(s.st_uid) < 0))
		return -errno;
	return OK;
}

void evidence_become_oneself(void)
{
	if (geteuid() != getuid() && (seteuid(getuid()) < 0 || setegid(getgid()) < 0))
		_exit(EXIT_STATUS_INTERNAL);
}

const char *evidence_actor(struct arena *a)
{
	const struct passwd *user = getpwuid(getuid());
	return user ? arena_text(a, view_text(user->pw_name))
	            : arena_printf(a, "uid %u", (unsigned)getuid());
}

static int write_file(const char *path, struct view lines)
{
	cleanup(fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	int code = fd < 0 ? -errno : file_write_all(fd, lines);
	/* of half of a result nobody has a use */
	if (fd >= 0 && code < 0)
		(void)unlink(path);
	return code;
}

static int read_answer(struct view line)
{
	json_t *answer = json_loadb((const char *)line.bytes, line.size, 0, NULL);
	const char *why = json_string_value(json_object_get(answer, "problem"));
	const char *refused = json_string_value(json_object_get(answer, "refused"));
	bool is_done = json_is_true(json_object_get(answer, "ok")) && !refused;
	if (!is_done)
		fprintf(stderr, "writ: the instance did not record it: %s\n",
		        refused ? refused
		        : why   ? why
		                : "its answer is not understood");
	json_decref(answer);
	return is_done ? EXIT_STATUS_OK : EXIT_STATUS_INTERNAL;
}

/* ERR_MISSING when no instance runs; else an exit status. */
static int ask(struct evidence *e, const char *folder, struct view lines)
{
	struct control_request request = {.verb = CONTROL_SUBMIT};
	struct buffer line = {0};
	evidence_make_id(request.file);
	request.given = CONTROL_BIT(FILE);
	const char *path =
		arena_printf(&e->arena, "%s/" SUBMIT_FILE_PREFIX "%s", folder, request.file);
	int code = path ? evidence_become_owner(folder) : -ENOMEM;
	if (code == OK)
		code = write_file(path, lines);
	evidence_become_oneself();
	if (code < 0)
		return evidence_fail("leave entries in the evidence folder", code);
	code = control_ask(e->options.daemon.run_directory, &request, PATIENCE_MS, &line);
	(void)unlink(path);
	int status = code == ERR_MISSING ? ERR_MISSING
	             : code < 0          ? evidence_fail("ask the instance", code)
	                                 : read_answer(buffer_view(&line));
	buffer_done(&line);
	return status;
}

/* An erasure that was cut short before is ended first; another erasure sees to that. */
static int write_lines(struct record_writer *w, const char *subjects, struct view lines,
                       int64_t now_us)
{
	struct pseudonym_keys keys;
	struct record_keys erasing = {subjects, &keys};
	size_t count;
	if (record_writer_newest_us(w) > now_us)
		now_us = record_writer_newest_us(w); /* times of entries do not run back */
	int code = pseudonym_keys_open(subjects, &keys);
	if (code < 0)
		return code;
	if (!submission_is_erasure(lines))
		record_erase_resume(w, &erasing, now_us);
	code = record_submit_view(w, &erasing, lines, now_us, &count);
	pseudonym_keys_done(&keys);
	return code < 0 ? code : record_writer_checkpoint(w, now_us);
}

static int write_log(struct evidence *e, struct view lines)
{
	static struct record_stats stats;
	struct note_signer signer;
	struct record_writer *w = NULL;
	bool is_new;
	int code =
		signing_key_open(e->options.record.signing_key, e->verifier.name, &signer, &is_new);
	if (code < 0)
		return evidence_fail("read the key that signs the evidence log", code);
	struct record_writer_setup setup = {
		.log_directory = e->log,
		.index_file = options_index_file(&e->options, &e->arena),
		.signer = &signer,
		.checkpoint_entries = (uint64_t)e->options.record.checkpoint_entries,
		.stats = &stats};
	const char *subjects = options_subjects_directory(&e->options, &e->arena);
	code = subjects ? evidence_become_owner(e->log) : -ENOMEM;
	if (code == OK)
		code = record_writer_open(&setup, &w);
	if (code == OK)
		code = write_lines(w, subjects, lines, clock_now_us());
	record_writer_close(w);
	evidence_become_oneself();
	note_signer_done(&signer);
	return code < 0 ? evidence_fail("write the evidence log", code) : EXIT_STATUS_OK;
}

int evidence_submit(struct evidence *e, struct view lines)
{
	int status = ask(e, e->options.record.evidence_directory, lines);
	return status == ERR_MISSING ? write_log(e, lines) : status;
}
