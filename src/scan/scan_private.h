/* scan_private.h - for the files of scan.h, walk.h and meet.h only. */
#pragma once

#include <limits.h>
#include <stdatomic.h>

#include "scan/expression.h"
#include "scan/json.h"
#include "scan/pattern.h"
#include "scan/root.h"
#include "scan/scan.h"
#include "scan/web_app.h"

struct scan {
	struct scan_settings settings;
	struct scan_root root;
	struct scan_homes homes;
	struct scan_patterns patterns;
	struct scan_web_apps web_apps;
	struct scan_expressions *expressions;
	struct scan_coverage coverage[FINDERS_MAX + 1]; /* of each finder, then of the walk */
	uint32_t sources[FINDERS_MAX + 1];
	char examples[FINDERS_MAX + 1]
		     [SCAN_EXAMPLE_SIZE]; /* of what was not understood, or not read */
	size_t finder_count;
	unsigned current; /* the finder that looks */
	struct scan_unread unread[SCAN_UNREAD_MAX];
	struct scan_resolver resolvers[SCAN_RESOLVERS_MAX];
	size_t unread_count, resolver_count;
	struct arena texts;
	struct {
		uint8_t *bytes;
		size_t capacity;
	} memory; /* for the file that is looked at */
	char met_folder
		[PATH_MAX]; /* the last that the policy names; what lies in it is not asked for */
	uint64_t entries;
	atomic_bool is_stopped;
	int landlock;
	int error; /* the first that ends the scan */
};

/* An entry of an open folder, for each finder that looks at it. */
void scan_visit(struct scan *s, struct scan_file *f);
/* A link, for those that read whole files and would not look at the one that it leads to where that lies. */
void scan_visit_link(struct scan *s, struct scan_file *f);
