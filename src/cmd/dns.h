/* dns.h - writ dns cache|flush|query|top: what is asked of a running gate. One file each. */
#pragma once

#include <jansson.h>

#include "cmd/command.h"

extern const struct option dns_cache_options[], dns_flush_options[], dns_query_options[],
	dns_top_options[];
extern const char dns_cache_text[], dns_flush_text[], dns_query_text[], dns_top_text[];
int cmd_dns_cache(const struct command *c, int argc, char **argv);
int cmd_dns_flush(const struct command *c, int argc, char **argv);
int cmd_dns_query(const struct command *c, int argc, char **argv);
int cmd_dns_top(const struct command *c, int argc, char **argv);
