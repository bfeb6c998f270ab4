/* generator - a capture of mixed traffic of an organisation's border, the same in every run.
 *
 * usage: generator FILE MEGABYTES [FLOWS]
 * Flows of TLS (bulk down, some up), QUIC, HTTP with several requests a connection, DNS, and UDP that is none of these,
 * thousands at a time, in Ethernet, a fifth of them over IPv6. Sizes are drawn so that most flows are small and few carry
 * most bytes. Where FLOWS is given, that many short flows come first: to see what memory they take. One flow in 5,000
 * asks for www.deepseek.com. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tests/hellos.h"
#include "tests/quic_seal.h"
#include "tests/random.h"
#include "wire/inet_sum.h"
#include "wire/ip.h"

enum {
	ACTIVE = 4096,
	FRAME_MAX = 2048,
	ETHERNET = 14,
	SEGMENT = 1448,
	TCP_HEADER = 32, /* with timestamps */
	FIRST_SECOND = 1790000000,
};

enum kind { KIND_TLS, KIND_QUIC, KIND_HTTP, KIND_DNS, KIND_OTHER, KINDS };

struct flow {
	enum kind kind;
	bool is_v6;
	uint32_t client, server;
	uint16_t client_port, server_port;
	uint32_t step, left;               /* of data segments */
	uint32_t from_client, from_server; /* sequence numbers */
	uint32_t time[2];                  /* TCP's, of the last packet of client and server */
	bool is_up;
	uint64_t name;
};

static struct {
	FILE *out;
	uint64_t written, now_us, random, flows;
	uint8_t frame[FRAME_MAX];
	struct flow active[ACTIVE];
} g = {.now_us = UINT64_C(1000000) * FIRST_SECOND};

static uint8_t payload[FRAME_MAX];

/* --- frames --- */

static void put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void write_frame(size_t size)
{
	uint32_t record[4] = {(uint32_t)(g.now_us / 1000000), (uint32_t)(g.now_us % 1000000),
	                      (uint32_t)size, (uint32_t)size};
	if (fwrite(record, sizeof(record), 1, g.out) != 1 || fwrite(g.frame, size, 1, g.out) != 1) {
		perror("write");
		exit(EXIT_FAILURE);
	}
	g.written += sizeof(record) + size;
	g.now_us += 1 + random_below(&g.random, 12);
}

/* Writes the headers before the transport's, whose size with all behind it is `size`; returns where it begins. */
static uint8_t *begin(const struct flow *f, bool is_down, uint8_t protocol, size_t size)
{
	uint8_t *at = g.frame;
	memset(at, 0x02, 12);
	put16(at + 12, f->is_v6 ? 0x86dd : 0x0800);
	at += ETHERNET;
	if (f->is_v6) {
		memset(at, 0, 40);
		at[0] = 0x60;
		put16(at + 4, size);
		at[6] = protocol;
		at[7] = 60;
		for (int i = 0; i < 2; i++) {
			uint8_t *address = at + 8 + 16 * (i ^ is_down);
			put32(address, i ? 0x2a001450 : 0x20010db8);
			put32(address + 12, i ? f->server : f->client);
		}
		return at + 40;
	}
	memset(at, 0, 20);
	at[0] = 0x45;
	put16(at + 2, 20 + size);
	at[6] = 0x40;
	at[8] = 60;
	at[9] = protocol;
	put32(at + (is_down ? 16 : 12), 0x0a000000 | (f->client & 0xffffff));
	put32(at + (is_down ? 12 : 16), f->server);
	ip4_set_checksum(at, 20);
	return at + 20;
}

static void put_ports(const struct flow *f, bool is_down, uint8_t *at)
{
	put16(at, is_down ? f->server_port : f->client_port);
	put16(at + 2, is_down ? f->client_port : f->server_port);
}

/* Of what was put at `at`: programs may not read what has none, or a wrong one. `sum_at` is zero so far. */
static void put_sum(const struct flow *f, uint8_t protocol, uint8_t *at, size_t size,
                    uint8_t *sum_at)
{
	size_t addresses = f->is_v6 ? 32 : 8;
	struct ip_packet ip = {.addresses = view_of(at - addresses, addresses),
	                       .protocol = protocol,
	                       .payload = view_of(at, size)};
	uint16_t sum = (uint16_t)~inet_sum_fold(inet_sum_add(ip_pseudo_sum(&ip), at, size));
	if (sum == 0)
		sum = 0xffff; /* the same sum; UDP has no other */
	memcpy(sum_at, &sum, sizeof(sum));
}

