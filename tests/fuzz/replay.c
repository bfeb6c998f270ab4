/* replay.c - runs a fuzz target over every file of a folder, so that a corpus is also a plain test.
 *
 * An empty or missing folder is a failure: a corpus that tests nothing must not pass. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum { INPUT_SIZE_MAX = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

DEFINE_CLEANUP(dir, DIR *, closedir);

static int replay(const char *folder, const char *name)
{
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	cleanup(file) FILE *in = fopen(path, "rbe");
	cleanup(free) uint8_t *room = malloc(INPUT_SIZE_MAX);
	if (!in || !room)
		return -1;
	size_t size = fread(room, 1, INPUT_SIZE_MAX, in);
	/* an exact allocation lets the sanitizer see a read past the end */
	cleanup(free) uint8_t *bytes = malloc(size ? size : 1);
	if (!bytes)
		return -1;
	for (size_t i = 0; i < size; i++)
		bytes[i] = room[i];
	LLVMFuzzerTestOneInput(bytes, size);
	return 0;
}

int main(int argc, char **argv)
{
	int count = 0;
	cleanup(dir) DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return EXIT_FAILURE;
	}
	for (struct dirent *e; (e = readdir(folder));) {
		if (e->d_name[0] == '.')
			continue;
		if (replay(argv[1], e->d_name) < 0) {
			perror(e->d_name);
			return EXIT_FAILURE;
		}
		count++;
	}
	printf("%d inputs\n", count);
	return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
