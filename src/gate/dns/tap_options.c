#include "gate/dns/tap_options.h"

enum {
	QUEUE_MIN = 256 << 10, /* a query and its answer of 64 KiB each fit */
	QUEUE_MAX = 64 << 20,
	SOCKET_PATH_MAX = 107, /* what a sockaddr_un takes */
};

const char *const tap_scope_names[] = {"blocked", "observed", "all", NULL};
const char *const tap_clients_names[] = {"none", "network", "full", "pseudonym", NULL};
static const char *const dnstap_clients_names[] = {"none", "network", "full", NULL};

static int check_dnstap(const void *value, const char **ret_expected)
{
	const struct dnstap_options *o = value;
	if (o->socket && o->tcp.family)
		*ret_expected = "one of `socket` and `tcp`";
	else if (o->upstream && o->queries != TAP_ALL)
		*ret_expected = "`queries: all` beside `upstream`, which tells of allowed names";
	else
		return OK;
	return ERR_INVALID;
}

static int check_query_log(const void *value, const char **ret_expected)
{
	const struct query_log_options *o = value;
	if (!o->file || !o->socket)
		return OK;
	*ret_expected = "one of `file` and `socket`";
	return ERR_INVALID;
}

/* clang-format off */
/* Rows of both; AT() is that of the options that they stand in. */
#define QUERIES_ROW                                                                                \
	{.name = "queries", .type = SCHEMA_CHOICE, AT(queries), .choices = tap_scope_names,          \
	 .default_text = "blocked",                                                                \
	 .help = "Which queries: blocked, observed (and blocked), or all: with this allowed queries " \
		 "are recorded too."}
#define QUEUE_ROW                                                                                  \
	{.name = "queue", .type = SCHEMA_SIZE, AT(queue_size), .min = QUEUE_MIN, .max = QUEUE_MAX,   \
	 .default_text = "1 MiB",                                                                  \
	 .help = "Memory of each worker for what waits to be written; what finds no room is dropped " \
		 "and counted."}
/* clang-format on */

#define AT(member) .offset = offsetof(struct dnstap_options, member)
static const struct schema_field dnstap_fields[] = {
	{.name = "socket",
         .type = SCHEMA_TEXT,
         AT(socket),
         .min = 1,
         .max = SOCKET_PATH_MAX,
         .help = "Unix socket of a reader, which the user of the dns role may connect to."},
	{.name = "tcp",
         .type = SCHEMA_ENDPOINT,
         AT(tcp),
         .help = "Address of a reader over TCP, which is not encrypted."},
	QUERIES_ROW,
	{.name = "clients",
         .type = SCHEMA_CHOICE,
         AT(clients),
         .choices = dnstap_clients_names,
         .default_text = "network",
         .help = "What is told of a client: none, its network (/24 or /48), or full. Without "
                 "`full` the EDNS options of queries are cut off."},
	{.name = "upstream",
         .type = SCHEMA_BOOL,
         AT(upstream),
         .default_text = "no",
         .help = "Also the messages to and from servers that are forwarded to; needs `queries: "
                 "all`."},
	{.name = "identity",
         .type = SCHEMA_TEXT,
         AT(identity),
         .min = 1,
         .max = 255,
         .help = "Name of this server; left out: the host's."},
	QUEUE_ROW,
	{.name = NULL},
};
#undef AT
const struct schema dnstap_options_schema = {
	.name = "dnstap",
	.size = sizeof(struct dnstap_options),
	.fields = dnstap_fields,
	.help = "Queries and answers to a reader of dnstap; off unless `socket` or `tcp` is set.",
	.check = check_dnstap};

#define AT(member) .offset = offsetof(struct query_log_options, member)
static const struct schema_field query_log_fields[] = {
	{.name = "file",
         .type = SCHEMA_TEXT,
         AT(file),
         .min = 1,
         .max = 4000,
         .help = "File that lines are appended to, opened again at every reload; \"-\" is the "
                 "standard output."},
	{.name = "socket",
         .type = SCHEMA_TEXT,
         AT(socket),
         .min = 1,
         .max = SOCKET_PATH_MAX,
         .help = "Unix datagram socket that gets a datagram a line, which the user of the dns "
                 "role may send to."},
	QUERIES_ROW,
	{.name = "clients",
         .type = SCHEMA_CHOICE,
         AT(clients),
         .choices = tap_clients_names,
         .default_text = "pseudonym",
         .help = "What is told of a client: none, its network (/24 or /48), full, or a pseudonym "
                 "that lasts a day at the most."},
	QUEUE_ROW,
	{.name = NULL},
};
#undef AT
const struct schema query_log_options_schema = {
	.name = "query_log",
	.size = sizeof(struct query_log_options),
	.fields = query_log_fields,
	.help = "Queries as lines of JSON; off unless `file` or `socket` is set.",
	.check = check_query_log};