static void tcp(struct flow *f, bool is_down, uint8_t flags, struct view data)
{
	uint8_t *at = begin(f, is_down, 6, TCP_HEADER + data.size);
	uint32_t *mine = is_down ? &f->from_server : &f->from_client;
	memset(at, 0, TCP_HEADER);
	put_ports(f, is_down, at);
	put32(at + 4, *mine);
	put32(at + 8, is_down ? f->from_client : f->from_server);
	at[12] = TCP_HEADER / 4 << 4;
	at[13] = flags;
	put16(at + 14, 0xffff);
	memcpy(at + 20, "\1\1\x08\x0a", 4);
	uint32_t now = (uint32_t)(g.now_us / 1000);
	put32(at + 24, now);
	put32(at + 28, flags & 0x10 ? f->time[!is_down] : 0);
	f->time[is_down] = now;
	memcpy(at + TCP_HEADER, data.bytes, data.size);
	put_sum(f, IP_TCP, at, TCP_HEADER + data.size, at + 16);
	*mine += (uint32_t)data.size + (flags & 3 ? 1 : 0); /* FIN, SYN */
	write_frame((size_t)(at - g.frame) + TCP_HEADER + data.size);
}

static void udp(struct flow *f, bool is_down, struct view data)
{
	uint8_t *at = begin(f, is_down, 17, 8 + data.size);
	put_ports(f, is_down, at);
	put16(at + 4, 8 + data.size);
	put16(at + 6, 0);
	memcpy(at + 8, data.bytes, data.size);
	put_sum(f, IP_UDP, at, 8 + data.size, at + 6);
	write_frame((size_t)(at - g.frame) + 8 + data.size);
}

static struct view noise(size_t size)
{
	return view_of(payload + random_below(&g.random, 64), size);
}

/* --- flows --- */

static const char *name_of(const struct flow *f, char text[64])
{
	if (f->name % 5000 == 0)
		return "www.deepseek.com";
	(void)snprintf(text, 64, "host-%llu.site-%llu.example", (unsigned long long)f->name % 97,
	               (unsigned long long)f->name % 20011);
	return text;
}

/* Few flows carry most: from 1 to some thousand segments. */
static uint32_t draw_size(void)
{
	uint32_t exponent = random_below(&g.random, 100);
	if (exponent < 60)
		return 2 + random_below(&g.random, 12);
	if (exponent < 93)
		return 10 + random_below(&g.random, 60);
	return 100 + random_below(&g.random, 1200);
}

static enum kind draw_kind(void)
{
	static const uint8_t shares[KINDS] = {
		[KIND_TLS] = 42, [KIND_QUIC] = 8, [KIND_HTTP] = 5, [KIND_DNS] = 38};
	uint32_t at = random_below(&g.random, 100);
	for (int kind = 0; kind < KIND_OTHER; kind++) {
		if (at < shares[kind])
			return (enum kind)kind;
		at -= shares[kind];
	}
	return KIND_OTHER;
}

static void start(struct flow *f)
{
	static const uint16_t ports[KINDS] = {443, 443, 80, 53, 27015};
	*f = (struct flow){.kind = draw_kind()};
	f->is_v6 = random_below(&g.random, 5) == 0;
	f->client = random_below(&g.random, 20000);
	f->server = 0x5b000000 + random_below(&g.random, 50000);
	f->client_port = (uint16_t)(1024 + random_below(&g.random, 64000));
	f->server_port = ports[f->kind];
	f->left = f->kind == KIND_DNS ? 0 : draw_size();
	f->from_client = (uint32_t)random_u64(&g.random);
	f->from_server = (uint32_t)random_u64(&g.random);
	f->is_up = random_below(&g.random, 12) == 0;
	f->name = g.flows++;
}

static void handshake(struct flow *f)
{
	if (f->step == 0)
		tcp(f, false, 2, view_of(NULL, 0));
	else if (f->step == 1)
		tcp(f, true, 0x12, view_of(NULL, 0));
	else
		tcp(f, false, 0x10, view_of(NULL, 0));
}

/* Data and, for every second segment, what acknowledges it; at last the end. True: it is over. */
static bool bulk(struct flow *f)
{
	if (f->left == 0) {
		tcp(f, false, 0x11, view_of(NULL, 0));
		tcp(f, true, 0x11, view_of(NULL, 0));
		return true;
	}
	f->left--;
	tcp(f, !f->is_up, 0x10, noise(f->left ? SEGMENT : 1 + random_below(&g.random, SEGMENT)));
	if (f->left % 2 == 0)
		tcp(f, f->is_up, 0x10, view_of(NULL, 0));
	return false;
}

static bool step_tls(struct flow *f)
{
	static uint8_t room[HELLO_ROOM], answer_room[HELLO_ROOM];
	char text[64];
	if (f->step < 3) {
		handshake(f);
		return false;
	}
	if (f->step == 3) {
		struct view hello = hello_write(name_of(f, text), f->name % 3 ? 1750 : 517, room);
		for (; hello.size; hello = view_skip(hello, SEGMENT))
			tcp(f, false, 0x18,
			    view_of(hello.bytes, hello.size < SEGMENT ? hello.size : SEGMENT));
		return false;
	}
	if (f->step == 4) {
		tcp(f, true, 0x18, hello_answer(false, answer_room));
		return false;
	}
	return bulk(f);
}

