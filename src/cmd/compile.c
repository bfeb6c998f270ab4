#include "cmd/compile.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "cmd/open_catalogue.h"
#include "cmd/open_policy.h"
#include "cmd/output.h"
#include "cmd/signing.h"
#include "daemon/exit_status.h"
#include "policy/sign.h"
#include "source/file.h"

const struct option compile_options[] = {
	{"--output", "FILE", "Where the image goes (default: policy.image in this folder)."},
	{"--sign", "KEYFILE", "Sign the image with this private key, as `writ run` makes one."},
	OPTION_JSON,
	OPTION_CONFIG,
	OPTION_ORGANISATION,
	OPTION_CATALOGUE,
	{0},
};

const char compile_text[] =
	"Every problem of every file is shown as file:line:column in one go; then nothing is "
	"written. Equal sources give equal bytes.";

static void print_counts(const struct policy_counts *c)
{
	printf("  %zu identifier%s, %zu name%s, %zu rule%s of which %zu can act\n", c->identifiers,
	       plural_s(c->identifiers), c->names, plural_s(c->names), c->rules, plural_s(c->rules),
	       c->rules_live);
	if (c->list_names || c->list_problems)
		printf("  lists: %zu name%s, %zu line%s\n", c->list_names, plural_s(c->list_names),
		       c->list_problems,
		       plural(c->list_problems, " that is none", "s that are none"));
}

static void print_summary(const struct opened_policy *o, const char *path, int64_t took_us,
                          bool is_json, struct buffer *out)
{
	struct json_writer j = {.out = out};
	char version[POLICY_VERSION_TEXT_SIZE];
	policy_version_print(policy_version(&o->policy), version);
	if (!is_json) {
		printf("%s: policy %s, %zu bytes\n", path, version, o->image.size);
		print_counts(&o->counts);
		printf("  compiled in %.3f s\n", (double)took_us / 1e6);
		return;
	}
	json_object_begin(&j, NULL);
	json_text(&j, "image", path);
	json_text(&j, "version", version);
	json_int(&j, "bytes", (int64_t)o->image.size);
	json_int(&j, "identifiers", (int64_t)o->counts.identifiers);
	json_int(&j, "names", (int64_t)o->counts.names);
	json_int(&j, "rules", (int64_t)o->counts.rules);
	json_int(&j, "rules_acting", (int64_t)o->counts.rules_live);
	json_int(&j, "list_names", (int64_t)o->counts.list_names);
	json_int(&j, "list_problems", (int64_t)o->counts.list_problems);
	json_decimal(&j, "seconds", (double)took_us / 1e6);
	json_object_end(&j);
}

int cmd_compile(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct opened_policy opened;
	struct buffer out = {0};
	int64_t start = clock_monotonic_us();
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = compile_policy(&a, &opened);
	if (r)
		return r;
	const char *path = args_value(&a, "--output") ? args_value(&a, "--output") : "policy.image";
	if (args_has(&a, "--sign"))
		r = sign_image(args_value(&a, "--sign"), opened.image.bytes, opened.image.size);
	if (r == EXIT_STATUS_OK) {
		int written = file_replace(path, buffer_view(&opened.image), 0644);
		if (written < 0)
			fprintf(stderr, "writ compile: cannot write %s: %s\n", path,
			        err_text(written));
		r = (int)exit_status_of(written);
	}
	if (r == EXIT_STATUS_OK) {
		print_summary(&opened, path, clock_monotonic_us() - start, args_has(&a, "--json"),
		              &out);
		if (args_has(&a, "--json"))
			r = output_json(&out);
	}
	close_policy(&opened);
	return r;
}
