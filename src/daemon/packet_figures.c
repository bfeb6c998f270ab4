#include "daemon/packet_figures.h"

struct packet_figures packet_figures_sum(const struct resources *r, uint64_t policy_version)
{
	const struct packet_stats *stats = r->packet_stats.bytes;
	struct packet_figures f = {0};
	for (unsigned i = 0; i < r->packet_workers; i++) {
		for (int c = 0; c < PACKET_COUNTERS; c++)
			f.counts[c] += packet_counted(&stats[i], (enum packet_counter)c);
		for (int w = 0; w < FLOW_WHYS; w++)
			f.why[w] += atomic_load_explicit(&stats[i].why[w], memory_order_relaxed);
		histogram_sum(&f.time, &stats[i].time);
		tally_sum(&f.tally, &stats[i].tally, policy_version);
	}
	return f;
}
