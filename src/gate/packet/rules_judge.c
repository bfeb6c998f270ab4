/* The chains before the queue: which packets go there, by what was decided of their connection. */
#include <inttypes.h>

#include "gate/packet/rules_internal.h"
#include "wire/quic.h"

/* Matches where there are bytes: else they cannot be loaded. */
#define HAS_BYTES "@ih,0,8 & 0 == 0"
#define ONLY_SYN  "tcp flags & (fin | syn | rst | ack) == syn"
#define ONLY_ACK  "tcp flags & (fin | syn | rst | urg | ack) == ack"

/* Two hosts that connect to each other at once become one that connects to the other: of two SYNs the second is dropped,
 * which every host takes for a loss (RFC 9293 s3.5). So who asks and who answers is what the kernel says.
 * A SYN without bytes tells nothing that the answer to it does not. */
static void print_syn(const struct numbers *n, struct buffer *ret)
{
	buffer_printf(ret,
	              "\tchain syn {\n"
	              "\t\tct direction reply counter name crossed drop\n"
	              "\t\tct mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " goto queue_it\n"
	              "\t\tct direction original ct mark set ct mark & 0x%08" PRIx32 "\n"
	              "\t\t" HAS_BYTES " ct mark set ct mark | 0x%08" PRIx32 " goto queue_it\n"
	              "\t\t" HAS_BYTES " goto queue_it\n"
	              "\t\tct direction original accept\n"
	              "\t\tgoto queue_it\n"
	              "\t}\n",
	              n->verdict, n->open, ~n->all, n->open);
}

/* What a server says to a hello that was allowed: a ServerHello, whole up to its random number, which is not that of a
 * HelloRetryRequest (RFC 8446 s4.1.3). All else, and whatever follows it, is the role's to read. */
static void print_answer(const struct numbers *n, struct buffer *ret)
{
	buffer_printf(ret,
	              "\tchain answer {\n"
	              "\t\ttcp flags & (syn | rst | ack) == ack @ih,0,16 0x1603 @ih,24,16 >= 38"
	              " @ih,40,8 2 @ih,88,64 != 0xcf21ad74e59a6111"
	              " ct mark set ct mark & 0x%08" PRIx32 " | 0x%08" PRIx32
	              " counter name released accept\n"
	              "\t\t" ONLY_ACK " goto bare_answer\n"
	              "\t\tct mark set ct mark & 0x%08" PRIx32 " | 0x%08" PRIx32 "\n"
	              "\t\tgoto queue_awaited_reply\n"
	              "\t}\n",
	              ~n->verdict, n->released, ~n->verdict, n->open);
}

/* The server is believed, so nobody who is watched may speak for it: what comes from where its receiver is, and not from
 * where the server is. Of a bridge that cannot be asked so: it may have no routes. */
static void print_forged(const struct numbers *n, struct buffer *ret)
{
	buffer_printf(ret,
	              "\t\tct direction reply ct mark & 0x%08" PRIx32 " != 0x%08" PRIx32
	              " meta iifkind != \"bridge\" fib saddr . iif oif missing"
	              " fib daddr . iif oif exists counter name forged drop\n",
	              n->verdict, n->watched);
}

/* What was decided holds for a connection, until another begins on the same ports: that is a SYN. Where the kernel
 * follows no connection, all goes to the queue. */
static void print_judge_tcp(const struct numbers *n, bool tells_forged, struct buffer *ret)
{
	buffer_add_text(ret, "\tchain judge_tcp {\n"
	                     "\t\t" ONLY_SYN " goto syn\n");
	if (tells_forged)
		print_forged(n, ret);
	buffer_printf(ret,
	              "\t\tct mark & 0x%08" PRIx32 " vmap { 0 : goto new, 0x%08" PRIx32
	              " : goto awaited, 0x%08" PRIx32 " : goto released, 0x%08" PRIx32
	              " : goto watched, 0x%08" PRIx32 " : goto refused, 0x%08" PRIx32
	              " : goto queue_it }\n"
	              "\t\tgoto queue_it\n"
	              "\t}\n",
	              n->verdict, n->awaited, n->released, n->watched, n->refused, n->open);
}

