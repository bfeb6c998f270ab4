/* packet_figures.h - what the packet gate has counted, of all its workers together. */
#pragma once

#include "daemon/resources.h"

struct packet_figures {
	uint64_t counts[PACKET_COUNTERS], why[FLOW_WHYS];
	struct histogram time;
	struct tally tally; /* by the policy of that version */
};

/* All zero while there is no packet gate. */
struct packet_figures packet_figures_sum(const struct resources *r, uint64_t policy_version);
