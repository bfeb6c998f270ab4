#include "cmd/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/explanation_print.h"
#include "cmd/open_catalogue.h"
#include "cmd/open_policy.h"
#include "cmd/output.h"
#include "cmd/target.h"
#include "daemon/exit_status.h"
#include "policy/explanation_json.h"

const struct option check_options[] = {
	{"--as", "UNIT|ADDRESS", "Judge as this unit, or as the client of this address."},
	{"--at", "TIME", "Judge at this date or time, as 2026-01-15 or 2026-01-15T08:00:00Z."},
	OPTION_JSON,
	OPTION_CONFIG,
	OPTION_ORGANISATION,
	OPTION_CATALOGUE,
	OPTION_POLICY,
	{0},
};

const char check_text[] =
	"A TARGET is a name, URL, address, model:ID, app:ID, package:npm/NAME, file:PATH of a GGUF or safetensors "
	"file, or KIND=VALUE of a field. The exit status is 1 when any target is blocked.";

/* Who asks, and when. */
struct asker {
	int64_t at_us;
	uint32_t place;
	struct address client;
};

static int find_asker(const struct args *a, const struct policy *p, struct asker *ret)
{
	const char *as = args_value(a, "--as"), *at = args_value(a, "--at");
	*ret = (struct asker){.at_us = clock_now_us(), .place = NONE};
	if (at && timestamp_parse(view_text(at), &ret->at_us) < 0)
		return command_usage(a->command,
		                     "not a time, expected 2026-01-15 or 2026-01-15T08:00:00Z", at);
	if (!as)
		return EXIT_STATUS_OK;
	if (address_parse(view_text(as), &ret->client) == OK) {
		ret->place = policy_place_of(p, &ret->client);
		if (ret->place == NONE)
			fprintf(stderr,
			        "writ check: %s lies in no network of the organisation; a gate would not serve "
			        "it; judged as the organisation at large\n",
			        as);
		return EXIT_STATUS_OK;
	}
	ret->place = policy_place_of_unit(p, as);
	if (ret->place == NONE)
		return command_usage(a->command,
		                     "no unit of that name that has a network, and no address", as);
	return EXIT_STATUS_OK;
}

/* The strictest of all acts that a target stands for is its verdict. */
static enum verdict_action judge(const struct policy *p, const struct asker *asker,
                                 struct target *t, struct explanation *x, struct json_writer *j)
{
	enum verdict_action worst = VERDICT_ALLOW;
	if (j) {
		json_object_begin(j, NULL);
		json_text(j, "target", t->text);
		json_array_begin(j, "acts");
	} else if (t->count == 0) {
		printf("%s: allow (unlisted)\n  Its header carries no field that the catalogue knows.\n",
		       t->text);
	}
	for (size_t i = 0; i < t->count; i++) {
		struct facts *f = &t->items[i].facts;
		f->at_us = asker->at_us;
		f->place = asker->place;
		f->client = asker->client;
		policy_explain(p, f, x);
		if (x->verdict.action > worst)
			worst = x->verdict.action;
		if (!j) {
			explanation_print(p, x, t->items[i].what, f->place, stdout);
			continue;
		}
		json_object_begin(j, NULL);
		json_text(j, "act", t->items[i].what);
		explanation_json(p, x, f->place, j);
		json_object_end(j);
	}
	if (j) {
		json_array_end(j);
		json_text(j, "verdict", verdict_action_names[worst]);
		json_object_end(j);
	}
	return worst;
}

static int check_all(const struct args *a, const struct policy *p, struct json_writer *j)
{
	struct asker asker;
	struct arena arena;
	int status = find_asker(a, p, &asker);
	cleanup(free) struct target *t = malloc(sizeof(*t));
	cleanup(free) struct explanation *x = malloc(sizeof(*x));
	if (!t || !x)
		return EXIT_STATUS_INTERNAL;
	arena_init(&arena, 0);
	for (int i = 0; status < EXIT_STATUS_USAGE && i < a->rest_count; i++) {
		const char *problem = "out of memory";
		if (target_parse(a->rest[i], &arena, t, &problem) < 0) {
			fprintf(stderr, "writ check: %s: %s\n", a->rest[i], problem);
			status = EXIT_STATUS_USAGE;
		} else if (judge(p, &asker, t, x, j) == VERDICT_BLOCK) {
			status = EXIT_STATUS_VERDICT;
		}
	}
	arena_done(&arena);
	return status;
}

int cmd_check(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct opened_policy opened;
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = open_policy(&a, &opened);
	if (r)
		return r;
	bool is_json = args_has(&a, "--json");
	if (is_json)
		json_array_begin(&j, NULL);
	r = check_all(&a, &opened.policy, is_json ? &j : NULL);
	if (is_json && r <= EXIT_STATUS_VERDICT) {
		json_array_end(&j);
		int written = output_json(&out);
		r = written ? written : r;
	}
	buffer_done(&out);
	close_policy(&opened);
	return r;
}
