/* run_config.c - reads every FOLDER/x.yaml with the schema of all types and compares its printed form, or its
 * problems, with x.ok.
 *
 * usage: run_config FOLDER [--update]      --update writes the .ok files: the diff is the review */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tests/unit/config/all_types.h"

enum { PATH_SIZE = 4096 };

DEFINE_CLEANUP(dir, DIR *, closedir);

static char *read_file(const char *path)
{
	struct buffer b = {0};
	char block[4096];
	size_t size;
	cleanup(file) FILE *in = fopen(path, "rbe");
	if (!in)
		return NULL;
	while ((size = fread(block, 1, sizeof(block), in)) > 0)
		buffer_add(&b, block, size);
	return buffer_take(&b);
}

static bool write_file(const char *path, const char *text)
{
	cleanup(file) FILE *out = fopen(path, "wbe");
	return out && fputs(text, out) >= 0 && fflush(out) == 0;
}

static char *outcome(const char *name, const char *yaml)
{
	struct arena a;
	struct problems p = {0};
	struct buffer out = {0};
	struct all_types value;
	arena_init(&a, 0);
	if (schema_read(&all_types_schema, name, view_text(yaml), &a, &p, &value) == OK)
		schema_print(&all_types_schema, &value, 0, &out);
	for (const struct problem *at = p.first; at; at = at->next)
		buffer_printf(&out, "%s:%u:%u: %s\n", at->file, at->line, at->column, at->text);
	problems_done(&p);
	arena_done(&a);
	return buffer_take(&out);
}

static bool run(const char *folder, const char *name, bool update)
{
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	cleanup(free) char *yaml = read_file(path);
	cleanup(free) char *got = yaml ? outcome(name, yaml) : NULL;
	strcpy(strrchr(path, '.'), ".ok");
	if (update)
		return got && write_file(path, got);
	cleanup(free) char *expected = read_file(path);
	if (got && expected && strcmp(got, expected) == 0)
		return true;
	printf("%s: expected\n%s\ngot\n%s\n", name, expected ? expected : "", got ? got : "");
	return false;
}

int main(int argc, char **argv)
{
	bool update = argc == 3 && strcmp(argv[2], "--update") == 0;
	int count = 0, failed = 0;
	cleanup(dir) DIR *folder = argc == 2 || update ? opendir(argv[1]) : NULL;
	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER [--update]\n", argv[0]);
		return EXIT_FAILURE;
	}
	for (struct dirent *e; (e = readdir(folder));) {
		const char *dot = strrchr(e->d_name, '.');
		if (!dot || strcmp(dot, ".yaml") != 0)
			continue;
		count++;
		failed += !run(argv[1], e->d_name, update);
	}
	printf("%d files, %d failed\n", count, failed);
	return count && !failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
