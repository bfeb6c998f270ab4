#include "cmd/init.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/args.h"
#include "cmd/init_files.h"
#include "cmd/open_catalogue.h"
#include "cmd/problems.h"
#include "daemon/exit_status.h"
#include "source/file.h"
#include "source/policy_source.h"

const struct option init_options[] = {
	{"--name", "NAME", "Name of the organisation, for people."},
	{"--id", "ID",
         "Short name; made from --name when it is left out. It names the evidence log."},
	{"--jurisdiction", "CODE", "Country or state, as TW, CZ, AU, US, US-TX."},
	{"--class", "CLASS",
         "What kind of body it is, as central-agency or public-school; may be repeated."},
	{"--contact", "TEXT", "Whom people ask who meet a block; it stands in every refusal."},
	{"--network", "PREFIX",
         "Network whose clients are served, as 10.0.0.0/8; may be repeated."},
	{"--order", "ORDER", "Order of the catalogue to adopt; may be repeated."},
	{"--language", "LANGUAGE", "en or zh-TW."},
	{"--listen", "ADDRESS:PORT", "Where the DNS gate listens; may be repeated."},
	{"--forward", "ADDRESS:PORT",
         "Resolver to forward to; without it Writ resolves by itself."},
	OPTION_CATALOGUE,
	{0},
};

const char init_text[] =
	"Nothing is overwritten. The files are checked before they are written, so what is "
	"there afterwards compiles. Without flags it is a small example organisation in Taiwan on "
	"this machine's own addresses.";

static int refuse(const char *path, const char *why)
{
	fprintf(stderr, "writ init: %s: %s\n", path, why);
	return EXIT_STATUS_USAGE;
}

/* Compiles what would be written, so that a bad flag is said as a problem and changes nothing. */
static int check_files(const struct args *a, const char *organisation, struct policy_counts *ret)
{
	struct problems problems = {0}, warnings = {0};
	struct policy_result made = {0};
	struct policy_source from = {.catalogue = args_value(a, "--catalogue"),
	                             .organisation = organisation};
	int r = policy_source_compile(&from, &made, &warnings, &problems);
	problems_print(&problems, "");
	problems_print(&warnings, "warning: ");
	*ret = made.counts;
	policy_result_done(&made);
	return (int)exit_status_of(r);
}

static int write_file(const char *path, const struct buffer *text)
{
	int r = text->failed ? -ENOMEM : file_replace(path, buffer_view(text), 0644);
	if (r < 0)
		fprintf(stderr, "writ init: cannot write %s: %s\n", path, err_text(r));
	return (int)exit_status_of(r);
}

static int make_folder(const char *folder, bool *ret_made)
{
	*ret_made = mkdir(folder, 0755) == 0;
	if (*ret_made || errno == EEXIST)
		return EXIT_STATUS_OK;
	int r = -errno;
	fprintf(stderr, "writ init: cannot make %s: %s\n", folder, err_text(r));
	return (int)exit_status_of(r);
}

struct paths {
	const char *folder;
	char *settings, *organisation, *draft;
};

/* Both files or none: what was begun is taken back. */
static int write_both(const struct args *a, const struct paths *p, struct policy_counts *ret_counts)
{
	struct buffer settings = {0}, organisation = {0};
	bool made;
	int r = make_folder(p->folder, &made);
	if (r)
		return r;
	init_organisation(a, &organisation);
	init_settings(a, p->folder, &settings);
	r = write_file(p->draft, &organisation);
	if (r == EXIT_STATUS_OK)
		r = check_files(a, p->draft, ret_counts);
	(void)unlink(p->draft);
	if (r == EXIT_STATUS_OK)
		r = write_file(p->organisation, &organisation);
	if (r == EXIT_STATUS_OK) {
		r = write_file(p->settings, &settings);
		if (r)
			(void)unlink(p->organisation);
	}
	if (r && made)
		(void)rmdir(p->folder);
	buffer_done(&settings);
	buffer_done(&organisation);
	return r;
}

static void say_what_next(const char *folder, const struct policy_counts *counts)
{
	printf("%s/writ.yaml and %s/organisation.yaml are written.\n", folder, folder);
	if (counts->rules_live == 0)
		printf("No adopted order acts here: either none was named, or none binds this class of organisation.\n"
		       "`writ orders list` shows them; `voluntary: yes` adopts one that does not bind.\n");
	printf("Next: writ check --config %s/writ.yaml chat.deepseek.com\n", folder);
	printf("      writ run --config %s/writ.yaml\n", folder);
}

int cmd_init(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct policy_counts counts = {0};
	cleanup(free) char *settings = NULL, *organisation = NULL, *draft = NULL;
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	const char *folder = a.rest_count ? a.rest[0] : ".";
	if (asprintf(&settings, "%s/writ.yaml", folder) < 0 ||
	    asprintf(&organisation, "%s/organisation.yaml", folder) < 0 ||
	    asprintf(&draft, "%s.draft", organisation) < 0)
		return EXIT_STATUS_INTERNAL;
	if (access(settings, F_OK) == 0)
		return refuse(settings, "it exists already, expected a folder without one");
	if (access(organisation, F_OK) == 0)
		return refuse(organisation, "it exists already, expected a folder without one");
	struct paths paths = {folder, settings, organisation, draft};
	r = write_both(&a, &paths, &counts);
	if (r == EXIT_STATUS_OK)
		say_what_next(folder, &counts);
	return r;
}