static bool step_http(struct flow *f)
{
	char text[64], request[512];
	if (f->step < 3) {
		handshake(f);
		return false;
	}
	/* a request, an answer of some segments, and again */
	if (f->step % 6 == 3 && f->left) {
		int size = snprintf(
			request, sizeof(request),
			"GET /page/%u HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
			"Accept: */*\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n",
			f->step, name_of(f, text));
		tcp(f, false, 0x18, view_of(request, (size_t)size));
		return false;
	}
	f->is_up = false;
	return bulk(f);
}

static struct view quic_hello(const struct flow *f, uint8_t *room, size_t room_size)
{
	static uint8_t hello_room[HELLO_ROOM], frames[FRAME_MAX];
	char text[64];
	uint8_t dcid[8];
	memcpy(dcid, &f->name, 4);
	memcpy(dcid + 4, &f->client, 4);
	struct view hello = view_skip(hello_write(name_of(f, text), 300, hello_room), 5);
	struct writer w = writer_open(frames, 1150);
	seal_crypto(&w, 0, hello);
	memset(w.at, 0, writer_left(&w));
	const struct seal s = {.version = 1,
	                       .dcid = view_of(dcid, 8),
	                       .side = QUIC_CLIENT,
	                       .number_size = 1,
	                       .frames = view_of(frames, 1150)};
	return seal_initial(&s, room, room_size);
}

static bool step_quic(struct flow *f)
{
	static uint8_t room[FRAME_MAX];
	if (f->step == 0) {
		udp(f, false, quic_hello(f, room, sizeof(room)));
	} else if (f->step == 1 || f->step == 2) {
		memcpy(room, payload,
		       1200); /* Handshake packets of the server, then of the client */
		memcpy(room,
		       "\xe0\0\0\0\1\0\x08"
		       "serverid\x44\x98",
		       17);
		udp(f, f->step == 1, view_of(room, f->step == 1 ? 1200 : 120));
	} else {
		struct view data = noise(f->left % 3 ? 1250 : 40);
		memcpy(room, data.bytes, data.size);
		room[0] = 0x40 | (room[0] & 0x3f);
		udp(f, (f->left % 3 != 0) != f->is_up, view_of(room, data.size));
		return f->left-- == 0;
	}
	return false;
}

static bool step_dns(struct flow *f)
{
	uint8_t message[300] = {(uint8_t)(f->name >> 8), (uint8_t)f->name, 1, 0, 0, 1};
	char text[64];
	size_t at = 12;
	for (const char *label = name_of(f, text); label;) {
		const char *dot = strchr(label, '.');
		size_t size = dot ? (size_t)(dot - label) : strlen(label);
		message[at++] = (uint8_t)size;
		memcpy(message + at, label, size);
		at += size;
		label = dot ? dot + 1 : NULL;
	}
	memcpy(message + at, "\0\0\1\0\1", 5);
	at += 5;
	if (f->step == 0) {
		udp(f, false, view_of(message, at));
		return false;
	}
	message[2] = 0x81;
	message[3] = 0x80;
	message[7] = 1;
	memcpy(message + at, "\xc0\x0c\0\1\0\1\0\0\1\0\0\4\x5b\0\0\1", 16);
	udp(f, true, view_of(message, at + 16));
	return true;
}

static bool step_other(struct flow *f)
{
	struct view data = noise(100 + random_below(&g.random, 400));
	udp(f, f->step % 2, data);
	return f->left-- == 0;
}

static bool step(struct flow *f)
{
	static bool (*const steps[KINDS])(struct flow *) = {step_tls, step_quic, step_http,
	                                                    step_dns, step_other};
	bool is_over = steps[f->kind](f);
	f->step++;
	return is_over;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: %s FILE MEGABYTES [FLOWS]\n", argv[0]);
		return EXIT_FAILURE;
	}
	cleanup(file) FILE *out = fopen(argv[1], "wbe");
	uint64_t size = strtoull(argv[2], NULL, 10) * 1000000;
	uint64_t short_flows = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	static const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};
	if (!out || fwrite(header, sizeof(header), 1, out) != 1) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	g.out = out;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)random_u64(&g.random);
	for (size_t i = 0; i < ACTIVE; i++)
		start(&g.active[i]);
	while (g.written < size) {
		struct flow *f = &g.active[random_below(&g.random, ACTIVE)];
		if (g.flows < short_flows)
			f->left = f->left > 2 ? 2 : f->left;
		if (step(f))
			start(f);
	}
	printf("%llu flows, %llu bytes\n", (unsigned long long)g.flows,
	       (unsigned long long)g.written);
	return EXIT_SUCCESS;
}
