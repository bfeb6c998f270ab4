#include "cmd/audit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/file_window.h"
#include "audit/log_mapping.h"
#include "base/clock.h"
#include "base/decimal.h"
#include "base/json_writer.h"
#include "cmd/audit_progress.h"
#include "cmd/audit_repeated.h"
#include "cmd/findings_record.h"
#include "cmd/open_catalogue.h"
#include "cmd/open_policy.h"
#include "cmd/output.h"
#include "cmd/problems.h"
#include "cmd/result_show.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"
#include "source/file.h"

enum { MAPPING_SIZE_MAX = 64 * 1024 };
enum { FINDINGS_DEFAULT = 100000, FINDINGS_DIGITS = 8, STATE_EVERY_MS = 2000 };

const struct option audit_options[] = {
	RESULT_OPTIONS,
	{"--formats", NULL, "Print what can be read, and what each format can prove."},
	{"--mapping", "FILE",
         "Read the sources as FILE says: columns or JSON that no format knows."},
	{"--resume", "FILE", "Keep in FILE how far the audit is, and go on from there."},
	{"--record", NULL, "Put the result into the evidence log, with a digest of each source."},
	{"--digest", NULL, "Say the SHA-256 of each source, too."},
	{"--threads", "N", "Read with so many threads (default: one a processor)."},
	{"--limit", "N", "Keep at most so many findings (default 100000)."},
	OPTION_CONFIG,
	OPTION_ORGANISATION,
	OPTION_CATALOGUE,
	OPTION_POLICY,
	{0},
};

const char audit_text[] =
	"A SOURCE is a capture, a log, a folder of them, or - for standard input; it may be compressed by gzip, "
	"zstd or xz, or be UTF-16. What it is is found by its content. What the policy lists is found whatever the verdict: use that "
	"is exempt, or that no order binds, is use. The table says what each finding proves: an address on shared "
	"hosting proves nothing by itself. What could not be read or understood is counted and shown by an example. "
	"Subjects are pseudonyms: those of the evidence log where its keys can be read, else of this result only. The "
	"exit status is 11 when something was found, 12 when nothing was found but not all could be read.";

static const struct {
	unsigned bit;
	const char *name;
} proofs[] = {
	{PROOF_NAME, "name"},       {PROOF_URL, "url"},
	{PROOF_ADDRESS, "address"}, {PROOF_USER, "user"},
	{PROOF_CLIENT, "client"},   {PROOF_BYTES, "bytes"},
	{PROOF_TIME, "time"},       {PROOF_CERTIFICATE, "certificate"},
};
enum { PROOFS = sizeof(proofs) / sizeof(*proofs) };

static int print_formats_json(void)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	json_array_begin(&j, NULL);
	for (const struct audit_format *f = audit_formats; f->name; f++) {
		json_object_begin(&j, NULL);
		json_text(&j, "format", f->name);
		json_text(&j, "help", f->help);
		for (size_t i = 0; i < PROOFS; i++)
			json_bool(&j, proofs[i].name, f->proves & proofs[i].bit);
		json_object_end(&j);
	}
	json_array_end(&j);
	return output_json(&out);
}

static int print_formats(void)
{
	static const char *const titles[] = {"FORMAT",      "NAME",   "URL",   "ADDRESS",
	                                     "USER",        "CLIENT", "BYTES", "TIME",
	                                     "CERTIFICATE", "WHAT",   NULL};
	struct table t;
	table_init(&t, titles);
	for (const struct audit_format *f = audit_formats; f->name; f++) {
		table_add(&t, f->name);
		for (size_t i = 0; i < PROOFS; i++)
			table_add(&t, f->proves & proofs[i].bit ? "yes" : "-");
		table_add(&t, f->help);
	}
	table_print(&t, stdout);
	printf("\nEach may be compressed by gzip, zstd or xz, or be UTF-16 with its mark.\n"
	       "An address alone proves nothing where many share it, as on a hosting or delivery network.\n"
	       "The names of a server's certificate prove that use is possible, where no listed name was asked for and\n"
	       "all of them are of one product: a certificate that has others' names, too, proves nothing.\n");
	return EXIT_STATUS_OK;
}

static struct audit *running;

static void on_signal(int number)
{
	(void)number;
	audit_stop(running);
}

static void catch_signals(struct audit *a)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
	running = a;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static int explain(const struct audit_settings *s, const struct audit *a, int code)
{
	if (code == OK)
		return EXIT_STATUS_OK;
	if (code == ERR_TRUNCATED) {
		fprintf(stderr, "writ audit: interrupted%s%s\n",
		        s->state_path ? "; go on with the same command, from " : "",
		        s->state_path ? s->state_path : "");
		return EXIT_STATUS_INTERRUPTED;
	}
	const char *problem = a ? audit_problem(a) : "";
	fprintf(stderr, "writ audit: %s\n", *problem ? problem : err_text(code));
	return code == ERR_VERSION ? EXIT_STATUS_USAGE : (int)exit_status_of(code);
}

static const char method[] = "writ audit " WRIT_VERSION;

