#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "cmd/ask.h"
#include "cmd/dns.h"
#include "cmd/json_get.h"
#include "cmd/open_options.h"

const struct option dns_query_options[] = {
	{"--from", "ADDRESS", "Decide as for this client (default 127.0.0.1)."},
	{"--transport", "NAME", "As if asked over udp (the default), tcp, tls or https."},
	{"--resolve", NULL, "Really ask the upstream, show how long it took, and keep the answer."},
	OPTION_JSON,
	OPTION_CONFIG,
	{0},
};

const char dns_query_text[] =
	"Asks the running gate how it would decide a query for NAME and TYPE (default A), and shows every "
	"step: who the client is, what the policy says and by which rules, what the cache has, where "
	"the question would go, and the answer as it would be sent. Nothing is sent to the network, recorded "
	"or counted; an answer that the gate does not have stays unknown unless --resolve is given.";

/* Every step of the output is a line that begins with its name. */
static void begin_line(const char *label)
{
	printf("%-11s ", label);
}

static void print_client(const json_t *answer)
{
	const json_t *client = json_object_get(answer, "client");
	const json_t *limit = json_object_get(answer, "limit");
	begin_line("client");
	printf("%s over %s: ", text_of(client, "address"), text_of(client, "transport"));
	const char *unit = text_of(client, "unit");
	if (flag_of(client, "served"))
		printf("network %s, class %s, unit %s\n", text_of(client, "network"),
		       text_of(client, "class"), *unit ? unit : "-");
	else
		printf("in no network of the organisation, refused\n");
	begin_line("limit");
	if (flag_of(limit, "applies"))
		printf("%lld more answer%s for this client's network at this moment\n",
		       number_of(limit, "answers_left"), count_s(limit, "answers_left"));
	else
		printf("none for this client\n");
}

static void print_step(const json_t *step)
{
	const json_t *identifier = json_object_get(step, "identifier");
	const char *order = json_string_value(json_object_get(step, "order"));
	const char *exemption = json_string_value(json_object_get(step, "exemption"));
	begin_line("");
	printf("%s %s %s of %s: ", text_of(identifier, "id"), text_of(identifier, "kind"),
	       text_of(identifier, "value"), text_of(identifier, "product"));
	if (order)
		printf("order %s, %lld. %s: ", order,
		       number_of(json_object_get(step, "obligation"), "id"),
		       text_of(json_object_get(step, "obligation"), "verb"));
	printf("%s (%s)", text_of(step, "verdict"), text_of(step, "reason"));
	if (exemption)
		printf(", exemption %s", exemption);
	if (flag_of(step, "gives_way"))
		printf(", gives way to a more specific name");
	printf("%s\n", flag_of(step, "decides") ? ", decides" : "");
}

static void print_policy(const json_t *policy)
{
	size_t i;
	const json_t *step;
	begin_line("policy");
	printf("%s (%s): %s\n", text_of(policy, "verdict"), text_of(policy, "reason"),
	       text_of(policy, "reason_text"));
	json_array_foreach(json_object_get(policy, "steps"), i, step)
	{
		print_step(step);
	}
}

static void print_cache(const json_t *cache)
{
	begin_line("cache");
	printf("%s", text_of(cache, "state"));
	if (json_object_get(cache, "age"))
		printf(", %lld s old, %lld s left", number_of(cache, "age"),
		       number_of(cache, "ttl_left"));
	if (number_of(cache, "kept_by"))
		printf(", kept by %lld of %lld worker%s", number_of(cache, "kept_by"),
		       number_of(cache, "workers"), count_s(cache, "workers"));
	putchar('\n');
}

static void print_inspection(const json_t *inspection)
{
	begin_line("inspection");
	printf("%s (%s): leads to %s, identifier %s, order %s\n", text_of(inspection, "verdict"),
	       text_of(inspection, "reason"), text_of(inspection, "leads_to"),
	       text_of(inspection, "identifier"), text_of(inspection, "order"));
}

static void print_route(const json_t *route)
{
	size_t i;
	const json_t *to;
	begin_line("route");
	printf("%s", text_of(route, "way"));
	json_array_foreach(json_object_get(route, "to"), i, to)
	{
		printf("%s %s", i ? "," : " to", json_string_value(to));
	}
	double took_ms = (double)number_of(route, "took_us") / 1000;
	if (flag_of(route, "answered"))
		printf("; it answered in %.3f ms, to be kept for %lld s", took_ms,
		       number_of(route, "keeps"));
	else if (flag_of(route, "asked"))
		printf("; no answer after %.3f ms", took_ms);
	putchar('\n');
}

static void print_answer(const json_t *answer)
{
	size_t i;
	const json_t *value;
	const json_t *ede = json_object_get(answer, "ede");
	begin_line("answer");
	printf("%s, %lld bytes, flags", text_of(answer, "rcode"), number_of(answer, "size"));
	json_array_foreach(json_object_get(answer, "flags"), i, value)
	{
		printf(" %s", json_string_value(value));
	}
	putchar('\n');
	if (ede) {
		begin_line("");
		printf("EDE %lld (%s): %s\n", number_of(ede, "code"), text_of(ede, "name"),
		       text_of(ede, "text"));
	}
	json_array_foreach(json_object_get(answer, "records"), i, value)
	{
		begin_line("");
		printf("%s %lld %s %s\n", text_of(value, "name"), number_of(value, "ttl"),
		       text_of(value, "type"), text_of(value, "data"));
	}
}

static void print_query(const json_t *answer)
{
	static const struct {
		const char *key;
		void (*print)(const json_t *part);
	} parts[] = {{"policy", print_policy},
	             {"cache", print_cache},
	             {"route", print_route},
	             {"inspection", print_inspection},
	             {"answer", print_answer}};
	printf("%s %s\n", text_of(answer, "name"), text_of(answer, "type"));
	print_client(answer);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const json_t *part = json_object_get(answer, parts[i].key);
		if (part)
			parts[i].print(part);
	}
	if (!json_object_get(answer, "answer")) {
		begin_line("answer");
		printf("not known before the upstream is asked: --resolve asks it\n");
	}
}

int cmd_dns_query(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct control_request request = {.verb = CONTROL_DNS_QUERY};
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_NAME, a.rest[0]);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_TYPE, a.rest_count > 1 ? a.rest[1] : NULL);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_FROM, args_value(&a, "--from"));
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_TRANSPORT, args_value(&a, "--transport"));
	if (r)
		return r;
	control_request_set_flag(&request, CONTROL_RESOLVE, args_has(&a, "--resolve"));
	return ask_and_show(&a, &request, print_query);
}
