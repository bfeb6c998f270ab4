/* builtin.h - the files of catalogue/ as they were when the program was built (tools/embed). */
#pragma once

#include <stddef.h>

struct builtin_file {
	const char *path; /* from catalogue/: "orders/tw-csma-2025.yaml" */
	const unsigned char *bytes;
	size_t size;
};

extern const struct builtin_file builtin_files[]; /* ends with a NULL path */
