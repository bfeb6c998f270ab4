#include "daemon/dns_ask.h"

#include "daemon/role_talk.h"

typedef void answer_fn(const struct dns_ask *ask, struct json_writer *j);

static answer_fn *const answers[CONTROL_VERBS] = {
	[CONTROL_DNS_CACHE] = dns_ask_cache, [CONTROL_DNS_FLUSH] = dns_ask_flush,
	[CONTROL_DNS_QUERY] = dns_ask_query, [CONTROL_DNS_TOP_BEGIN] = dns_ask_top_begin,
	[CONTROL_DNS_TOP] = dns_ask_top,
};

static bool answer(void *context, const struct control_request *request, struct json_writer *j)
{
	struct dns_ask *ask = context;
	if (!answers[request->verb])
		return false;
	ask->request = request;
	answers[request->verb](ask, j);
	return true;
}

int dns_ask_answer(int parent, struct dns_ask *ask, const struct message *m)
{
	return role_answer(parent, m, answer, ask);
}
