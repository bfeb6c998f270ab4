/* scan_from.h - writ scan --from: what others collected; and --cyclonedx, the bill of materials of any scan. */
#pragma once

#include "cmd/args.h"
#include "cmd/result_file.h"
#include "finding/findings.h"

#define SCAN_FROM_OPTIONS                                                                                 \
	{"--from", "FILE",                                                                                \
	 "Read what others collected (inventory, list of applications, SBOM), or - for standard input."}, \
	{                                                                                                 \
		"--cyclonedx", "FILE",                                                                    \
			"Write what was found into FILE as a CycloneDX 1.6 bill of materials."            \
	}

/* Reads the file into the findings. Returns 0, or an exit status after it said what is wrong. */
int scan_from(const char *path, const struct policy *policy, struct findings *f, int64_t at_us,
              uint32_t place);
/* Opens the file that --cyclonedx names, if there is one, while that may be. Returns 0, or an exit status after it said
 * what is wrong. */
int scan_cyclonedx_open(const struct args *a, struct result_file *ret);
/* Writes it. */
int scan_cyclonedx(const struct args *a, struct result_file *file, const struct findings *f,
                   const char *scanned, int64_t at_us);
/* The formats of --from, as a table. */
int scan_from_formats(bool is_json);
