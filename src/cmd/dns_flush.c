#include <stdio.h>

#include "base/plural.h"
#include "cmd/ask.h"
#include "cmd/dns.h"
#include "cmd/json_get.h"
#include "cmd/open_options.h"
#include "daemon/exit_status.h"

const struct option dns_flush_options[] = {
	{"--below", "SUFFIX", "Forget this name and everything below it."},
	{"--all", NULL, "Forget everything."},
	OPTION_JSON,
	OPTION_CONFIG,
	{0},
};

const char dns_flush_text[] =
	"Makes the running gate forget answers: those of NAME, of all types or of TYPE only, or those "
	"that an option names. What is asked next is asked for again. Where the gate resolves or validates by itself, "
	"what that keeps is forgotten as well, and whole: all names, name servers and keys, whatever was named here, as it "
	"knows no other way; for a while the first question for other names takes longer. The daemon's log says who asked "
	"and how many went; the evidence log has no entry of it, since no decision depends on what is kept.";

static void print_flushed(const json_t *answer)
{
	long long removed = number_of(answer, "removed"), left = number_of(answer, "entries");
	printf("%lld kept %s forgotten, %lld %s left\n", removed,
	       plural((uint64_t)removed, "answer was", "answers were"), left,
	       plural((uint64_t)left, "is", "are"));
	if (json_object_get(answer, "resolver"))
		puts("what recursion and validation kept was forgotten as well, for all names");
}

/* What recursion keeps would answer the next question: that it stays is a failure. */
static int judge(const json_t *answer)
{
	const char *refused = json_string_value(json_object_get(answer, "resolver_refused"));
	if (!refused)
		return EXIT_STATUS_OK;
	fprintf(stderr,
	        "writ: what recursion and validation keep could not be forgotten: %s; it goes when its time is over, "
	        "or with a restart\n",
	        refused);
	return EXIT_STATUS_INTERNAL;
}

static int flush(const struct args *a, const struct control_request *request)
{
	struct buffer line = {0};
	json_t *answer = NULL;
	int r = ask_instance(a, request, &answer, &line);
	if (r)
		return r;
	r = ask_show(a, answer, &line, print_flushed);
	r = r ? r : judge(answer);
	json_decref(answer);
	return r;
}

int cmd_dns_flush(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct control_request request = {.verb = CONTROL_DNS_FLUSH};
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	const char *below = args_value(&a, "--below");
	bool all = args_has(&a, "--all");
	if ((a.rest_count > 0) + (below != NULL) + all != 1)
		return command_usage(c, "expected NAME, --below or --all, one of them", NULL);
	control_request_set_flag(&request, CONTROL_ALL, all);
	r = ask_argument(&a, &request, CONTROL_BELOW, below);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_NAME, a.rest_count ? a.rest[0] : NULL);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_TYPE, a.rest_count > 1 ? a.rest[1] : NULL);
	return r ? r : flush(&a, &request);
}
