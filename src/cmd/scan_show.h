/* scan_show.h - what a scan's result has beside findings: what was looked at, what could not be read, resolvers. */
#pragma once

#include "finding/result.h"
#include "scan/scan.h"

struct result_more scan_show_more(const struct scan *s);
/* The table of finders, for people or as JSON. Returns an exit status. */
int scan_show_finders(bool is_json);
