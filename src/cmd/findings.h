/* findings.h - writ findings: what audits and scans found, where each finding stands, and who decided it. */
#pragma once

#include "cmd/command.h"

extern const struct option findings_list_options[], findings_show_options[],
	findings_assign_options[], findings_accept_options[], findings_remove_options[],
	findings_close_options[];
extern const char findings_list_text[], findings_show_text[], findings_assign_text[],
	findings_accept_text[], findings_remove_text[], findings_close_text[];
int cmd_findings_list(const struct command *c, int argc, char **argv);
int cmd_findings_show(const struct command *c, int argc, char **argv);
int cmd_findings_assign(const struct command *c, int argc, char **argv);
int cmd_findings_accept(const struct command *c, int argc, char **argv);
int cmd_findings_remove(const struct command *c, int argc, char **argv);
int cmd_findings_close(const struct command *c, int argc, char **argv);
