#include "gate/packet/stats.h"

/* clang-format off */
const struct packet_counter_row packet_counters[PACKET_COUNTERS] = {
	[PACKET_PACKETS] = {"packets", false, "Packets that were looked at."},
	[PACKET_BATCHES] = {"batches", false, "Times that packets were taken from a queue."},
	[PACKET_FLOWS] = {"flows", false, "Flows that were judged."},
	[PACKET_BLOCKED] = {"blocked", false, "Flows that were refused by policy."},
	[PACKET_OBSERVED] = {"observed", false, "Flows that passed and were written down."},
	[PACKET_RESETS] = {"resets", false, "TCP connections that were ended with a reset."},
	[PACKET_PAGES] = {"pages", false, "HTTP requests that were answered with the reason."},
	[PACKET_DNS_ANSWERS] = {"dns_answers", false, "DNS queries to others that were answered here."},
	[PACKET_EVENTS] = {"events", false, "Events handed over to be written down."},
	[PACKET_EVENTS_LOST] = {"events_lost", false, "Events lost because the ring was full."},
	[PACKET_QUEUE_LOST] = {"queue_lost", false, "Times that the kernel's queue had no room for a packet."},
	[PACKET_SEND_FAILED] = {"send_failed", false, "Replies that could not be sent."},
	[PACKET_FLOWS_OPEN] = {"flows_open", true, "Flows under judgement now."},
	[PACKET_BYTES_HELD] = {"bytes_held", true, "First bytes of those flows that are held now."},
};
/* clang-format on */
