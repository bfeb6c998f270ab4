/* What is recorded of queries beside the evidence, and telling so wherever somebody looks. */
#include <stdio.h>

#include "daemon/log_line.h"
#include "daemon/parent.h"
#include "daemon/query_log.h"

enum { SENTENCE_SIZE = 400 };

struct recording {
	const char *what; /* NULL: it is off */
	const char *to;
	int queries, clients;
	bool upstream;
};

enum { RECORDINGS = 2 };

static void list(const struct dns_options *o, char tcp[static ENDPOINT_TEXT_SIZE],
                 struct recording ret[static RECORDINGS])
{
	const struct dnstap_options *d = &o->dnstap;
	const struct query_log_options *q = &o->query_log;
	ret[0] = (struct recording){dnstap_is_on(d) ? "dnstap" : NULL,
	                            d->socket ? d->socket : endpoint_print(&d->tcp, tcp),
	                            d->queries, d->clients, d->upstream};
	ret[1] = (struct recording){query_log_is_on(q) ? "query log" : NULL,
	                            q->socket ? q->socket : q->file, q->queries, q->clients, false};
}

static void describe(const struct recording *r, char text[static SENTENCE_SIZE])
{
	static const char *const queries[] = {[TAP_BLOCKED] = "blocked queries",
	                                      [TAP_OBSERVED] = "blocked and observed queries",
	                                      [TAP_ALL] = "all queries, allowed ones too"};
	static const char *const clients[] = {
		[TAP_CLIENTS_NONE] = "without clients",
		[TAP_CLIENTS_NETWORK] = "with the networks of clients",
		[TAP_CLIENTS_FULL] = "with whole client addresses",
		[TAP_CLIENTS_PSEUDONYM] = "with pseudonyms of clients"};
	(void)snprintf(text, SENTENCE_SIZE, "%s to %.200s: %s, %s%s", r->what, r->to,
	               queries[r->queries], clients[r->clients],
	               r->upstream ? ", and what goes to other resolvers" : "");
}

void recording_announce(struct parent *p)
{
	char tcp[ENDPOINT_TEXT_SIZE], text[SENTENCE_SIZE];
	struct recording all[RECORDINGS];
	list(&p->options->dns, tcp, all);
	for (size_t i = 0; i < RECORDINGS; i++) {
		if (!all[i].what)
			continue;
		describe(&all[i], text);
		log_line(LOG_LEVEL_NOTICE, "queries are recorded beside the evidence: %s", text);
		parent_notice(p, NOTICE_CONFIGURATION, "settings", text, NULL);
	}
}

void recording_write(const struct parent *p, struct json_writer *j)
{
	char tcp[ENDPOINT_TEXT_SIZE], text[SENTENCE_SIZE];
	struct recording all[RECORDINGS];
	list(&p->options->dns, tcp, all);
	json_array_begin(j, "recording");
	for (size_t i = 0; i < RECORDINGS; i++) {
		if (!all[i].what)
			continue;
		describe(&all[i], text);
		json_object_begin(j, NULL);
		json_text(j, "what", all[i].what);
		json_text(j, "to", all[i].to);
		json_text(j, "queries", tap_scope_names[all[i].queries]);
		json_text(j, "clients", tap_clients_names[all[i].clients]);
		json_text(j, "text", text);
		json_time(j, "since", p->started_us);
		json_object_end(j);
	}
	json_array_end(j);
}

void recording_reopen(struct parent *p)
{
	const struct query_log_options *o = &p->options->dns.query_log;
	const struct process *gate = &p->processes[ROLE_DNS];
	int fd;
	int code = query_log_open(o, &fd);
	if (code < 0) {
		log_line(LOG_LEVEL_ERROR,
		         "cannot open the query log %s: %s; it goes on in the file of before",
		         o->file, err_text(code));
		return;
	}
	if (fd < 0)
		return;
	cleanup_fd(&p->query_log);
	p->query_log = fd;
	/* a role that is away gets it with its setup */
	if (gate->fd >= 0)
		(void)!message_send(gate->fd, MESSAGE_QUERY_LOG, (struct view){0}, &fd, 1);
}