static int run(const struct args *a, struct audit_settings *s)
{
	struct audit_progress_line line;
	cleanup(audit) struct audit *audit = NULL;
	s->tell = audit_progress_tell;
	s->context = &line;
	int code = file_window_guard();
	if (code == OK)
		code = audit_new(s, &audit);
	if (code == OK) {
		catch_signals(audit);
		audit_progress_begin(&line, audit);
		code = audit_run(audit);
		audit_progress_end(&line);
	}
	int status = explain(s, audit, code);
	if (status == EXIT_STATUS_OK)
		status = result_show(a, method, NULL, audit_findings(audit));
	if (audit && code == OK)
		audit_repeated_say_equal(audit_findings(audit));
	bool is_told = status == EXIT_STATUS_OK || status == EXIT_STATUS_FOUND ||
	               status == EXIT_STATUS_INCOMPLETE;
	if (is_told && args_has(a, "--record")) {
		int recorded = findings_record(a, method, audit_findings(audit));
		status = recorded ? recorded : status;
		is_told = !recorded;
	}
	if (is_told && s->state_path)
		(void)unlink(s->state_path);
	return status;
}

static int read_number(const struct args *a, const char *option, uint64_t max, uint64_t *number)
{
	const char *text = args_value(a, option);
	uint64_t read = 0;
	if (!text)
		return EXIT_STATUS_OK;
	if (decimal_parse(view_text(text), FINDINGS_DIGITS, &read) < 0 || read == 0 || read > max)
		return command_usage(a->command, "not a number that is possible here", text);
	*number = read;
	return EXIT_STATUS_OK;
}

static int list_sources(const struct args *a, struct source_list *list)
{
	source_list_init(list);
	int code = OK;
	for (int i = 0; code == OK && i < a->rest_count; i++)
		code = source_list_add(list, a->rest[i]);
	if (code == ERR_LIMIT)
		fprintf(stderr, "writ audit: more than %d sources\n", SOURCE_LIST_MAX);
	else if (code < 0)
		fprintf(stderr, "writ audit: %s\n", err_text(code));
	audit_repeated_say(list);
	return code == ERR_LIMIT ? EXIT_STATUS_USAGE : (int)exit_status_of(code);
}

/* The mapping of --mapping lives in the arena; NULL: there is none. */
static int read_mapping(const struct args *a, struct arena *arena, const struct log_mapping **ret)
{
	const char *path = args_value(a, "--mapping");
	struct problems problems = {0};
	struct buffer text = {0};
	*ret = NULL;
	if (!path)
		return EXIT_STATUS_OK;
	int code = file_read(path, MAPPING_SIZE_MAX, &text);
	if (code < 0)
		fprintf(stderr, "%s: %s\n", path, err_text(code));
	else
		code = log_mapping_read(path, buffer_view(&text), arena, &problems, ret);
	problems_print(&problems, "");
	buffer_done(&text);
	return code < 0 ? EXIT_STATUS_USAGE : EXIT_STATUS_OK;
}

static int audit_all(const struct args *a, const struct log_mapping *mapping)
{
	struct opened_policy opened;
	struct source_list list;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t threads =
		processors > 0 && processors < AUDIT_THREADS_MAX ? (uint64_t)processors : 1;
	uint64_t limit = FINDINGS_DEFAULT;
	int r = read_number(a, "--threads", AUDIT_THREADS_MAX, &threads);
	if (r == EXIT_STATUS_OK)
		r = read_number(a, "--limit", UINT32_MAX / 4, &limit);
	if (r == EXIT_STATUS_OK)
		r = result_check(a);
	if (r == EXIT_STATUS_OK)
		r = findings_record_check(a);
	if (r == EXIT_STATUS_OK)
		r = open_policy(a, &opened);
	if (r)
		return r;
	r = list_sources(a, &list);
	struct audit_settings settings = {.policy = &opened.policy,
	                                  .sources = &list,
	                                  .now_us = clock_now_us(),
	                                  .format = mapping ? &mapping->format : NULL,
	                                  .format_hash = mapping ? mapping->hash : 0,
	                                  .findings_max = limit,
	                                  .threads = (unsigned)threads,
	                                  .makes_digests = args_has(a, "--digest") ||
	                                                   args_has(a, "--record"),
	                                  .state_path = args_value(a, "--resume"),
	                                  .state_every_ms = STATE_EVERY_MS};
	if (r == EXIT_STATUS_OK)
		r = run(a, &settings);
	source_list_done(&list);
	close_policy(&opened);
	return r;
}

int cmd_audit(const struct command *c, int argc, char **argv)
{
	struct args a;
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	if (args_has(&a, "--formats"))
		return args_has(&a, "--json") ? print_formats_json() : print_formats();
	if (a.rest_count == 0)
		return command_usage(c, "too few arguments", NULL);
	struct arena arena;
	const struct log_mapping *mapping;
	arena_init(&arena, 0);
	r = read_mapping(&a, &arena, &mapping);
	if (r == EXIT_STATUS_OK)
		r = audit_all(&a, mapping);
	arena_done(&arena);
	return r;
}
