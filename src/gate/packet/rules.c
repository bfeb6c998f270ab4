#include "gate/packet/rules.h"

#include <inttypes.h>

#include "gate/packet/rules_internal.h"

struct numbers rules_numbers(const struct packet_rules *r)
{
	uint32_t mask = (uint32_t)r->options->mark;
	return (struct numbers){.all = mask,
	                        .verdict = packet_mark_bits(mask, PACKET_MARK_QUEUED_REPLY),
	                        .released = packet_mark_bits(mask, PACKET_MARK_RELEASED),
	                        .refused = packet_mark_bits(mask, PACKET_MARK_REFUSED),
	                        .watched = packet_mark_bits(mask, PACKET_MARK_WATCHED),
	                        .awaited = packet_mark_bits(mask, PACKET_MARK_AWAITED),
	                        .open = packet_mark_bits(mask, PACKET_MARK_OPEN),
	                        .counted = packet_mark_bits(mask, PACKET_MARK_COUNTED),
	                        .answered = packet_mark_bits(mask, PACKET_MARK_ANSWERED),
	                        .queued = packet_mark_bits(mask, PACKET_MARK_QUEUED)};
}

/* One hook of the kernel, in each mode that has it. */
struct hook_row {
	const char *name;
	int before, after; /* priorities: of the first chain and of the second */
	void (*print)(const struct packet_rules *r,
	              struct buffer *ret); /* what is not judged here */
};

static void print_interfaces(const struct packet_rules *r, const char *which, struct buffer *ret)
{
	const struct schema_list *names = &r->options->interfaces;
	buffer_printf(ret, "%s != {", which);
	for (size_t i = 0; i < names->count; i++)
		buffer_printf(ret, "%s \"%s\"", i ? "," : "", ((char *const *)names->items)[i]);
	buffer_add_text(ret, " }");
}

static void print_forward(const struct packet_rules *r, struct buffer *ret)
{
	if (r->options->interfaces.count == 0)
		return;
	buffer_add_text(ret, "\t\t");
	print_interfaces(r, "iifname", ret);
	buffer_add_text(ret, " ");
	print_interfaces(r, "oifname", ret);
	buffer_add_text(ret, " accept\n");
}

static void print_one_interface(const struct packet_rules *r, const char *which, struct buffer *ret)
{
	buffer_printf(ret, "\t\t%s \"lo\" accept\n", which);
	if (r->options->interfaces.count == 0)
		return;
	buffer_add_text(ret, "\t\t");
	print_interfaces(r, which, ret);
	buffer_add_text(ret, " accept\n");
}

/* What the gate itself sends has our mark (net/packet_send.h); what other roles of ours send is known by the
 * user, and so are, by the connection, the answers. */
static void print_output(const struct packet_rules *r, struct buffer *ret)
{
	struct numbers n = rules_numbers(r);
	print_one_interface(r, "oifname", ret);
	buffer_printf(ret,
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32
	              " meta mark set meta mark & 0x%08" PRIx32 " accept\n",
	              n.all, n.released, ~n.all);
	if (r->own_user_count) {
		buffer_add_text(ret, "\t\tmeta skuid {");
		for (size_t i = 0; i < r->own_user_count; i++)
			buffer_printf(ret, "%s %" PRIu32, i ? "," : "", r->own_users[i]);
		buffer_printf(ret,
		              " } ct mark set ct mark & 0x%08" PRIx32 " | 0x%08" PRIx32 " accept\n",
		              ~n.all, n.released);
	}
	buffer_add_text(ret, "\t\tct direction reply tcp flags & (fin | syn | rst | ack) == syn"
	                     " counter name crossed drop\n"
	                     "\t\tct direction reply accept\n");
}

static void print_input(const struct packet_rules *r, struct buffer *ret)
{
	print_one_interface(r, "iifname", ret);
	buffer_add_text(ret, "\t\tct state invalid accept\n"
	                     "\t\tct direction original accept\n");
}

static const struct hook_row routed_hooks[] = {{"forward", 49, 151, print_forward}, {NULL}};
static const struct hook_row host_hooks[] = {
	{"output", 49, 151, print_output}, {"input", -151, -149, print_input}, {NULL}};
static const struct hook_row *const hooks_of_mode[] = {
	[PACKET_ROUTED] = routed_hooks, [PACKET_HOST] = host_hooks};

static void print_refused(const struct packet_rules *r, struct buffer *ret)
{
	buffer_printf(ret,
	              "\tchain refused {\n"
	              "\t\tmeta mark set meta mark & 0x%08" PRIx32 "\n"
	              "\t\ttcp flags & rst == rst accept\n"
	              "\t\tcounter name refused\n"
	              "\t\tmeta l4proto tcp ct direction original reject with tcp reset\n"
	              "\t\tdrop\n"
	              "\t}\n",
	              ~rules_numbers(r).all);
}

/* Chains that queue, and what they say of the packet by its mark. */
static const struct queue_row {
	const char *name;
	enum packet_mark mark;
} queues[] = {
	{"queue_it", PACKET_MARK_QUEUED},
	{"queue_reply", PACKET_MARK_QUEUED_REPLY},
	{"queue_awaited", PACKET_MARK_QUEUED_AWAITED},
	{"queue_awaited_reply", PACKET_MARK_QUEUED_AWAITED_REPLY},
};

