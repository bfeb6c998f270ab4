#include "cmd/audit_progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/plural.h"

void audit_progress_begin(struct audit_progress_line *l, struct audit *a)
{
	*l = (struct audit_progress_line){.audit = a,
	                                  .began_us = clock_monotonic_us(),
	                                  .bytes_before = audit_resumed_bytes(a),
	                                  .is_on = isatty(STDERR_FILENO) == 1};
}

static double mega(uint64_t bytes)
{
	return (double)bytes / 1e6;
}

void audit_progress_tell(void *line)
{
	struct audit_progress_line *l = line;
	struct audit_progress p;
	if (!l->is_on)
		return;
	audit_progress(l->audit, &p);
	double seconds = (double)(clock_monotonic_us() - l->began_us) / 1e6;
	double rate = mega(p.bytes - l->bytes_before) / (seconds > 0 ? seconds : 1);
	fprintf(stderr, "\r\x1b[K%zu of %zu source%s, %.0f MB", p.sources, p.sources_all,
	        plural_s(p.sources_all), mega(p.bytes));
	if (p.bytes_all)
		fprintf(stderr, " of %.0f MB", mega(p.bytes_all));
	fprintf(stderr, ", %.0f MB/s", rate);
	if (p.bytes_all > p.bytes && rate > 0) {
		long left = (long)(mega(p.bytes_all - p.bytes) / rate);
		fprintf(stderr, ", %ld:%02ld left", left / 60, left % 60);
	}
	(void)fflush(stderr);
	l->is_drawn = true;
}

void audit_progress_end(struct audit_progress_line *l)
{
	if (l->is_drawn)
		fprintf(stderr, "\r\x1b[K");
}
