/* packets.h - IP packets for tests and benches, made from what a test wants to say. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "wire/inet_sum.h"
#include "wire/ip.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum { PACKET_ROOM = 65536 + 128 };

struct packet_text { /* what to write; zeros are defaults */
	bool is_v6, is_reply, has_bad_sum, has_md5, has_ip_options;
	uint8_t hops;                      /* 0: 64 */
	uint16_t client_port, server_port; /* 0: 40000 and 443 */
	uint32_t client;                   /* the last bits of the client's address */
	uint8_t flags;
	uint32_t sequence, acknowledged;
	uint16_t window; /* 0: 65535 */
	uint16_t urgent;
	bool has_timestamp, has_scale;
	uint8_t scale;
	uint32_t timestamp;
	struct view payload;
};

static inline void packet_put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void packet_put32(uint8_t *at, uint32_t value)
{
	packet_put16(at, value >> 16);
	packet_put16(at + 2, value);
}

/* Writes the IP header for `size` bytes behind it; returns its size. */
static inline size_t packet_write_ip(const struct packet_text *t, uint8_t protocol, size_t size,
                                     uint8_t *out)
{
	uint8_t client[16] = {0xfd, 0x10}, server[16] = {0xfd, 0x20, [15] = 1};
	packet_put32(client + 12, t->client + 1);
	uint8_t hops = t->hops ? t->hops : 64;
	if (t->is_v6) {
		memset(out, 0, 40);
		out[0] = 0x60;
		size_t extension = t->has_ip_options ? 8 : 0;
		packet_put16(out + 4, (uint32_t)(size + extension));
		out[6] = t->has_ip_options ? 60 : protocol;
		out[7] = hops;
		memcpy(out + 8, t->is_reply ? server : client, 16);
		memcpy(out + 24, t->is_reply ? client : server, 16);
		if (extension)
			memcpy(out + 40, (uint8_t[]){protocol, 0, 1, 4, 0, 0, 0, 0}, 8);
		return 40 + extension;
	}
	size_t header = t->has_ip_options ? 24 : 20;
	memset(out, 0, header);
	out[0] = (uint8_t)(0x40 | header / 4);
	packet_put16(out + 2, (uint32_t)(header + size));
	out[6] = 0x40; /* do not fragment */
	out[8] = hops;
	out[9] = protocol;
	uint8_t client4[4] = {10, client[13], client[14], client[15]}, server4[4] = {192, 0, 2, 1};
	memcpy(out + 12, t->is_reply ? server4 : client4, 4);
	memcpy(out + 16, t->is_reply ? client4 : server4, 4);
	if (t->has_ip_options)
		memset(out + 20, 1, 4);
	ip4_set_checksum(out, header);
	return header;
}

static inline void packet_set_sum(uint8_t *packet, size_t size, size_t sum_at)
{
	struct ip_packet ip;
	int r = ip_parse(view_of(packet, size), &ip);
	assert(r == OK);
	uint8_t *at = packet + ip.header_size + sum_at;
	memset(at, 0, 2);
	uint16_t sum = (uint16_t)~inet_sum_fold(
		inet_sum_add(ip_pseudo_sum(&ip), ip.payload.bytes, ip.payload.size));
	memcpy(at, &sum, sizeof(sum));
}

static inline void packet_put_ports(const struct packet_text *t, uint8_t *at)
{
	uint16_t client = t->client_port ? t->client_port : 40000;
	uint16_t server = t->server_port ? t->server_port : 443;
	packet_put16(at, t->is_reply ? server : client);
	packet_put16(at + 2, t->is_reply ? client : server);
}

/* Both return the whole packet, in `out`. */
static inline struct view packet_tcp(const struct packet_text *t, uint8_t out[static PACKET_ROOM])
{
	uint8_t options[40];
	size_t options_size = 0;
	if (t->has_timestamp) {
		memcpy(options, (uint8_t[]){1, 1, 8, 10}, 4);
		packet_put32(options + 4, t->timestamp);
		packet_put32(options + 8, 0);
		options_size += 12;
	}
	if (t->has_scale) {
		memcpy(options + options_size, (uint8_t[]){1, 3, 3, t->scale}, 4);
		options_size += 4;
	}
	if (t->has_md5) {
		memset(options + options_size, 1, 20);
		memcpy(options + options_size, (uint8_t[]){19, 18}, 2);
		options_size += 20;
	}
	size_t size = TCP_HEADER_SIZE + options_size + t->payload.size;
	size_t header = packet_write_ip(t, IP_TCP, size, out);
	uint8_t *at = out + header;
	packet_put_ports(t, at);
	packet_put32(at + 4, t->sequence);
	packet_put32(at + 8, t->acknowledged);
	at[12] = (uint8_t)((TCP_HEADER_SIZE + options_size) / 4 << 4);
	at[13] = t->flags;
	packet_put16(at + 14, t->window ? t->window : 65535);
	packet_put16(at + 16, 0);
	packet_put16(at + 18, t->urgent);
	memcpy(at + TCP_HEADER_SIZE, options, options_size);
	if (t->payload.size)
		memcpy(at + TCP_HEADER_SIZE + options_size, t->payload.bytes, t->payload.size);
	packet_set_sum(out, header + size, 16);
	if (t->has_bad_sum)
		at[16] ^= 0x55;
	return view_of(out, header + size);
}

static inline struct view packet_udp(const struct packet_text *t, uint8_t out[static PACKET_ROOM])
{
	size_t size = UDP_HEADER_SIZE + t->payload.size;
	size_t header = packet_write_ip(t, IP_UDP, size, out);
	uint8_t *at = out + header;
	packet_put_ports(t, at);
	packet_put16(at + 4, (uint32_t)size);
	packet_put16(at + 6, 0);
	if (t->payload.size)
		memcpy(at + UDP_HEADER_SIZE, t->payload.bytes, t->payload.size);
	packet_set_sum(out, header + size, 6);
	if (t->has_bad_sum)
		at[6] ^= 0x55;
	return view_of(out, header + size);
}
