#include "gate/packet/options.h"

#include <net/if.h>
#include <string.h>

const char *const packet_mode_names[] = {"off", "routed", "host", "passive", NULL};
const char *const packet_failure_names[] = {"open", "closed", NULL};

static int check_mark(const void *value, const char **ret_expected)
{
	int64_t mask = *(const int64_t *)value, lowest = mask & -mask;
	if (mask == lowest * 15)
		return OK;
	*ret_expected = "four bits beside each other, as 0xf0000000 (4026531840)";
	return ERR_INVALID;
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-._@:+", c);
}

/* It becomes part of rules. */
static int check_interface(const void *value, const char **ret_expected)
{
	const char *name = *(const char *const *)value;
	while (*name && is_of_name(*name))
		name++;
	if (!*name)
		return OK;
	*ret_expected = "the name of an interface, of letters, digits and -._@:+";
	return ERR_INVALID;
}

/* clang-format off */
#define AT(member) .offset = offsetof(struct packet_limit_options, member)
static const struct schema_field limit_fields[] = {
	{.name = "flows", .type = SCHEMA_INT, AT(flows), .min = 64, .max = 1 << 26,
	 .default_text = "131072", .unit = "flows",
	 .help = "Flows under judgement at a time, of all queues together; a judged one takes no place."},
	{.name = "held", .type = SCHEMA_SIZE, AT(held_size), .min = 1 << 16, .max = INT64_C(1) << 36,
	 .default_text = "64 MiB",
	 .help = "Memory for first bytes of flows that are not judged yet, of all queues together."},
	{.name = "hello", .type = SCHEMA_SIZE, AT(hello_size), .min = 2048, .max = 65536,
	 .default_text = "16 KiB",
	 .help = "A client that has sent more without naming anybody meets `failure`."},
	{.name = "packets", .type = SCHEMA_INT, AT(packets), .min = 4, .max = 4096,
	 .default_text = "32", .unit = "packets",
	 .help = "A client that sends more of them with nothing but data that it sent before (QUIC: with data) meets "
	         "`failure`."},
	{.name = "time", .type = SCHEMA_DURATION, AT(judge_us), .min = SECOND_US,
	 .max = 600 * SECOND_US, .default_text = "10 s",
	 .help = "A client whose first bytes are older and not judged meets `failure`."},
	{.name = "idle", .type = SCHEMA_DURATION, AT(idle_us), .min = SECOND_US,
	 .max = 3600 * SECOND_US, .default_text = "60 s",
	 .help = "A flow under judgement of which nothing comes for so long is forgotten."},
	{.name = "readings", .type = SCHEMA_INT, AT(readings), .min = 2, .max = 65536,
	 .default_text = "256", .unit = "readings",
	 .help = "Ways of understanding a flow's first bytes that are judged. A flow that has more, or takes more than 4 KiB of reading for "
	         "each, is refused."},
	{.name = NULL},
};
#undef AT
static const struct schema limit_schema = {.name = "limits",
	.size = sizeof(struct packet_limit_options), .fields = limit_fields,
	.help = "What a client can make grow, and how far."};

#define AT(member) .offset = offsetof(struct packet_places_options, member)
static const struct schema_field places_fields[] = {
	{.name = "country", .type = SCHEMA_TEXT, AT(country), .min = 1, .max = 4000,
	 .help = "Database that tells the country of an address (MMDB)."},
	{.name = "network", .type = SCHEMA_TEXT, AT(network), .min = 1, .max = 4000,
	 .help = "Database that tells the network (autonomous system) of an address (MMDB)."},
	{.name = NULL},
};
#undef AT
static const struct schema places_schema = {.name = "places",
	.size = sizeof(struct packet_places_options), .fields = places_fields,
	.help = "Where destinations are; nothing is shipped."};

static const struct schema_field interface_item = {.name = "interface", .type = SCHEMA_TEXT,
	.min = 1, .max = IF_NAMESIZE - 1, .check = check_interface};

#define AT(member) .offset = offsetof(struct packet_options, member)
static const struct schema_field fields[] = {
	{.name = "mode", .type = SCHEMA_CHOICE, AT(mode), .choices = packet_mode_names,
	 .default_text = "off",
	 .help = "`routed`: judge what is forwarded through this machine, also between the ports of a bridge. "
		 "`host`: what this machine sends. `passive`: listen on `interfaces` and act on nothing."},
	{.name = "failure", .type = SCHEMA_CHOICE, AT(failure), .choices = packet_failure_names,
	 .default_text = "open",
	 .help = "What happens to new flows while the gate is down, its queue is full, or a flow goes beyond a "
		 "limit: `open` lets them pass, `closed` drops them. A loss is counted and logged either way."},
	{.name = "interfaces", .type = SCHEMA_LIST, AT(interfaces), .item = &interface_item,
	 .list_max = 64,
	 .help = "Interfaces on which clients are, a bridge by its own name; none: all. `passive`: where to listen."},
	{.name = "queues", .type = SCHEMA_INT, AT(queues), .min = 0, .max = 256, .default_text = "0",
	 .unit = "queues", .help = "Queues, each with a thread; 0: as many as processors."},
	{.name = "first_queue", .type = SCHEMA_INT, AT(first_queue), .min = 0, .max = 65000,
	 .default_text = "5300", .help = "Number of the first queue; others follow."},
	{.name = "queue_length", .type = SCHEMA_INT, AT(queue_length), .min = 64, .max = 1 << 20,
	 .default_text = "4096", .unit = "packets", .help = "Packets that may wait in each queue."},
	{.name = "mark", .type = SCHEMA_INT, AT(mark), .min = 15, .max = UINT32_MAX,
	 .default_text = "4026531840", .check = check_mark,
	 .help = "Mask of the four bits of packet and connection marks that are the gate's own (0xf0000000)."},
	{.name = "accounting", .type = SCHEMA_BOOL, AT(accounting), .default_text = "yes",
	 .help = "Write down how much went up and down on flows that are observed, and for how long."},
	{.name = "limits", .type = SCHEMA_STRUCT, AT(limits), .child = &limit_schema,
	 .help = "What a client can make grow, and how far."},
	{.name = "places", .type = SCHEMA_STRUCT, AT(places), .child = &places_schema,
	 .help = "Where destinations are; nothing is shipped."},
	{.name = NULL},
};
#undef AT
/* clang-format on */
const struct schema packet_options_schema = {.name = "packet",
                                             .size = sizeof(struct packet_options),
                                             .fields = fields,
                                             .help = "The packet gate.",
                                             .place_offset =
                                                     offsetof(struct packet_options, place)};
