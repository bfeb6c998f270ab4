/* fuzz_packet_core.c - the packet gate's core: packets of two strangers, one after the other.
 *
 * Input: one byte (bit 0: passive; bit 1: fail closed; bit 2: IPv6), then packets, each with a byte that says what
 * it is (0 to 2) and from whom (bit 7: the server):
 *   0  a packet as it is: two bytes with its size, and so many bytes
 *   1  a TCP segment of a connection: a byte with its flags, two with how far its sequence number is from the next,
 *      two with its size, its payload
 *   2  a UDP datagram: a byte that chooses the server's port, two with its size, its payload
 * Whatever it is: in passive mode nothing is touched, else what is sent is well-formed and comes with a dropped
 * packet, and events are valid. */
#include "base/reader.h"
#include "base/timestamp.h"
#include "gate/packet/core.h"
#include "tests/fuzz/check.h"
#include "tests/gate_packet/scene.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { RAW, SEGMENT, DATAGRAM, FROM_SERVER = 0x80, PACKETS_MAX = 64 };

static struct scene scene;
static uint32_t next_sequence[2]; /* of the client, of the server */
static uint8_t packet[4096];

static void on_event(void *context, const struct event_record *event, const struct flow_key *key,
                     const struct flow_claim *claim)
{
	(void)context, (void)key;
	CHECK(claim && event_record_is_valid(event));
	CHECK(scene.options.mode != PACKET_PASSIVE || event->verdict == EVENT_OBSERVE);
}

static void check_reply(const struct packet_reply *reply)
{
	struct ip_packet ip;
	struct tcp_segment tcp;
	struct udp_datagram udp;
	CHECK(ip_parse(reply->bytes, &ip) == OK && !ip.is_fragment);
	if (ip.protocol == IP_TCP)
		CHECK(tcp_is_sum_right(&ip) && tcp_parse(ip.payload, &tcp) == OK);
	else
		CHECK(ip.protocol == IP_UDP && udp_is_sum_right(&ip) &&
		      udp_parse(ip.payload, &udp) == OK);
}

static void take(struct view bytes)
{
	struct packet_decision d;
	struct flow_packet p = {
		.bytes = bytes, .now_us = scene.now.steady_us, .checksum_is_open = true};
	scene.now.steady_us += 50 * 1000;
	packet_core_take(scene.core, &p, &scene.now, &d);
	CHECK(d.reply_count <= PACKET_REPLIES_MAX);
	CHECK(d.reply_count == 0 || d.is_dropped);
	if (scene.options.mode == PACKET_PASSIVE)
		CHECK(!d.is_dropped && d.mark == PACKET_MARK_NONE);
	for (size_t i = 0; i < d.reply_count; i++)
		check_reply(&d.replies[i]);
}

static struct packet_ends ends_of(bool is_v6, bool is_client, uint16_t port)
{
	const char *client = is_v6 ? "2001:db8::1" : "192.0.2.1";
	const char *server = is_v6 ? "2001:db8::80" : "203.0.113.80";
	return (struct packet_ends){.source = fixture_address(is_client ? client : server),
	                            .destination = fixture_address(is_client ? server : client),
	                            .source_port = is_client ? 40000 : port,
	                            .destination_port = is_client ? port : 40000};
}

static struct view read_payload(struct reader *r)
{
	size_t size = read_u16(r);
	size_t left = r->failed ? 0 : reader_left(r);
	size = size < left ? size : left;
	return view_of(read_bytes(r, size), size);
}

static void take_segment(struct reader *r, bool is_v6, bool is_client)
{
	struct packet_tcp tcp = {.flags = read_u8(r), .window = 0xffff};
	tcp.sequence = next_sequence[!is_client] + (uint32_t)(int16_t)read_u16(r);
	tcp.acknowledged = next_sequence[is_client];
	struct view payload = read_payload(r);
	struct packet_ends ends = ends_of(is_v6, is_client, 80);
	size_t size = packet_build_tcp(&ends, &tcp, payload, packet, sizeof(packet));
	if (size)
		take(view_of(packet, size));
	next_sequence[!is_client] = tcp.sequence + (uint32_t)payload.size +
	                            !!(tcp.flags & TCP_SYN) + !!(tcp.flags & TCP_FIN);
}

static void take_datagram(struct reader *r, bool is_v6, bool is_client)
{
	static const uint16_t ports[] = {53, 443, 9999};
	uint16_t port = ports[read_u8(r) % (sizeof(ports) / sizeof(*ports))];
	struct packet_ends ends = ends_of(is_v6, is_client, port);
	size_t size = packet_build_udp(&ends, read_payload(r), packet, sizeof(packet));
	if (size)
		take(view_of(packet, size));
}

static void open_core(uint8_t flags)
{
	if (!scene.policy.header) {
		scene_open(&scene, "limits: {flows: 64, held: 64 KiB}", "enforce", NULL);
		packet_core_free(scene.core);
	}
	scene.options.mode = flags & 1 ? PACKET_PASSIVE : PACKET_ROUTED;
	scene.options.failure = flags & 2 ? PACKET_FAIL_CLOSED : PACKET_FAIL_OPEN;
	struct packet_core_setup setup = {.options = &scene.options,
	                                  .block = &scene.dns.block,
	                                  .cores = 1,
	                                  .policy = &scene.policy,
	                                  .stats = &scene.stats,
	                                  .watched = scene.watched,
	                                  .on_event = on_event,
	                                  .seed = 7};
	CHECK(packet_core_new(&setup, &scene.core) == OK);
	next_sequence[0] = 1000;
	next_sequence[1] = 0xfffffff0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct reader r = reader_open(bytes, size);
	uint8_t flags = read_u8(&r);
	open_core(flags);
	for (unsigned i = 0; i < PACKETS_MAX && !r.failed && reader_left(&r); i++) {
		uint8_t what = read_u8(&r);
		bool is_client = !(what & FROM_SERVER);
		switch ((what & ~FROM_SERVER) % 3) {
		case SEGMENT: take_segment(&r, flags & 4, is_client); break;
		case DATAGRAM: take_datagram(&r, flags & 4, is_client); break;
		default: take(read_payload(&r));
		}
	}
	packet_core_tick(scene.core, &scene.now);
	packet_core_free(scene.core);
	return 0;
}
