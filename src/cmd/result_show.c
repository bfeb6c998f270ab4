#include "cmd/result_show.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmd/open_options.h"
#include "cmd/output.h"
#include "cmd/result_places.h"
#include "cmd/result_table.h"
#include "daemon/exit_status.h"
#include "finding/result_diff.h"
#include "source/file.h"

/* The settings, where they are given or found and can be read. */
struct installation {
	struct arena arena;
	struct writ_options options;
	bool is_there;
};

static void open_installation(const struct args *a, struct installation *ret)
{
	arena_init(&ret->arena, 0);
	ret->is_there = open_options_quietly(a, &ret->arena, &ret->options);
}

/* The installation's key, where it may be read. */
static void open_key(struct installation *i, const char *period, struct subjects *s)
{
	const char *directory =
		i->is_there ? options_subjects_directory(&i->options, &i->arena) : NULL;
	if (directory && subjects_open(s, directory, period) < 0)
		s->period[0] = '\0';
}

/* As the earlier result names people, so that the two can be compared. */
static void open_subjects(const struct args *a, struct installation *i, int64_t now_us,
                          const struct result_earlier *e, struct subjects *s)
{
	char period[PSEUDONYM_PERIOD_SIZE];
	bool is_plain = args_has(a, "--reveal");
	subjects_init(s, is_plain);
	if (is_plain)
		return;
	if (e && result_earlier_mode(e) == SUBJECTS_INSTALLATION)
		open_key(i, result_earlier_period(e), s);
	else
		open_key(i, pseudonym_period(now_us, period), s);
}

static int read_earlier(const char *path, struct result_earlier **ret)
{
	struct buffer text = {0};
	int r = file_read(path, RESULT_SIZE_MAX, &text);
	if (r == OK)
		r = result_earlier_read(buffer_view(&text), ret);
	buffer_done(&text);
	if (r == ERR_MALFORMED)
		fprintf(stderr, "writ: %s is no result that --json printed\n", path);
	else if (r < 0)
		fprintf(stderr, "writ: cannot read %s: %s\n", path, err_text(r));
	return (int)exit_status_of(r);
}

static int refuse_to_compare(void)
{
	fprintf(stderr, "writ: the earlier result names people otherwise, so the two cannot be "
	                "compared: both need --reveal, or the keys of one installation\n");
	return EXIT_STATUS_USAGE;
}

static int compare(struct result *r, struct result_earlier *e, struct result_diff *ret)
{
	int code = result_diff_make(r, e, ret);
	if (code == ERR_DENIED)
		return refuse_to_compare();
	if (code == OK)
		r->diff = ret;
	else
		fprintf(stderr, "writ: cannot compare: %s\n", err_text(code));
	return (int)exit_status_of(code);
}

int result_check(const struct args *a)
{
	struct subjects subjects;
	struct result_earlier *earlier = NULL;
	struct installation installation;
	const char *path = args_value(a, "--diff");
	if (args_has(a, "--json") && args_has(a, "--csv"))
		return command_usage(a->command, "--json and --csv are two forms of one result",
		                     NULL);
	int status = path ? read_earlier(path, &earlier) : EXIT_STATUS_OK;
	if (status || !earlier)
		return status;
	open_installation(a, &installation);
	open_subjects(a, &installation, clock_now_us(), earlier, &subjects);
	if (!result_earlier_is_comparable(earlier, &subjects))
		status = refuse_to_compare();
	subjects_done(&subjects);
	arena_done(&installation.arena);
	result_earlier_free(earlier);
	return status;
}

static int print(const struct args *a, const struct result *r)
{
	struct buffer out = {0};
	if (args_has(a, "--json")) {
		result_write_json(r, &out);
		return output_json(&out);
	}
	if (args_has(a, "--csv"))
		result_write_csv(r, &out);
	else
		result_table_print(r, stdout);
	bool is_good = !out.failed && fwrite(out.bytes, 1, out.size, stdout) == out.size &&
	               fflush(stdout) == 0;
	buffer_done(&out);
	if (!is_good)
		fprintf(stderr, "writ: the result could not be written\n");
	return is_good ? EXIT_STATUS_OK : EXIT_STATUS_INTERNAL;
}

static int status_of(const struct result *r)
{
	if (result_strength(r) != FINDING_NOTHING)
		return EXIT_STATUS_FOUND;
	return result_is_complete(r) ? EXIT_STATUS_OK : EXIT_STATUS_INCOMPLETE;
}

int result_show(const struct args *a, const char *method, const struct result_more *more,
                struct findings *f)
{
	struct subjects subjects;
	struct result_earlier *earlier = NULL;
	struct result_diff diff = {0};
	struct installation installation;
	struct result_places places;
	struct result r = {.method = method,
	                   .more = more,
	                   .at_us = clock_now_us(),
	                   .findings = f,
	                   .subjects = &subjects};
	const char *path = args_value(a, "--diff");
	int status = path ? read_earlier(path, &earlier) : EXIT_STATUS_OK;
	if (status)
		return status;
	open_installation(a, &installation);
	result_places_open(&places,
	                   installation.is_there ? &installation.options.packet.places : NULL);
	result_places_use(&places, &r);
	open_subjects(a, &installation, r.at_us, earlier, &subjects);
	findings_sort(f);
	if (earlier)
		status = compare(&r, earlier, &diff);
	if (status == EXIT_STATUS_OK)
		status = print(a, &r);
	if (status == EXIT_STATUS_OK)
		status = status_of(&r);
	result_diff_done(&diff);
	subjects_done(&subjects);
	result_places_close(&places);
	arena_done(&installation.arena);
	return status;
}
