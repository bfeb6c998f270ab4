#include <stdio.h>

#include "base/plural.h"
#include "cmd/ask.h"
#include "cmd/dns.h"
#include "cmd/json_get.h"
#include "cmd/open_options.h"
#include "cmd/table.h"

const struct option dns_cache_options[] = {
	{"--limit", "N", "Show at most so many entries (default 100); the totals count all."},
	OPTION_JSON,
	OPTION_CONFIG,
	{0},
};

const char dns_cache_text[] =
	"Shows what the running gate keeps: all of it, or NAME and what is below it. Every worker has "
	"a cache of its own, so a name may stand there more than once. Flags: stale "
	"(its time is over, it serves while the upstream is silent), failure, negative (there is no such record), listed (something in it is judged for each "
	"client), authenticated by DNSSEC, ech (Encrypted Client Hello was taken out).";

static void print_flags(struct table *t, const json_t *entry)
{
	static const struct {
		const char *key, *word;
	} flags[] = {{"stale", "stale"},
	             {"failure", "failure"},
	             {"negative", "negative"},
	             {"listed", "listed"},
	             {"authenticated", "authenticated"},
	             {"ech_stripped", "ech"}};
	char text[64] = "";
	size_t used = 0;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flag_of(entry, flags[i].key))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
			                         used ? " " : "", flags[i].word);
	}
	table_add(t, used ? text : "-");
}

static void print_totals(const json_t *answer)
{
	long long hits = number_of(answer, "hits"), asked = hits + number_of(answer, "misses");
	printf("%lld shown of %lld that match%s (%lld byte%s), of %lld kept\n",
	       number_of(answer, "shown"), number_of(answer, "matches"),
	       plural((uint64_t)number_of(answer, "matches"), "es", ""),
	       number_of(answer, "match_bytes"), count_s(answer, "match_bytes"),
	       number_of(answer, "entries"));
	printf("%lld of %lld byte%s used by %lld worker%s", number_of(answer, "bytes_used"),
	       number_of(answer, "bytes"), count_s(answer, "bytes"), number_of(answer, "workers"),
	       count_s(answer, "workers"));
	if (asked)
		printf("; %.1f %% of %lld %s answered from it",
		       100.0 * (double)hits / (double)asked, asked,
		       plural((uint64_t)asked, "query was", "queries were"));
	putchar('\n');
}

static void print_cache(const json_t *answer)
{
	static const char *const titles[] = {"NAME", "TYPE",  "TTL",   "AGE",
	                                     "HITS", "BYTES", "FLAGS", NULL};
	struct table t;
	size_t i;
	const json_t *entry;
	table_init(&t, titles);
	json_array_foreach(json_object_get(answer, "cached"), i, entry)
	{
		table_add(&t, text_of(entry, "name"));
		table_add(&t, text_of(entry, "type"));
		table_printf(&t, "%lld", number_of(entry, "ttl_left"));
		table_printf(&t, "%lld", number_of(entry, "age"));
		table_printf(&t, "%lld", number_of(entry, "hits"));
		table_printf(&t, "%lld", number_of(entry, "bytes"));
		print_flags(&t, entry);
	}
	table_print(&t, stdout);
	print_totals(answer);
}

int cmd_dns_cache(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct control_request request = {.verb = CONTROL_DNS_CACHE};
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_NAME, a.rest_count ? a.rest[0] : NULL);
	if (r == 0)
		r = ask_argument(&a, &request, CONTROL_LIMIT, args_value(&a, "--limit"));
	return r ? r : ask_and_show(&a, &request, print_cache);
}
