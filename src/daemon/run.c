#include "daemon/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/plural.h"
#include "daemon/directory.h"
#include "daemon/file_limit.h"
#include "daemon/log_line.h"
#include "daemon/parent.h"
#include "daemon/prompt.h"
#include "daemon/query_log.h"
#include "daemon/run_lock.h"
#include "daemon/served_addresses.h"
#include "daemon/signing_key.h"
#include "source/file.h"

enum {
	RUN_MODE = 0755,
	EVIDENCE_MODE = 0750,
	PID_MODE = 0644,
	LOCK_WAIT_MS = 15000,
};

/* People read these, not the journal: file:line:column first. */
static void print_problems(const struct problems *problems)
{
	for (const struct problem *p = problems->first; p; p = p->next) {
		if (p->line)
			fprintf(stderr, "%s:%u:%u: %s\n", p->file, p->line, p->column, p->text);
		else
			fprintf(stderr, "%s: %s\n", p->file, p->text);
	}
	if (problems->dropped)
		fprintf(stderr, "and %zu more problem%s\n", problems->dropped,
		        plural_s(problems->dropped));
}

static enum exit_status fail(int code, const char *what, const char *on)
{
	log_line(LOG_LEVEL_ERROR, "cannot %s %s: %s", what, on, err_text(code));
	return exit_status_of(code);
}

static enum exit_status load_settings(const struct daemon_setup *setup, struct arena *a,
                                      struct writ_options *ret)
{
	struct problems problems = {0};
	int code = options_load(setup->settings, a, &problems, ret);
	print_problems(&problems);
	problems_done(&problems);
	if (code < 0)
		return exit_status_of(code);
	if (setup->listen_count) {
		struct schema_list *listen = &ret->dns.listen;
		listen->items =
			arena_copy(a, setup->listen, setup->listen_count * sizeof(*setup->listen));
		listen->count = listen->items ? setup->listen_count : 0;
		listen->marks = NULL;
		const char *expected = NULL;
		if (dns_options_schema.check(&ret->dns, &expected) < 0) {
			log_line(LOG_LEVEL_ERROR,
			         "--listen does not go with the settings: expected %s", expected);
			return EXIT_STATUS_USAGE;
		}
	}
	code = served_addresses_fill(&ret->dns, a);
	if (code < 0)
		return fail(code, "list the addresses of", "the machine");
	log_line_init("writ", (enum log_level)(LOG_LEVEL_ERROR + ret->daemon.log_level));
	return EXIT_STATUS_OK;
}

static enum exit_status take_lock(struct parent *p)
{
	const char *directory = p->options->daemon.run_directory;
	int code = directory_make(directory, RUN_MODE);
	if (code < 0)
		return fail(code, "make the run directory", directory);
	code = run_lock_take(directory, LOCK_WAIT_MS, &p->lock);
	if (code == ERR_EXISTS || code == -ETIMEDOUT) {
		log_line(LOG_LEVEL_ERROR, "another instance runs with the run directory %s",
		         directory);
		return EXIT_STATUS_RUNNING;
	}
	return code < 0 ? fail(code, "lock the run directory", directory) : EXIT_STATUS_OK;
}

static enum exit_status make_evidence_directory(const struct writ_options *o)
{
	const char *directory = o->record.evidence_directory;
	int code = role_make_folder(&roles[ROLE_RECORD], directory, EVIDENCE_MODE);
	return code < 0 ? fail(code, "use the evidence directory", directory) : EXIT_STATUS_OK;
}

static enum exit_status adopt_policy(struct parent *p)
{
	struct problems problems = {0}, warnings = {0};
	const struct adoption_request request = {.options = p->options, .now_us = clock_now_us()};
	int code = adopted_make(&request, &warnings, &problems, &p->adopted);
	print_problems(&warnings);
	print_problems(&problems);
	problems_done(&warnings);
	problems_done(&problems);
	return code < 0 ? adopted_status(code) : EXIT_STATUS_OK;
}

static enum exit_status open_certificates(struct parent *p)
{
	struct problems problems = {0}, of_time = {0};
	const struct certificates_request request =
		certificates_request_of(p, &p->options->dns, clock_now_us());
	int code = certificates_load(&request, &of_time, &problems, &p->certificates);
	print_problems(&of_time);
	print_problems(&problems);
	problems_done(&of_time);
	problems_done(&problems);
	return code < 0 ? exit_status_of(code) : EXIT_STATUS_OK;
}

static enum exit_status open_key(struct parent *p)
{
	const struct record_options *o = &p->options->record;
	const struct policy *policy = &p->adopted.policy;
	const char *name =
		o->origin ? o->origin : policy_text(policy, policy_organisation(policy)->id);
	char text[NOTE_KEY_TEXT_SIZE];
	bool is_new;
	int code = signing_key_open(o->signing_key, name, &p->signer, &is_new);
	if (code < 0)
		return fail(code, "use the signing key", o->signing_key);
	if (is_new)
		log_line(LOG_LEVEL_NOTICE,
		         "made the signing key %s; give its public key to auditors: %s",
		         o->signing_key, note_verifier_print(&p->signer.verifier, text));
	return EXIT_STATUS_OK;
}

