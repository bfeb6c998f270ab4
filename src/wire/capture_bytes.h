/* capture_bytes.h - numbers in either byte order, at any address: capture files have their writer's order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t capture_u16(const uint8_t *at, bool is_swapped)
{
	uint16_t value;
	memcpy(&value, at, sizeof(value));
	return is_swapped ? __builtin_bswap16(value) : value;
}

static inline uint32_t capture_u32(const uint8_t *at, bool is_swapped)
{
	uint32_t value;
	memcpy(&value, at, sizeof(value));
	return is_swapped ? __builtin_bswap32(value) : value;
}

static inline uint64_t capture_u64(const uint8_t *at, bool is_swapped)
{
	uint64_t value;
	memcpy(&value, at, sizeof(value));
	return is_swapped ? __builtin_bswap64(value) : value;
}
