/* tcp.h - a TCP segment: its header, the options that matter, and what it carries.
 *
 * What:    pure functions. Options that are not known are skipped; what is wrong in an option ends the reading
 *          of options and is said by `has_bad_options`, since end hosts differ in what they do about it.
 * Borrows: views point into the segment.
 * Fails:   ERR_MALFORMED: shorter than its header. The checksum is tcp_is_sum_right()'s.
 * Source:  RFC 9293 s3.1, RFC 7323 (window scale, timestamps), RFC 2385 (MD5), RFC 5925 (AO). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/ip.h"

enum tcp_flag {
	TCP_FIN = 1 << 0,
	TCP_SYN = 1 << 1,
	TCP_RST = 1 << 2,
	TCP_PSH = 1 << 3,
	TCP_ACK = 1 << 4,
	TCP_URG = 1 << 5,
	TCP_ECE = 1 << 6,
	TCP_CWR = 1 << 7,
};

enum { TCP_HEADER_SIZE = 20, TCP_SCALE_MAX = 14 };

struct tcp_segment {
	uint16_t source_port, destination_port;
	uint32_t sequence, acknowledged;
	uint8_t flags; /* enum tcp_flag */
	uint16_t window;
	uint16_t urgent; /* as sent, whether TCP_URG is set or not */
	/* options */
	bool has_timestamp, has_scale, has_md5, has_ao, has_bad_options;
	uint8_t scale; /* at most TCP_SCALE_MAX */
	uint32_t timestamp, timestamp_echo;
	struct view payload;
};

int tcp_parse(struct view segment, struct tcp_segment *ret) must_check;
bool tcp_is_sum_right(const struct ip_packet *ip);

/* Sequence numbers run round: a is before b (RFC 9293 s3.4). */
static inline bool tcp_is_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}
