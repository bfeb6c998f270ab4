#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_done(struct buffer *b)
{
	free(b->bytes);
	*b = (struct buffer){.size_max = b->size_max};
}

static bool grow(struct buffer *b, size_t size)
{
	if (size > SIZE_MAX / 4 || b->size > SIZE_MAX / 4)
		return false;
	size_t need = b->size + size;
	if (b->size_max && need > b->size_max)
		return false;
	if (need <= b->capacity)
		return true;
	size_t capacity = b->capacity ? b->capacity * 2 : 256;
	while (capacity < need)
		capacity *= 2;
	uint8_t *bytes = realloc(b->bytes, capacity);
	if (!bytes)
		return false;
	b->bytes = bytes;
	b->capacity = capacity;
	return true;
}

uint8_t *buffer_space(struct buffer *b, size_t size)
{
	if (b->failed || !grow(b, size)) {
		b->failed = true;
		return NULL;
	}
	uint8_t *at = b->bytes + b->size;
	b->size += size;
	return at;
}

void buffer_add(struct buffer *b, const void *bytes, size_t size)
{
	if (size == 0)
		return;
	uint8_t *at = buffer_space(b, size);
	if (at)
		memcpy(at, bytes, size);
}

void buffer_add_text(struct buffer *b, const char *text)
{
	buffer_add(b, text, strlen(text));
}

void buffer_add_number(struct buffer *b, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	buffer_add(b, digits + at, sizeof(digits) - at);
}

/* Written where there is room already, and only if that was too little once more. */
void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args, again;
	size_t room = b->failed ? 0 : b->capacity - b->size;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(room ? (char *)b->bytes + b->size : NULL, room, format, args);
	uint8_t *at = size < 0 ? NULL : buffer_space(b, (size_t)size + 1);
	if (at) {
		if ((size_t)size >= room)
			(void)vsnprintf((char *)at, (size_t)size + 1, format, again);
		b->size--;
	}
	va_end(again);
	va_end(args);
}

char *buffer_take(struct buffer *b)
{
	buffer_add(b, "", 1);
	char *text = b->failed ? NULL : (char *)b->bytes;
	if (text)
		*b = (struct buffer){.size_max = b->size_max};
	else
		buffer_done(b);
	return text;
}
