#include "cmd/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "cmd/ask.h"
#include "cmd/entry_find.h"
#include "cmd/evidence.h"
#include "cmd/output.h"
#include "daemon/exit_status.h"
#include "record/verify.h"
#include "source/file.h"

enum { CHECKPOINT_SIZE_MAX = 1 << 20 };

const struct option log_checkpoint_options[] = {
	{"--stored", NULL, "Print the last one and ask for no new one; works when nothing runs."},
	OPTION_CONFIG,
	{0},
};
const struct option log_prove_options[] = {
	{"--output", "FILE", "Where the proof goes (default: standard output)."},
	{"--entry", "FILE", "Where the entry's own bytes go, for writ-verify --entry."},
	OPTION_CONFIG,
	{0},
};
const struct option log_verify_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};

const char log_prove_text[] =
	"ENTRY is its number or its reference. The proof is in the form c2sp.org/tlog-proof; with "
	"the entry's bytes and the public key anybody can check it: writ-verify --proof FILE "
	"--entry FILE --key KEY.";

int cmd_log_checkpoint(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e;
	struct buffer text = {0};
	json_t *answer = NULL;
	int r = args_parse(c, argc, argv, &a);
	if (r == 0 && !args_has(&a, "--stored"))
		r = ask_verb(&a, CONTROL_CHECKPOINT, &answer, NULL);
	json_decref(answer);
	if (r == 0)
		r = evidence_open(&a, &e);
	if (r)
		return r;
	char *path = arena_printf(&e.arena, "%s/checkpoint", e.log);
	int code = path ? file_read(path, CHECKPOINT_SIZE_MAX, &text) : -ENOMEM;
	if (code < 0)
		fprintf(stderr, "writ: cannot read %s: %s\n", path ? path : "the checkpoint",
		        err_text(code));
	else
		fwrite(text.bytes, 1, text.size, stdout);
	buffer_done(&text);
	evidence_close(&e);
	return (int)exit_status_of(code);
}

static int write_bytes(const char *path, struct view bytes)
{
	int r = OK;
	if (path)
		r = file_replace(path, bytes, 0644);
	else if (fwrite(bytes.bytes, 1, bytes.size, stdout) != bytes.size)
		r = -EIO;
	if (r < 0)
		fprintf(stderr, "writ: cannot write %s: %s\n", path ? path : "the proof",
		        err_text(r));
	return (int)exit_status_of(r);
}

int cmd_log_prove(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e;
	struct found_entry found = {0};
	struct buffer proof = {0};
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = evidence_open(&a, &e);
	if (r)
		return r;
	r = entry_find(&e, a.rest[0], &found);
	if (r == EXIT_STATUS_OK) {
		int code = log_prove(e.reader, found.number, &proof);
		if (code == ERR_MISSING)
			fprintf(stderr,
			        "writ: entry %llu is not yet under a checkpoint: `writ log checkpoint` makes one\n",
			        (unsigned long long)found.number);
		else if (code < 0)
			fprintf(stderr, "writ: no proof could be made of entry %llu: %s\n",
			        (unsigned long long)found.number, err_text(code));
		r = code == ERR_MISSING ? EXIT_STATUS_VERDICT
		    : code < 0          ? EXIT_STATUS_EVIDENCE
		                        : EXIT_STATUS_OK;
	}
	if (r == EXIT_STATUS_OK && args_has(&a, "--entry"))
		r = write_bytes(args_value(&a, "--entry"), buffer_view(&found.bytes));
	if (r == EXIT_STATUS_OK)
		r = write_bytes(args_value(&a, "--output"), buffer_view(&proof));
	buffer_done(&found.bytes);
	buffer_done(&proof);
	evidence_close(&e);
	return r;
}

int cmd_log_verify(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct evidence e;
	struct verify_report report;
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = evidence_open(&a, &e);
	if (r)
		return r;
	int code = verify_log(e.log, &e.verifier, NULL, NULL, &report);
	if (code < 0)
		fprintf(stderr, "writ: cannot read the evidence log %s: %s\n", e.log,
		        err_text(code));
	evidence_close(&e);
	if (code < 0)
		return (int)exit_status_of(code);
	if (args_has(&a, "--json")) {
		struct buffer out = {0};
		struct json_writer j = {.out = &out};
		json_object_begin(&j, NULL);
		json_bool(&j, "holds", report.verdict == VERIFY_HOLDS);
		json_text(&j, "sentence", report.sentence);
		json_int(&j, "entries", (int64_t)report.entries);
		json_int(&j, "journal_entries", (int64_t)report.journal_entries);
		json_int(&j, "gaps", (int64_t)report.gaps);
		json_object_end(&j);
		r = output_json(&out);
	} else {
		puts(report.sentence);
	}
	return r ? r : report.verdict == VERIFY_HOLDS ? EXIT_STATUS_OK : EXIT_STATUS_EVIDENCE;
}
