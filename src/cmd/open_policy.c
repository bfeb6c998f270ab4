#include "cmd/open_policy.h"

#include <stdio.h>

#include "cmd/problems.h"
#include "daemon/exit_status.h"
#include "source/file.h"
#include "source/policy_source.h"

/* Which files: those of the options, else those of writ.yaml. Texts live in the arena. */
static int find_source(const struct args *a, struct arena *arena, struct policy_source *ret)
{
	struct problems problems = {0};
	struct writ_options options;
	*ret = (struct policy_source){.catalogue = args_value(a, "--catalogue"),
	                              .organisation = args_value(a, "--organisation")};
	if (ret->organisation)
		return EXIT_STATUS_OK;
	const char *config = config_path(a);
	if (!config) {
		fprintf(stderr,
		        "writ: no writ.yaml here or in /etc/writ, expected one (`writ init` makes it), or "
		        "--config or --organisation\n");
		return EXIT_STATUS_USAGE;
	}
	int r = options_load(config, arena, &problems, &options);
	problems_print(&problems, "");
	if (r < 0)
		return (int)exit_status_of(r);
	if (!options.organisation) {
		fprintf(stderr,
		        "%s: it names no organisation, expected `organisation: organisation.yaml`\n",
		        config);
		return EXIT_STATUS_USAGE;
	}
	ret->organisation = options.organisation;
	ret->lists = options.daemon.lists_directory;
	if (!ret->catalogue)
		ret->catalogue = options.catalogue;
	return EXIT_STATUS_OK;
}

static int compile(const struct args *a, struct opened_policy *ret)
{
	struct arena arena;
	struct policy_source from;
	struct problems problems = {0}, warnings = {0};
	struct policy_result made = {0};
	arena_init(&arena, 0);
	int r = find_source(a, &arena, &from);
	if (r == EXIT_STATUS_OK) {
		r = policy_source_compile(&from, &made, &warnings, &problems);
		problems_print(&problems, "");
		problems_print(&warnings, "warning: ");
		if (r < 0)
			fprintf(stderr, "writ: no policy was made: %s\n", err_text(r));
		r = (int)exit_status_of(r);
	}
	ret->image = made.image;
	ret->counts = made.counts;
	made.image = (struct buffer){0};
	policy_result_done(&made);
	arena_done(&arena);
	return r;
}

static int read_image(const char *path, struct opened_policy *ret)
{
	int r = file_read(path, FILE_SIZE_MAX, &ret->image);
	if (r < 0)
		fprintf(stderr, "writ: cannot read policy %s: %s\n", path, err_text(r));
	return (int)exit_status_of(r);
}

/* Takes over what is in ret->image; `r` is what became of making it. */
static int use_image(int r, const char *path, struct opened_policy *ret)
{
	int opened = r ? OK : policy_open(buffer_view(&ret->image), &ret->policy);
	if (opened < 0) {
		fprintf(stderr, "writ: policy %s cannot be used: %s\n", path, err_text(opened));
		r = EXIT_STATUS_POLICY;
	}
	if (r)
		close_policy(ret);
	return r;
}

int compile_policy(const struct args *a, struct opened_policy *ret)
{
	*ret = (struct opened_policy){0};
	return use_image(compile(a, ret), "as compiled", ret);
}

int open_policy(const struct args *a, struct opened_policy *ret)
{
	const char *image = args_value(a, "--policy");
	if (!image)
		return compile_policy(a, ret);
	*ret = (struct opened_policy){0};
	return use_image(read_image(image, ret), image, ret);
}

void close_policy(struct opened_policy *p)
{
	buffer_done(&p->image);
}
