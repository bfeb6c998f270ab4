#include "daemon/file_limit.h"

#include <inttypes.h>
#include <sys/resource.h>

#include "daemon/log_line.h"
#include "gate/dns/gate.h"
#include "gate/dns/open_files.h"

static void tell(const struct dns_options *o, unsigned workers, uint64_t wanted, uint64_t files)
{
	uint64_t kept = (uint64_t)open_files_connections(files, workers) * workers;
	log_line(LOG_LEVEL_WARNING,
	         "the settings allow clients %" PRIu64 " connections, but only %" PRIu64
	         " files may be open: the gate keeps %" PRIu64
	         " at most, and the longest silent one makes room for a new one; set "
	         "LimitNOFILE=%" PRIu64 " in its unit, or `ulimit -n`, for all",
	         open_files_allowed(o) * workers, files, kept, wanted);
}

void file_limit_raise(const struct dns_options *o)
{
	unsigned workers = dns_gate_workers(o);
	uint64_t wanted = open_files_wanted(o, workers);
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_max < wanted) {
		const struct rlimit more = {.rlim_cur = wanted, .rlim_max = wanted};
		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			return;
	}
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < wanted)
		tell(o, workers, wanted, limit.rlim_max);
}
