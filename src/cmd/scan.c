#include "cmd/scan.h"

#include <limits.h>
#include <linux/ioprio.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/findings_record.h"
#include "cmd/open_catalogue.h"
#include "cmd/open_policy.h"
#include "cmd/result_show.h"
#include "cmd/scan_confine.h"
#include "cmd/scan_egress.h"
#include "cmd/scan_events.h"
#include "cmd/scan_from.h"
#include "cmd/scan_show.h"
#include "daemon/exit_status.h"
#include "scan/scan.h"

enum { FINDINGS = 20000, NAME_SIZE = PATH_MAX + HOST_NAME_MAX + 2 };

const struct option scan_options[] = {
	RESULT_OPTIONS,
	{"--machine", "NAME",
         "Name the machine, image or container so (default: this one's name, and ROOT)."},
	{"--record", NULL, "Put the result into the evidence log."},
	{"--unit", "UNIT", "The machine is of this unit of the organisation."},
	SCAN_FROM_OPTIONS,
	SCAN_EGRESS_OPTIONS,
	SCAN_EVENTS_OPTIONS,
	{"--formats", NULL, "Print what --from can read."},
	{"--finders", NULL, "Print what is looked for, and where."},
	OPTION_CONFIG,
	OPTION_ORGANISATION,
	OPTION_CATALOGUE,
	OPTION_POLICY,
	{0},
};

const char scan_manual[] =
	"ROOT is / without one, a mounted image, or the root of a container. Everything below it is looked at once: "
	"packages of the system and of languages, plug-ins of editors, extensions of browsers, applications, files that "
	"point AI clients at a product, and how the machine resolves names. What is a trace of a product is the policy's "
	"to say. Nothing is written, no link is followed out of ROOT, and no value of a key is kept or shown. File systems "
	"of the network are not entered. What could not be read is said, with the reason: run it as root to read "
	"everybody's files. --from reads a file of another inventory instead, recognised by its content; --egress tests whether a program that runs here can reach the vendor: its status is 0 when it is confined, 1 when it is not, 12 when that is not known; with --since also what gates met of its addresses since then. Subjects are the owners of homes, as pseudonyms: see --reveal. The exit status is 11 when "
	"something was found, 12 when nothing was found but not all could be read.";

static struct scan *running;

static void on_signal(int number)
{
	(void)number;
	scan_stop(running);
}

static void catch_signals(struct scan *s)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
	running = s;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

/* Others come first, at the processor and at the disk; and keys that pass through memory end in no core file. */
static void be_modest(void)
{
	/* one byte: no file is written, and a program that takes cores by a pipe is not started either (core(5)) */
	static const struct rlimit no_core = {1, 1};
	(void)setpriority(PRIO_PROCESS, 0, 19);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
	              IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
	(void)setrlimit(RLIMIT_CORE, &no_core);
}

static int find_place(const struct args *a, const struct policy *p, uint32_t *ret)
{
	const char *unit = args_value(a, "--unit");
	*ret = unit ? policy_place_of_unit(p, unit) : NONE;
	if (unit && *ret == NONE)
		return command_usage(a->command, "no unit of that name that has a network", unit);
	return EXIT_STATUS_OK;
}

static const char method[] = "writ scan " WRIT_VERSION;

/* What a scan is given beside its settings. */
struct outputs {
	const struct args *args;
	struct result_file bill; /* of --cyclonedx */
};

/* The result, and where else it is to go. */
static int show(struct outputs *o, const struct result_more *more,
                const struct scan_settings *settings, const char *scanned)
{
	const struct args *a = o->args;
	int status = result_show(a, method, more, settings->findings), gone = EXIT_STATUS_OK;
	if (status != EXIT_STATUS_OK && status != EXIT_STATUS_FOUND &&
	    status != EXIT_STATUS_INCOMPLETE)
		return status;
	gone = scan_cyclonedx(a, &o->bill, settings->findings, scanned, settings->at_us);
	if (gone == EXIT_STATUS_OK && args_has(a, "--record"))
		gone = findings_record(a, method, settings->findings);
	return gone ? gone : status;
}

