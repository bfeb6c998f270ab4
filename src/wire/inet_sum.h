/* inet_sum.h - the ones' complement sum of the Internet protocols, over bytes as they lie in memory.
 *
 * Source: RFC 1071. Its result does not depend on byte order as long as it is stored as it was summed. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/view.h"

/* Adds the bytes to a sum under way; `size` of all parts but the last must be even. */
static inline uint64_t inet_sum_add(uint64_t sum, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint32_t word = 0;
	for (; size >= sizeof(word); size -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum += word;
	}
	word = 0;
	if (size)
		memcpy(&word, at, size);
	return sum + word;
}

/* The 16 bits that it comes to, not complemented. */
static inline uint16_t inet_sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