static enum exit_status print_settings(struct parent *p)
{
	struct buffer text = {0};
	schema_print(&writ_options_schema, p->options, 0, &text);
	int code = text.failed ? -ENOMEM
	                       : memory_copy("writ-settings", buffer_view(&text), &p->settings);
	buffer_done(&text);
	return code < 0 ? fail(code, "share", "the settings") : EXIT_STATUS_OK;
}

static enum exit_status open_query_log(struct parent *p)
{
	const struct query_log_options *o = &p->options->dns.query_log;
	int code = query_log_open(o, &p->query_log);
	return code < 0 ? fail(code, "open the query log", o->file) : EXIT_STATUS_OK;
}

static enum exit_status open_places(struct parent *p)
{
	const char *bad;
	int code = places_files_read(&p->options->packet.places, &p->places, &bad);
	return code < 0 ? fail(code, "use the database", bad) : EXIT_STATUS_OK;
}

static enum exit_status write_pid(const struct writ_options *o)
{
	char text[32];
	int size = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	int code = o->daemon.pid_file
	                   ? file_replace(o->daemon.pid_file, view_of(text, (size_t)size), PID_MODE)
	                   : OK;
	return code < 0 ? fail(code, "write the pid file", o->daemon.pid_file) : EXIT_STATUS_OK;
}

static enum exit_status prepare(struct parent *p)
{
	enum exit_status status = take_lock(p);
	file_limit_raise(&p->options->dns);
	if (status == EXIT_STATUS_OK)
		status = make_evidence_directory(p->options);
	if (status == EXIT_STATUS_OK)
		status = adopt_policy(p);
	if (status == EXIT_STATUS_OK && lists_are_fetched(p))
		status = exit_status_of(lists_make_folder(p));
	if (status == EXIT_STATUS_OK)
		status = open_certificates(p);
	if (status == EXIT_STATUS_OK)
		status = open_key(p);
	if (status == EXIT_STATUS_OK)
		status = print_settings(p);
	randombytes_buf(p->cookie_key, sizeof(p->cookie_key));
	if (status == EXIT_STATUS_OK)
		status = resources_open(p->options, &p->resources);
	if (status == EXIT_STATUS_OK)
		status = open_query_log(p);
	if (status == EXIT_STATUS_OK)
		status = open_places(p);
	if (status == EXIT_STATUS_OK)
		status = packet_parent_install(p);
	return status == EXIT_STATUS_OK ? write_pid(p->options) : status;
}

static void release(struct parent *p)
{
	if (p->options->daemon.pid_file && p->was_ready)
		(void)unlink(p->options->daemon.pid_file);
	packet_parent_remove(p);
	places_files_done(&p->places);
	resources_done(&p->resources);
	memory_close(&p->settings);
	adopted_done(&p->adopted);
	certificates_done(&p->certificates);
	note_signer_done(&p->signer);
	cleanup_fd(&p->query_log);
	cleanup_fd(&p->lock);
}

int daemon_run(const struct daemon_setup *setup)
{
	log_line_init("writ", LOG_LEVEL_INFO);
	(void)signal(SIGPIPE, SIG_IGN);
	struct arena arena;
	struct writ_options options;
	arena_init(&arena, 0);
	enum exit_status status = load_settings(setup, &arena, &options);
	if (status == EXIT_STATUS_OK) {
		/* too large for a stack that other code shares */
		cleanup(free) struct parent *p = calloc(1, sizeof(*p));
		if (!p)
			return EXIT_STATUS_INTERNAL;
		*p = (struct parent){.settings_path = setup->settings,
		                     .options = &options,
		                     .settings = MEMORY_NONE,
		                     .adopted = ADOPTED_NONE,
		                     .certificates = certificates_none(),
		                     .lock = -1,
		                     .query_log = -1,
		                     .places = places_files_none(),
		                     .resources = resources_none()};
		status = prepare(p);
		if (status == EXIT_STATUS_OK)
			status = parent_run(p);
		release(p);
	}
	arena_done(&arena);
	return status;
}

static bool is_socket(int fd)
{
	struct stat s;
	return fstat(fd, &s) == 0 && S_ISSOCK(s.st_mode);
}

int daemon_role_main(int argc, char **argv)
{
	if (argc != 4 || strcmp(argv[1], "run") != 0 || strcmp(argv[2], "--role") != 0)
		return -1;
	const struct role_row *row = role_find(argv[3]);
	log_line_init(row ? row->name : "writ", LOG_LEVEL_INFO);
	if (!row || !is_socket(ROLE_PARENT_FD)) {
		log_line(LOG_LEVEL_ERROR,
		         "--role is for the parent's use: start `writ run` instead");
		return EXIT_STATUS_USAGE;
	}
	/* nothing that a role starts may hold the lock or the socket */
	(void)fcntl(ROLE_PARENT_FD, F_SETFD, FD_CLOEXEC);
	(void)fcntl(ROLE_LOCK_FD, F_SETFD, FD_CLOEXEC);
	/* the parent alone decides when to end: it tells, or is gone */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	if (row->is_prompt)
		prompt_ask();
	return row->main(ROLE_PARENT_FD);
}