static int confine(void *context)
{
	const struct outputs *o = context;
	return scan_confine(o->args);
}

static int read_collection(struct outputs *o, const struct scan_settings *settings)
{
	static const struct result_more more = {.items = "records", .item = "record"};
	const char *path = args_value(o->args, "--from");
	(void)confine(o);
	int status = scan_from(path, settings->policy, settings->findings, settings->at_us,
	                       settings->place);
	return status ? status : show(o, &more, settings, path);
}

/* This host and the folder that is looked at; the folder as it is, not as it was written. */
static void name_machine(const struct args *a, const char *root, char name[static NAME_SIZE])
{
	const char *given = args_value(a, "--machine");
	char host[HOST_NAME_MAX + 1] = "";
	cleanup(free) char *whole = realpath(root, NULL);
	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(name, NAME_SIZE, "%s%s%s", given ? given : host, given ? "" : ":",
	               given   ? ""
	               : whole ? whole
	                       : root);
}

static int run(struct outputs *o, const struct scan_settings *settings, const char *root)
{
	cleanup(scan) struct scan *s = NULL;
	int code = scan_new(settings, &s);
	if (code == OK) {
		catch_signals(s);
		code = scan_run(s, root);
	}
	if (code == OK) {
		struct result_more more = scan_show_more(s);
		return show(o, &more, settings, root);
	}
	if (code == ERR_TRUNCATED) {
		fprintf(stderr, "writ scan: interrupted\n");
		return EXIT_STATUS_INTERRUPTED;
	}
	fprintf(stderr, "writ scan: %s: %s\n", root, err_text(code));
	return (int)exit_status_of(code);
}

static int scan_something(struct outputs *o, struct scan_settings *settings, const char *root)
{
	int status = scan_cyclonedx_open(o->args, &o->bill);
	be_modest();
	settings->confine = confine;
	settings->context = o;
	if (status == EXIT_STATUS_OK)
		status = args_has(o->args, "--from") ? read_collection(o, settings)
		                                     : run(o, settings, root);
	result_file_close(&o->bill);
	return status;
}

static int scan_all(const struct args *a)
{
	struct outputs outputs = {.args = a, .bill = RESULT_FILE_NONE};
	struct opened_policy opened;
	cleanup(findings) struct findings *findings = NULL;
	const char *root = a->rest_count ? a->rest[0] : "/";
	char machine[NAME_SIZE];
	struct scan_settings settings = {
		.policy = &opened.policy, .at_us = clock_now_us(), .machine = machine};
	name_machine(a, root, machine);
	int r = result_check(a);
	if (r == EXIT_STATUS_OK)
		r = findings_record_check(a);
	if (r == EXIT_STATUS_OK)
		r = open_policy(a, &opened);
	if (r)
		return r;
	r = find_place(a, &opened.policy, &settings.place);
	if (r == EXIT_STATUS_OK && args_has(a, "--egress")) {
		r = scan_egress(a, &opened.policy);
	} else if (r == EXIT_STATUS_OK) {
		int code = findings_new(&opened.policy, FINDINGS, &findings);
		settings.findings = findings;
		r = code < 0 ? (int)exit_status_of(code)
		             : scan_something(&outputs, &settings, root);
	}
	findings_free(take_ptr(findings));
	close_policy(&opened);
	return r;
}

int cmd_scan(const struct command *c, int argc, char **argv)
{
	struct args a;
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	if (args_has(&a, "--formats"))
		return scan_from_formats(args_has(&a, "--json"));
	if (args_has(&a, "--finders"))
		return scan_show_finders(args_has(&a, "--json"));
	if (a.rest_count + args_has(&a, "--from") + args_has(&a, "--egress") > 1)
		return command_usage(c, "one of ROOT, --from and --egress is looked at", NULL);
	if (args_has(&a, "--since") && !args_has(&a, "--egress"))
		return command_usage(c, "--since is for --egress", NULL);
	return scan_all(&a);
}