/* Of connections that the kernel follows. */
static void print_states(struct buffer *ret)
{
	buffer_add_text(ret, "\tchain released {\n"
	                     "\t\tcounter name released accept\n"
	                     "\t}\n"
	                     "\tchain new {\n"
	                     "\t\tct direction reply goto queue_reply\n"
	                     "\t\t" ONLY_ACK " goto bare\n"
	                     "\t\tgoto queue_it\n"
	                     "\t}\n"
	                     "\tchain watched {\n"
	                     "\t\tct direction reply counter name watched accept\n"
	                     "\t\t" ONLY_ACK " goto bare\n"
	                     "\t\tgoto queue_it\n"
	                     "\t}\n"
	                     "\tchain awaited {\n"
	                     "\t\tct direction reply goto answer\n"
	                     "\t\t" ONLY_ACK " goto bare_awaited\n"
	                     "\t\tgoto queue_awaited\n"
	                     "\t}\n");
}

/* Segments that acknowledge: those without bytes tell nothing that those with bytes do not. */
static void print_bare(const struct numbers *n, struct buffer *ret)
{
	buffer_printf(ret,
	              "\tchain bare {\n"
	              "\t\t" HAS_BYTES " goto queue_it\n"
	              "\t\taccept\n"
	              "\t}\n"
	              "\tchain bare_awaited {\n"
	              "\t\t" HAS_BYTES " goto queue_awaited\n"
	              "\t\taccept\n"
	              "\t}\n"
	              "\tchain bare_answer {\n"
	              "\t\t" HAS_BYTES " ct mark set ct mark & 0x%08" PRIx32 " | 0x%08" PRIx32
	              " goto queue_awaited_reply\n"
	              "\t\taccept\n"
	              "\t}\n",
	              ~n->verdict, n->open);
}

static void print_quic_versions(struct buffer *ret)
{
	const struct quic_version *v;
	for (size_t i = 0; (v = quic_version_at(i)); i++)
		buffer_printf(ret, "%s 0x%08" PRIx32, i ? "," : "", v->version);
}

/* What looks like a long header of QUIC, of a version whose hellos are read, may begin another connection. The version is
 * looked at because RTP begins with the same bit, and the second bit is not because a client may leave it out (RFC 9287). */
static void print_judge_udp(const struct numbers *n, struct buffer *ret)
{
	buffer_add_text(ret, "\tchain judge_udp {\n"
	                     "\t\t@th,64,1 1 @th,72,32 {");
	print_quic_versions(ret);
	buffer_printf(ret,
	              " } goto queue_it\n"
	              "\t\tct mark & 0x%08" PRIx32 " vmap { 0x%08" PRIx32
	              " : goto released, 0x%08" PRIx32 " : goto watched, 0x%08" PRIx32
	              " : goto refused }\n"
	              "\t\tgoto queue_it\n"
	              "\t}\n",
	              n->verdict, n->released, n->watched, n->refused);
}

void rules_print_judge(const struct numbers *n, bool tells_forged, struct buffer *ret)
{
	print_bare(n, ret);
	print_answer(n, ret);
	print_states(ret);
	print_syn(n, ret);
	print_judge_tcp(n, tells_forged, ret);
	print_judge_udp(n, ret);
	buffer_add_text(ret,
	                "\tchain judge {\n"
	                "\t\tmeta l4proto vmap { tcp : goto judge_tcp, udp : goto judge_udp }\n"
	                "\t}\n");
}

void rules_print_released(const struct numbers *n, struct buffer *ret)
{
	buffer_printf(ret,
	              "\t\tmeta mark & 0x%08" PRIx32 " != 0 meta mark set meta mark & 0x%08" PRIx32
	              "\n"
	              "\t\tct mark & 0x%08" PRIx32 " == 0x%08" PRIx32
	              " tcp flags & (syn | ack) == ack counter name released accept\n"
	              "\t\tct mark & 0x%08" PRIx32 " == 0x%08" PRIx32
	              " meta l4proto udp @th,64,1 0 counter name released accept\n",
	              n->all, ~n->all, n->verdict, n->released, n->verdict, n->released);
}
