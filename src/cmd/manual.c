#include "cmd/manual.h"

#include "audit/log_mapping.h"
#include "cmd/command.h"
#include "config/text.h"
#include "daemon/exit_status.h"
#include "daemon/options.h"
#include "policy/organisation_schema.h"

#define MANUAL_DATE "November 22, 2026" /* of the last change to what stands here as text */

static void add_head(struct buffer *out, const char *title, const char *name, const char *what)
{
	buffer_printf(out, ".Dd " MANUAL_DATE "\n.Dt %s\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", title,
	              name, what);
}

static void write_out(struct buffer *text, FILE *out)
{
	if (!text->failed)
		(void)fwrite(text->bytes, 1, text->size, out);
	buffer_done(text);
}

static void add_command(struct buffer *out, const struct command *c)
{
	buffer_printf(out, ".It Ic %s", c->name);
	if (c->options)
		buffer_add_text(out, " Op Ar option ...");
	buffer_printf(out, "%s%s\n", *c->args ? " Ar " : "", c->args);
	text_print_mdoc(c->summary, out);
	if (c->text) {
		buffer_add_text(out, ".Pp\n");
		text_print_mdoc(c->text, out);
	}
	if (!c->options)
		return;
	buffer_add_text(out, ".Bl -tag -width Ds\n");
	for (const struct option *o = c->options; o->name; o++) {
		buffer_printf(out, ".It Fl Fl %s%s%s\n", o->name + 2, o->arg ? " Ar " : "",
		              o->arg ? o->arg : "");
		text_print_mdoc(o->help, out);
	}
	buffer_add_text(out, ".El\n");
}

void manual_program(FILE *to)
{
	struct buffer out = {0};
	add_head(&out, "WRIT 1", "writ",
	         "turn an official order into enforced controls and into proof");
	buffer_add_text(
		&out,
		".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar option ...\n.Op Ar argument ...\n"
		".Sh DESCRIPTION\n.Nm\n"
		"reads orders, products and an organisation as data, compiles them into a policy,\n"
		"answers DNS queries under that policy, and records every block in an evidence log that\n"
		"anybody can verify with\n.Xr writ-verify 1 .\n"
		"The commands:\n.Bl -tag -width Ds\n");
	for (const struct command *c = commands; c->name; c++)
		add_command(&out, c);
	buffer_add_text(&out, ".El\n.Sh FILES\n.Bl -tag -width Ds\n"
	                      ".It Pa writ.yaml , Pa /etc/writ/writ.yaml\n"
	                      "Settings, the first of these that is there, see\n.Xr writ.yaml 5 .\n"
	                      ".El\n.Sh EXIT STATUS\n.Bl -tag -width Ds\n");
	for (const struct exit_status_row *e = exit_statuses; e->name; e++) {
		buffer_printf(&out, ".It %d (%s)\n", (int)e->code, e->name);
		text_print_mdoc(e->meaning, &out);
	}
	buffer_add_text(&out, ".El\n.Sh SEE ALSO\n.Xr writ-verify 1 ,\n.Xr mapping.yaml 5 ,\n"
	                      ".Xr organisation.yaml 5 ,\n.Xr writ.yaml 5\n");
	write_out(&out, to);
}

/* What every file of people has in common. */
static void add_file(struct buffer *out, const struct schema *s)
{
	buffer_add_text(
		out,
		"It is YAML: one document, without anchors, aliases and tags.\n"
		"A key that is not listed here, a value of another kind or out of its bounds, and a\n"
		"required key that is missing are refused with file, line and column, all in one go.\n"
		"Names of keys within others are joined by dots; those after\n.Li []\n"
		"stand in each item of a list.\n.Bl -tag -width Ds\n");
	schema_manual(s, out);
	buffer_add_text(out, ".El\n");
}

void manual_settings(FILE *to)
{
	struct buffer out = {0};
	add_head(&out, "WRIT.YAML 5", "writ.yaml", "settings of one installation of Writ");
	buffer_add_text(&out, ".Sh DESCRIPTION\n"
	                      "Paths are relative to the folder of this file.\n"
	                      "A change takes effect at the next start;\n.Ic writ reload\n"
	                      "takes over only what makes the policy.\n.Pp\n");
	add_file(&out, &writ_options_schema);
	buffer_add_text(&out, ".Sh SEE ALSO\n.Xr writ 1 ,\n.Xr organisation.yaml 5\n");
	write_out(&out, to);
}

void manual_organisation(FILE *to)
{
	struct buffer out = {0};
	add_head(&out, "ORGANISATION.YAML 5", "organisation.yaml",
	         "the body that adopts orders, its adoptions, exemptions and lists");
	buffer_add_text(&out, ".Sh DESCRIPTION\n"
	                      "The key\n.Ic organisation\nof\n.Xr writ.yaml 5\n"
	                      "names this file; lists of names lie beside it.\n"
	                      "A change takes effect with\n.Ic writ reload .\n.Pp\n");
	add_file(&out, &organisation_schema);
	buffer_add_text(&out, ".Sh SEE ALSO\n.Xr writ 1 ,\n.Xr writ.yaml 5\n");
	write_out(&out, to);
}

void manual_mapping(FILE *to)
{
	struct buffer out = {0};
	add_head(&out, "MAPPING.YAML 5", "mapping.yaml",
	         "how a log is to be read that no format of writ audit knows");
	buffer_add_text(
		&out,
		".Sh DESCRIPTION\n.Ic writ audit --mapping\n.Ar FILE\n"
		"reads all its sources as this file says: lines of columns, or one JSON object\n"
		"a line.\nA source that has not what the file names is not read, and the result\n"
		"says why; a line with a time of another form, or with more or fewer columns\n"
		"than the first, is counted as not understood.\n.Pp\n");
	add_file(&out, &log_mapping_schema);
	buffer_add_text(&out,
	                ".Sh EXAMPLES\n"
	                "For a log that begins\n.Bd -literal -offset indent\n"
	                "# exported 2026-01-16\n"
	                "When;What;From;Who;Address;Sent\n"
	                "05.01.2026 11:00:00;visit;10.0.0.5;anna;https://chat.example/;310\n"
	                ".Ed\n.Pp\nthis mapping says what is where:\n.Bd -literal -offset indent\n"
	                "mapping: gateway\n"
	                "separator: \";\"\n"
	                "comment: \"#\"\n"
	                "time: {field: When, format: \"%d.%m.%Y %H:%M:%S\", zone: \"+01:00\"}\n"
	                "columns: {client: From, user: Who, url: Address, up: Sent}\n"
	                "action: {field: What, except: [sync]}\n"
	                ".Ed\n.Pp\nAnd for JSON with a name in\n.Li tls.server_name :\n"
	                ".Bd -literal -offset indent\n"
	                "mapping: sensor\n"
	                "lines: json\n"
	                "time: {field: ts, format: milliseconds}\n"
	                "columns: {client: peer.addr, name: tls.server_name}\n"
	                ".Ed\n.Sh SEE ALSO\n.Xr writ 1\n");
	write_out(&out, to);
}
