#include "cmd/scan_show.h"

#include "base/json_writer.h"
#include "cmd/output.h"
#include "cmd/table.h"
#include "daemon/exit_status.h"

enum { SHOWN_MAX = 20, PATH_SHOWN_MAX = 512 };

static void write_looks(const struct finder *f, struct json_writer *j)
{
	json_array_begin(j, "looks_at");
	for (size_t i = 0; f->looks_at[i]; i++)
		json_text(j, NULL, f->looks_at[i]);
	json_array_end(j);
}

static void write_coverage(const struct scan *s, struct json_writer *j)
{
	json_array_begin(j, "coverage");
	for (size_t i = 0; i < scan_coverage_count(s); i++) {
		struct scan_coverage c = scan_coverage_at(s, i);
		json_object_begin(j, NULL);
		json_text(j, "finder", c.finder ? c.finder->name : "folders");
		if (c.finder)
			write_looks(c.finder, j);
		json_int(j, "looked_at", (int64_t)c.looked_at);
		json_int(j, "bytes", (int64_t)c.bytes);
		json_int(j, "not_understood", (int64_t)c.not_understood);
		json_int(j, "not_read", (int64_t)c.unread);
		json_object_end(j);
	}
	json_array_end(j);
}

static void write_json(const void *context, struct json_writer *j)
{
	const struct scan *s = context;
	json_int(j, "landlock", scan_landlock(s));
	write_coverage(s, j);
	json_array_begin(j, "not_read");
	for (size_t i = 0; i < scan_unread_count(s); i++) {
		json_object_begin(j, NULL);
		json_text(j, "path", scan_unread_at(s, i)->path);
		json_text(j, "why", scan_unread_at(s, i)->why);
		json_object_end(j);
	}
	json_array_end(j);
	json_array_begin(j, "resolvers");
	for (size_t i = 0; i < scan_resolver_count(s); i++) {
		json_object_begin(j, NULL);
		json_text(j, "where", scan_resolver_at(s, i)->path);
		json_text(j, "what", scan_resolver_at(s, i)->what);
		json_object_end(j);
	}
	json_array_end(j);
	json_array_begin(j, "homes");
	for (size_t i = 0; i < scan_home_count(s); i++)
		json_text(j, NULL, scan_home_at(s, i)->path);
	json_array_end(j);
}

static void add_text(struct table *t, const char *text)
{
	table_printf(t, "%.*s", PATH_SHOWN_MAX, text);
}

static void print_rest(size_t count, FILE *out)
{
	if (count > SHOWN_MAX)
		fprintf(out, "and %zu more, see --json\n", count - SHOWN_MAX);
	fputc('\n', out);
}

static void print_resolvers(const struct scan *s, FILE *out)
{
	static const char *const titles[] = {"RESOLVER", "SAID BY", NULL};
	struct table t;
	size_t count = scan_resolver_count(s);
	if (count == 0)
		return;
	table_init(&t, titles);
	for (size_t i = 0; i < count && i < SHOWN_MAX; i++) {
		add_text(&t, scan_resolver_at(s, i)->what);
		add_text(&t, scan_resolver_at(s, i)->path);
	}
	table_print(&t, out);
	print_rest(count, out);
}

static void print_unread(const struct scan *s, FILE *out)
{
	static const char *const titles[] = {"NOT READ", "WHY", NULL};
	struct table t;
	size_t count = scan_unread_count(s);
	if (count == 0)
		return;
	table_init(&t, titles);
	for (size_t i = 0; i < count && i < SHOWN_MAX; i++) {
		add_text(&t, scan_unread_at(s, i)->path);
		table_add(&t, scan_unread_at(s, i)->why);
	}
	table_print(&t, out);
	print_rest(count, out);
}

static void print(const void *context, FILE *out)
{
	print_resolvers(context, out);
	print_unread(context, out);
	if (scan_landlock(context) == 0)
		fprintf(out, "The kernel has no Landlock to keep this program from writing.\n\n");
}

struct result_more scan_show_more(const struct scan *s)
{
	return (struct result_more){.items = "files and folders",
	                            .item = "file or folder",
	                            .write_json = write_json,
	                            .print = print,
	                            .context = s};
}

static int print_finders_json(void)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	json_array_begin(&j, NULL);
	for (const struct finder *f = finders; f->name; f++) {
		json_object_begin(&j, NULL);
		json_text(&j, "finder", f->name);
		json_text(&j, "help", f->help);
		write_looks(f, &j);
		json_object_end(&j);
	}
	json_array_end(&j);
	return output_json(&out);
}

int scan_show_finders(bool is_json)
{
	if (is_json)
		return print_finders_json();
	for (const struct finder *f = finders; f->name; f++) {
		printf("%s: %s\n", f->name, f->help);
		for (size_t i = 0; f->looks_at[i]; i++)
			printf("    %s\n", f->looks_at[i]);
	}
	printf("\n~/ is any home, **/ any folder.\n");
	return EXIT_STATUS_OK;
}
