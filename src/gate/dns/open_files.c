#include "gate/dns/open_files.h"

uint64_t open_files_allowed(const struct dns_options *o)
{
	int64_t sum = o->tcp.connections_max;
	if (o->tls.listen.count)
		sum += o->tls.limits.connections_max;
	if (o->https.listen.count)
		sum += o->https.limits.connections_max;
	return (uint64_t)sum;
}

static uint64_t kept(unsigned workers)
{
	return OPEN_FILES_OF_GATE + (uint64_t)workers * OPEN_FILES_OF_WORKER;
}

uint64_t open_files_wanted(const struct dns_options *o, unsigned workers)
{
	return kept(workers) + workers * open_files_allowed(o);
}

uint32_t open_files_connections(uint64_t files, unsigned workers)
{
	uint64_t of_others = kept(workers) < files / 2 ? kept(workers) : files / 2;
	uint64_t of_worker = (files - of_others) / workers;
	if (of_worker == 0)
		return 1;
	return of_worker < UINT32_MAX ? (uint32_t)of_worker : UINT32_MAX;
}
