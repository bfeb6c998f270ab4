#include "cmd/scan_from.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json_writer.h"
#include "cmd/output.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"
#include "finding/result.h"
#include "scan/collected_meet.h"
#include "scan/cyclonedx.h"

static int read_file(const char *path, struct collected_settings *settings,
                     const struct collected_format **ret_format)
{
	bool is_input = strcmp(path, "-") == 0;
	cleanup(scan_expressions) struct scan_expressions *expressions = NULL;
	cleanup(fd) int fd = is_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	int code = fd < 0 ? -errno : scan_expressions_new(settings->policy, &expressions);
	settings->expressions = expressions;
	return code == OK ? collected_read(settings, path, fd, ret_format) : code;
}

int scan_from(const char *path, const struct policy *policy, struct findings *f, int64_t at_us,
              uint32_t place)
{
	struct collected_settings settings = {policy, f, at_us, place, NULL};
	const struct collected_format *format = NULL;
	int code = read_file(path, &settings, &format);
	if (code == OK)
		return EXIT_STATUS_OK;
	if (code == ERR_INVALID && !format) {
		fprintf(stderr, "writ scan: %s: no format that is known; --formats prints them\n",
		        path);
		return EXIT_STATUS_USAGE;
	}
	fprintf(stderr, "writ scan: %s: %s\n", path, err_text(code));
	return (int)exit_status_of(code);
}

static int fail_to_write(const char *path, int code)
{
	if (code < 0)
		fprintf(stderr, "writ scan: cannot write %s: %s\n", path, err_text(code));
	return (int)exit_status_of(code);
}

int scan_cyclonedx_open(const struct args *a, struct result_file *ret)
{
	const char *path = args_value(a, "--cyclonedx");
	*ret = RESULT_FILE_NONE;
	return path ? fail_to_write(path, result_file_open(path, ret)) : EXIT_STATUS_OK;
}

int scan_cyclonedx(const struct args *a, struct result_file *file, const struct findings *f,
                   const char *scanned, int64_t at_us)
{
	struct buffer out = {0};
	struct result all = {.findings = f};
	struct cyclonedx c = {.findings = f,
	                      .at_us = at_us,
	                      .version = WRIT_VERSION,
	                      .scanned = scanned,
	                      .is_complete = result_is_complete(&all)};
	if (file->fd < 0)
		return EXIT_STATUS_OK;
	randombytes_buf(c.serial, sizeof(c.serial));
	int code = cyclonedx_write(&c, &out);
	buffer_add_text(&out, "\n");
	if (code == OK)
		code = out.failed ? -ENOMEM : result_file_put(file, buffer_view(&out));
	buffer_done(&out);
	return fail_to_write(args_value(a, "--cyclonedx"), code);
}

int scan_from_formats(bool is_json)
{
	static const char *const titles[] = {"FORMAT", "WHAT", NULL};
	struct table t;
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	table_init(&t, titles);
	json_array_begin(&j, NULL);
	for (const struct collected_format *f = collected_formats; f->name; f++) {
		table_add(&t, f->name);
		table_add(&t, f->help);
		json_object_begin(&j, NULL);
		json_text(&j, "format", f->name);
		json_text(&j, "help", f->help);
		json_object_end(&j);
	}
	json_array_end(&j);
	if (is_json) {
		table_drop(&t);
		return output_json(&out);
	}
	buffer_done(&out);
	table_print(&t, stdout);
	return EXIT_STATUS_OK;
}
