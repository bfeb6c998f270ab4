#include "gate/packet/stats.h"

const int64_t packet_time_bounds_ns[HISTOGRAM_BOUNDS] = {
	250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000,
};

/* clang-format off */
const struct counter_row packet_counters[PACKET_COUNTERS] = {
	[PACKET_PACKETS] = {"packets", false, "Packets that were looked at."},
	[PACKET_BATCHES] = {"batches", false, "Times that packets were taken from a queue."},
	[PACKET_JUDGED] = {"judged", false, "Packets that brought something to judge: a hello, a request, a query."},
	[PACKET_BLOCKED] = {"blocked", false, "Flows that were refused by policy."},
	[PACKET_OBSERVED] = {"observed", false, "Flows that passed and were written down."},
	[PACKET_RESETS] = {"resets", false, "TCP connections that were ended with a reset."},
	[PACKET_PAGES] = {"pages", false, "HTTP requests that were answered with the reason."},
	[PACKET_DNS_ANSWERS] = {"dns_answers", false, "DNS queries to others that were answered here."},
	[PACKET_EVENTS] = {"events", false, "Events handed over to be written down."},
	[PACKET_EVENTS_LOST] = {"events_lost", false, "Events lost because the ring was full."},
	[PACKET_WATCHED_LOST] = {"watched_lost", false, "Flows with an event of which it is not told how much they carried: newer ones took their place."},
	[PACKET_QUEUE_WAITING] = {"queue_waiting", true, "Packets that wait in the kernel's queue now."},
	[PACKET_QUEUE_DROPPED] = {"queue_dropped", false, "Packets that the full queue dropped; not counted where it lets them pass."},
	[PACKET_QUEUE_LOST] = {"queue_lost", false, "Packets that did not get here because the socket had no room."},
	[PACKET_SEND_FAILED] = {"send_failed", false, "Replies that could not be sent."},
	[PACKET_ENDS_LOST] = {"ends_lost", false, "Ends of connections that the kernel could not tell: how much they carried is not known."},
	[PACKET_FLOWS_OPEN] = {"flows_open", true, "Flows under judgement now."},
	[PACKET_BYTES_HELD] = {"bytes_held", true, "First bytes of those flows that are held now."},
};
/* clang-format on */
