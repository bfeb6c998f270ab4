#include "gate/packet/rules.h"

#include <inttypes.h>

#include "gate/packet/mark.h"

/* Every number that a rule needs. */
struct numbers {
	uint32_t all;     /* the gate's three bits of a mark */
	uint32_t verdict; /* the two of them that are an enum packet_mark */
	uint32_t released, refused, watched, counted;
};

static struct numbers numbers_of(const struct packet_rules *r)
{
	uint32_t mask = (uint32_t)r->options->mark;
	return (struct numbers){.all = mask,
	                        .verdict = packet_mark_bits(mask, PACKET_MARK_WATCHED),
	                        .released = packet_mark_bits(mask, PACKET_MARK_RELEASED),
	                        .refused = packet_mark_bits(mask, PACKET_MARK_REFUSED),
	                        .watched = packet_mark_bits(mask, PACKET_MARK_WATCHED),
	                        .counted = packet_mark_bits(mask, PACKET_MARK_COUNTED)};
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
	struct numbers n = numbers_of(r);
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
	buffer_add_text(ret, "\t\tct direction reply accept\n");
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
	              ~numbers_of(r).all);
}

static void print_queue(const struct packet_rules *r, struct buffer *ret)
{
	struct numbers n = numbers_of(r);
	buffer_printf(ret,
	              "\tchain queue_it {\n"
	              "\t\tcounter name queued meta mark set meta mark & 0x%08" PRIx32
	              " | 0x%08" PRIx32 "\n",
	              ~n.all, n.counted);
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

/* What was decided holds for a connection, until another begins on the same ports: that is a SYN, and in UDP
 * what looks like a long header of QUIC, version 1 or 2. The version is looked at because RTP begins with the same
 * bit, and the second bit is not because a client may leave it out (RFC 9287). Where there is no connection
 * nothing of it matches. What most packets are, parts of released connections, comes first. */
static void print_judge(const struct packet_rules *r, struct buffer *ret)
{
	struct numbers n = numbers_of(r);
	buffer_printf(
		ret,
		"\tchain judge {\n"
		"\t\tmeta mark & 0x%08" PRIx32 " != 0 meta mark set meta mark & 0x%08" PRIx32 "\n"
		"\t\tct mark & 0x%08" PRIx32 " == 0x%08" PRIx32
		" tcp flags & (syn | ack) == ack counter name released accept\n"
		"\t\tct mark & 0x%08" PRIx32 " == 0x%08" PRIx32
		" meta l4proto udp @th,64,1 0 counter name released accept\n"
		"\t\tmeta l4proto != { tcp, udp } accept\n"
		"\t\tct mark & 0x%08" PRIx32 " == 0 goto queue_it\n"
		"\t\ttcp flags & (fin | syn | rst | ack) == syn ct direction original"
		" ct mark set ct mark & 0x%08" PRIx32 " goto queue_it\n"
		"\t\tmeta l4proto udp @th,64,1 1 @th,72,32 { 0x00000001, 0x6b3343cf } goto queue_it\n",
		n.all, ~n.all, n.verdict, n.released, n.verdict, n.released, n.verdict, ~n.all);
	buffer_printf(ret,
	              "\t\tct mark & 0x%08" PRIx32 " == 0x%08" PRIx32
	              " counter name released accept\n"
	              "\t\tct mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " goto refused\n"
	              "\t\tct mark & 0x%08" PRIx32 " == 0x%08" PRIx32
	              " ct direction reply counter name watched accept\n"
	              "\t\tgoto queue_it\n"
	              "\t}\n",
	              n.verdict, n.released, n.verdict, n.refused, n.verdict, n.watched);
}

static void print_copy(const struct numbers *n, uint32_t bits, const char *then, struct buffer *ret)
{
	buffer_printf(ret,
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32
	              " ct mark set ct mark & 0x%08" PRIx32 " | 0x%08" PRIx32 "%s\n",
	              n->all, bits, ~n->all, bits, then);
}

/* Connection marks cannot be set from packet marks by a mask: one rule for each value. */
static void print_settle(const struct packet_rules *r, struct buffer *ret)
{
	struct numbers n = numbers_of(r);
	/* what the client of a watched connection sends always comes from the queue: without a mark, it asks for
	 * both directions again */
	buffer_printf(ret,
	              "\tchain settle {\n"
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0 ct direction original"
	              " ct mark & 0x%08" PRIx32 " == 0x%08" PRIx32
	              " ct mark set ct mark & 0x%08" PRIx32 "\n"
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0 accept\n"
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " counter name unjudged\n",
	              n.all, n.verdict, n.watched, ~n.verdict, n.all, n.all, n.counted);
	print_copy(&n, n.released, "", ret);
	print_copy(&n, n.released | n.counted, "", ret);
	print_copy(&n, n.watched, "", ret);
	print_copy(&n, n.watched | n.counted, "", ret);
	print_copy(&n, n.refused, " goto refused", ret);
	print_copy(&n, n.refused | n.counted, " goto refused", ret);
	/* without a connection there is nothing to mark, but a refusal holds */
	buffer_printf(ret,
	              "\t\tmeta mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " goto refused\n"
	              "\t\tmeta mark set meta mark & 0x%08" PRIx32 "\n"
	              "\t}\n",
	              n.verdict, n.refused, ~n.all);
}

static void print_hook(const struct packet_rules *r, const struct hook_row *hook,
                       struct buffer *ret)
{
	buffer_printf(ret,
	              "\tchain %s_before {\n"
	              "\t\ttype filter hook %s priority %d; policy accept;\n",
	              hook->name, hook->name, hook->before);
	hook->print(r, ret);
	buffer_printf(ret,
	              "\t\tgoto judge\n"
	              "\t}\n"
	              "\tchain %s_after {\n"
	              "\t\ttype filter hook %s priority %d; policy accept;\n"
	              "\t\tgoto settle\n"
	              "\t}\n",
	              hook->name, hook->name, hook->after);
}

static const char *const counters[] = {"queued", "unjudged", "released", "watched", "refused"};

void packet_rules_nft(const struct packet_rules *r, struct buffer *ret)
{
	packet_rules_nft_remove(ret);
	buffer_add_text(ret, "table inet writ {\n");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		buffer_printf(ret, "\tcounter %s { }\n", counters[i]);
	print_refused(r, ret);
	print_queue(r, ret);
	print_judge(r, ret);
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

void packet_rules_nft_probe(struct buffer *ret)
{
	buffer_add_text(ret, "table inet writ_probe {\n"
	                     "\tchain probe {\n"
	                     "\t\tqueue to 0\n"
	                     "\t}\n"
	                     "}\n");
}