static void print_queue(const struct packet_rules *r, const struct queue_row *row,
                        struct buffer *ret)
{
	uint32_t mask = (uint32_t)r->options->mark;
	buffer_printf(ret,
	              "\tchain %s {\n"
	              "\t\tcounter name queued meta mark set meta mark & 0x%08" PRIx32
	              " | 0x%08" PRIx32 "\n",
	              row->name, ~mask, packet_mark_bits(mask, row->mark));
	unsigned first = (unsigned)r->options->first_queue, last = first + r->queues - 1;
	if (r->has_nft_queue) {
		buffer_printf(ret, "\t\tqueue %sto %u",
		              r->options->failure == PACKET_FAIL_OPEN ? "flags bypass " : "",
		              first);
		if (last > first)
			buffer_printf(ret, "-%u", last);
		buffer_add_text(ret, "\n");
	}
	buffer_add_text(ret, "\t}\n");
}

/* What a packet's mark makes of its connection. Connection marks cannot be set from packet marks by a mask: one rule for
 * each value. */
static void print_copy(const struct numbers *n, uint32_t bits, const char *then, struct buffer *ret)
{
	buffer_printf(ret,
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32
	              " ct mark set ct mark & 0x%08" PRIx32 " | 0x%08" PRIx32 "%s\n",
	              n->all, bits, ~n->all, bits, then);
}

/* The same for what a ServerHello may have overtaken: that released the connection. */
static void print_overtaken(const struct numbers *n, uint32_t bits, uint32_t kept, uint32_t becomes,
                            struct buffer *ret)
{
	buffer_printf(ret,
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " ct mark & 0x%08" PRIx32
	              " != 0x%08" PRIx32 " ct mark set ct mark & 0x%08" PRIx32 " | 0x%08" PRIx32
	              "\n",
	              n->all, bits, n->verdict, n->released, kept, becomes);
}

static void print_settle(const struct packet_rules *r, struct buffer *ret)
{
	struct numbers n = rules_numbers(r);
	buffer_printf(ret,
	              "\tchain settle {\n"
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " counter name unjudged\n",
	              n.queued, n.queued);
	print_overtaken(&n, n.awaited, ~n.all, n.awaited, ret);
	print_overtaken(&n, n.awaited | n.counted, ~n.all, n.awaited | n.counted, ret);
	print_overtaken(&n, n.open, ~n.verdict, n.open, ret);
	print_overtaken(&n, n.answered, ~n.verdict, n.open, ret);
	print_copy(&n, n.released, "", ret);
	print_copy(&n, n.released | n.counted, "", ret);
	print_copy(&n, n.watched, "", ret);
	print_copy(&n, n.watched | n.counted, "", ret);
	print_copy(&n, n.refused, " goto refused", ret);
	print_copy(&n, n.refused | n.counted, " goto refused", ret);
	/* without a connection there is nothing to mark, but a refusal holds */
	buffer_printf(ret,
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " goto refused\n"
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " drop\n"
	              "\t\tmeta mark set meta mark & 0x%08" PRIx32 "\n"
	              "\t}\n",
	              n.verdict, n.refused, n.all, n.answered, ~n.all);
}

static void print_hook(const struct packet_rules *r, const struct hook_row *hook,
                       struct buffer *ret)
{
	struct numbers n = rules_numbers(r);
	buffer_printf(ret,
	              "\tchain %s_before {\n"
	              "\t\ttype filter hook %s priority %d; policy accept;\n",
	              hook->name, hook->name, hook->before);
	hook->print(r, ret);
	rules_print_released(&n, ret);
	buffer_printf(ret,
	              "\t\tgoto judge\n"
	              "\t}\n"
	              "\tchain %s_after {\n"
	              "\t\ttype filter hook %s priority %d; policy accept;\n"
	              "\t\tmeta mark & 0x%08" PRIx32 " != 0 goto settle\n"
	              "\t}\n",
	              hook->name, hook->name, hook->after, n.all);
}

static const char *const counters[] = {"queued",  "unjudged", "released", "watched",
                                       "refused", "crossed",  "forged"};

void packet_rules_nft(const struct packet_rules *r, struct buffer *ret)
{
	struct numbers n = rules_numbers(r);
	packet_rules_nft_remove(ret);
	buffer_add_text(ret, "table inet writ {\n");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		buffer_printf(ret, "\tcounter %s { }\n", counters[i]);
	print_refused(r, ret);
	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++)
		print_queue(r, &queues[i], ret);
	rules_print_judge(&n, r->has_nft_fib && r->options->mode == PACKET_ROUTED, ret);
	print_settle(r, ret);
	for (const struct hook_row *h = hooks_of_mode[r->options->mode]; h->name; h++)
		print_hook(r, h, ret);
	buffer_add_text(ret, "}\n");
}

void packet_rules_nft_remove(struct buffer *ret)
{
	/* a table is made first, since one that is not there cannot be deleted */
	buffer_add_text(ret, "table inet writ\n"
	                     "delete table inet writ\n");
}

void packet_rules_nft_probe(enum packet_statement statement, struct buffer *ret)
{
	static const char *const texts[] = {
		[PACKET_STATEMENT_QUEUE] = "queue to 0",
		[PACKET_STATEMENT_FIB] = "fib saddr . iif oif missing drop",
	};
	buffer_printf(ret,
	              "table inet writ_probe {\n"
	              "\tchain probe {\n"
	              "\t\t%s\n"
	              "\t}\n"
	              "}\n",
	              texts[statement]);
}
