#include "cmd/help.h"

#include <string.h>

#include "cmd/args.h"
#include "cmd/manual.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"

const struct option help_options[] = {
	{"--man", NULL, "Print the manual page writ(1)."},
	{"--man-settings", NULL, "Print the manual page writ.yaml(5)."},
	{"--man-organisation", NULL, "Print the manual page organisation.yaml(5)."},
	{"--man-mapping", NULL, "Print the manual page mapping.yaml(5)."},
	{"--completion", NULL, "Print the completion of commands and options for bash."},
	{0},
};

void help_version(FILE *out)
{
	fprintf(out, "writ %s\n", WRIT_VERSION);
}

void help_overview(FILE *out)
{
	fprintf(out, "Writ turns an official order into enforced controls and into proof.\n\n"
	             "usage: writ COMMAND [OPTION...] [ARGUMENT...]\n\n");
	for (const struct command *c = commands; c->name; c++)
		fprintf(out, "  %-16s %s\n", c->name, c->summary);
	fprintf(out,
	        "\n`writ help COMMAND` says more. First steps: writ init, writ run, writ check.\n");
}

void help_command(const struct command *c, FILE *out)
{
	fprintf(out, "usage: writ %s%s%s%s\n\n", c->name, c->options ? " [OPTION...]" : "",
	        *c->args ? " " : "", c->args);
	print_wrapped(out, 0, c->summary);
	if (c->text) {
		fputc('\n', out);
		print_wrapped(out, 0, c->text);
	}
	for (const struct option *o = c->options; o && o->name; o++) {
		fprintf(out, "%s  %s%s%s\n", o == c->options ? "\n" : "", o->name,
		        o->arg ? " " : "", o->arg ? o->arg : "");
		print_wrapped(out, 6, o->help);
	}
}

static void completion(FILE *out)
{
	fputs("_writ() {\n\tlocal words=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" all=\n\tcase \"$words\" in\n",
	      out);
	for (const struct command *c = commands; c->name; c++) {
		fprintf(out, "\t\"%s\"*) all=\"", c->name);
		for (const struct option *o = c->options; o && o->name; o++)
			fprintf(out, "%s ", o->name);
		fputs("\" ;;\n", out);
	}
	for (const struct command *c = commands; c->name; c++) {
		const char *space = strchr(c->name, ' ');
		if (space && (c == commands ||
		              strncmp(c[-1].name, c->name, (size_t)(space - c->name) + 1) != 0)) {
			fprintf(out, "\t%.*s) all=\"", (int)(space - c->name), c->name);
			for (const struct command *k = c; k->name; k++) {
				if (strncmp(k->name, c->name, (size_t)(space - c->name) + 1) == 0)
					fprintf(out, "%s ", k->name + (space - c->name) + 1);
			}
			fputs("\" ;;\n", out);
		}
	}
	fputs("\t\"\") all=\"", out);
	for (const struct command *c = commands; c->name; c++) {
		size_t size = strcspn(c->name, " ");
		if (c == commands || strncmp(c[-1].name, c->name, size + 1) != 0)
			fprintf(out, "%.*s ", (int)size, c->name);
	}
	fputs("\" ;;\n\tesac\n\tCOMPREPLY=($(compgen -W \"$all\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
	      "\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
	      "complete -F _writ writ\n",
	      out);
}

int cmd_help(const struct command *c, int argc, char **argv)
{
	struct args a;
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	if (args_has(&a, "--man"))
		manual_program(stdout);
	else if (args_has(&a, "--man-settings"))
		manual_settings(stdout);
	else if (args_has(&a, "--man-organisation"))
		manual_organisation(stdout);
	else if (args_has(&a, "--man-mapping"))
		manual_mapping(stdout);
	else if (args_has(&a, "--completion"))
		completion(stdout);
	else if (a.rest_count == 0)
		help_overview(stdout);
	for (const struct command *k = commands; a.rest_count && k->name; k++) {
		const char *space = strchr(k->name, ' ');
		size_t first = space ? (size_t)(space - k->name) : strlen(k->name);
		bool is_it = strlen(a.rest[0]) == first && strncmp(k->name, a.rest[0], first) == 0;
		if (is_it && (a.rest_count == 1 || (space && strcmp(space + 1, a.rest[1]) == 0))) {
			help_command(k, stdout);
			fputc('\n', stdout);
			r = 1;
		}
	}
	if (a.rest_count && !r)
		return command_usage(c, "no such command", a.rest[0]);
	return EXIT_STATUS_OK;
}
