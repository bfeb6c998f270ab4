#include "daemon/dns_ask.h"

#include <errno.h>

#include "daemon/exit_status.h"
#include "daemon/log_line.h"
#include "daemon/memory.h"
#include "daemon/protocol.h"

typedef void answer_fn(const struct dns_ask *ask, struct json_writer *j);

static answer_fn *const answers[CONTROL_VERBS] = {
	[CONTROL_DNS_CACHE] = dns_ask_cache, [CONTROL_DNS_FLUSH] = dns_ask_flush,
	[CONTROL_DNS_QUERY] = dns_ask_query, [CONTROL_DNS_TOP_BEGIN] = dns_ask_top_begin,
	[CONTROL_DNS_TOP] = dns_ask_top,
};

int64_t dns_ask_counted(const struct dns_ask *ask, enum dns_counter which)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < ask->workers; i++)
		sum += dns_counted(&ask->stats[i], which);
	return (int64_t)sum;
}

static void refuse(struct json_writer *j, const char *problem)
{
	json_bool(j, "ok", false);
	json_int(j, "status", EXIT_STATUS_USAGE);
	json_text(j, "problem", problem);
}

static void write_answer(struct dns_ask *ask, struct view line, struct buffer *out)
{
	struct control_request request;
	char problem[CONTROL_PROBLEM_SIZE];
	struct json_writer j = {.out = out};
	json_object_begin(&j, NULL);
	if (control_parse(line, &request, problem) < 0) {
		refuse(&j, problem);
	} else if (!answers[request.verb]) {
		refuse(&j, "the gate does not answer this");
	} else {
		ask->request = &request;
		json_bool(&j, "ok", true);
		json_int(&j, "status", EXIT_STATUS_OK);
		answers[request.verb](ask, &j);
	}
	json_object_end(&j);
}

int dns_ask_answer(int parent, struct dns_ask *ask, const struct message *m)
{
	uint32_t number;
	struct view line;
	struct buffer out = {0};
	cleanup(memory) struct memory reply = MEMORY_NONE;
	int code = protocol_read_ask(m, &number, &line);
	if (code < 0)
		return code;
	write_answer(ask, line, &out);
	code = out.failed ? -ENOMEM
	                  : memory_copy("writ-reply", view_of(out.bytes, out.size), &reply);
	buffer_done(&out);
	if (code < 0) {
		/* the client hears from the parent that no answer came */
		log_line(LOG_LEVEL_ERROR, "cannot answer a request: %s", err_text(code));
		return OK;
	}
	return protocol_send_reply(parent, number, reply.fd);
}
