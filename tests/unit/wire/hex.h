/* hex.h - bytes of a test, written as hexadecimal text. */
#pragma once

#include "base/view.h"
#include "tests/test.h"

static inline uint8_t hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);
	assert_true(c && at);
	return (uint8_t)(at - digits);
}

static inline struct view hex(const char *text, uint8_t *room, size_t size)
{
	size_t count = strlen(text) / 2;
	assert_true(count <= size);
	for (size_t i = 0; i < count; i++)
		room[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	return view_of(room, count);
}
