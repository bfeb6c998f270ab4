/* run_audit.c - reads a source as an audit does, with the policy of the fuzzers, and prints what was found as JSON.
 *
 * usage: run_audit FILE [MAPPING] */
#include <inttypes.h>
#include <stdio.h>

#include "audit/log_mapping.h"
#include "base/json_writer.h"
#include "source/file.h"
#include "tests/fuzz/audit_reader.h"

enum { FILE_MAX = 1 << 20 };

static void print_finding(struct json_writer *j, const struct finding *f)
{
	char text[ADDRESS_TEXT_SIZE];
	json_object_begin(j, NULL);
	json_int(j, "at", (int64_t)f->at);
	json_text(
		j, "identifier",
		policy_text(audit_policy(), policy_identifier(audit_policy(), f->identifier)->id));
	json_view(j, "what", f->what);
	json_text(j, "client", address_print(&f->client, text));
	json_view(j, "user", f->user);
	json_text(j, "destination", address_print(&f->destination, text));
	json_int(j, "count", (int64_t)f->count);
	json_time(j, "first", f->first_us);
	json_time(j, "last", f->last_us);
	json_int(j, "bytes_up", (int64_t)f->bytes_up);
	json_int(j, "bytes_down", (int64_t)f->bytes_down);
	if (f->is_indirect)
		json_bool(j, "is_indirect", true);
	json_object_end(j);
}

static void print(const struct audit_format *format, const struct audit_outcome *o)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	json_object_begin(&j, NULL);
	json_text(&j, "format", format->name);
	json_int(&j, "lines", (int64_t)o->coverage.items);
	json_int(&j, "not_understood", (int64_t)o->coverage.not_understood);
	json_time(&j, "from", o->coverage.first_us);
	json_time(&j, "until", o->coverage.last_us);
	json_array_begin(&j, "findings");
	for (size_t i = 0; i < findings_count(o->findings); i++)
		print_finding(&j, findings_at(o->findings, i));
	json_array_end(&j);
	json_object_end(&j);
	char *text = buffer_take(&out);
	puts(text);
	free(text);
}

/* Of a mapping in the arena; NULL when it is wrong. */
static const struct audit_format *read_mapping(const char *path, struct arena *arena)
{
	struct buffer file = {0};
	struct problems problems = {0};
	const struct log_mapping *m = NULL;
	if (file_read(path, FILE_MAX, &file) == OK &&
	    log_mapping_read(path, buffer_view(&file), arena, &problems, &m) == OK)
		audit_given_format = &m->format;
	problems_done(&problems);
	buffer_done(&file);
	return audit_given_format;
}

int main(int argc, char **argv)
{
	struct arena arena;
	static struct audit_outcome outcome;
	struct buffer file = {0};
	arena_init(&arena, 0);
	if (argc < 2 || argc > 3 || file_read(argv[1], FILE_MAX, &file) < 0 ||
	    (argc == 3 && !read_mapping(argv[2], &arena))) {
		fprintf(stderr, "usage: %s FILE [MAPPING]\n", argv[0]);
		return EXIT_FAILURE;
	}
	const struct audit_format *format =
		argc == 3 ? audit_given_format : audit_format_find(buffer_view(&file));
	if (!format) {
		puts("{}");
	} else {
		audit_read_all(format, buffer_view(&file), 64 * 1024, &outcome);
		findings_sort(outcome.findings);
		print(format, &outcome);
		findings_free(outcome.findings);
	}
	buffer_done(&file);
	arena_done(&arena);
	return EXIT_SUCCESS;
}
