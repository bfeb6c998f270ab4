#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scan/collected_meet.h"
#include "source/file.h"

enum { BLOCK_SIZE = 1 << 18 };
_Static_assert((int)BLOCK_SIZE >= (int)COLLECTED_PROBE_SIZE, "the first block tells the format");

struct reading {
	const struct collected_settings *settings;
	uint32_t source;
	struct findings_source coverage;
	crypto_hash_sha256_state digest;
};

static int on_item(void *context, const struct collected_item *item)
{
	const struct reading *r = context;
	return collected_meet(r->settings, r->source, item);
}

static int feed_all(struct reading *r, const struct collected_format *format, void *reader, int fd,
                    uint8_t *block, ssize_t size)
{
	int code = OK;
	while (code == OK && size > 0) {
		r->coverage.bytes += (uint64_t)size;
		(void)crypto_hash_sha256_update(&r->digest, block, (unsigned long long)size);
		code = format->feed(reader, view_of(block, (size_t)size));
		if (code == OK)
			size = file_fill(fd, block, BLOCK_SIZE);
	}
	if (code == OK && size < 0)
		return (int)size;
	if (code == OK) {
		(void)crypto_hash_sha256_final(&r->digest, r->coverage.sha256);
		r->coverage.has_sha256 = true;
		code = format->finish(reader);
	}
	return code;
}

/* What a broken file is: said of the source, which a result shows. */
static bool is_of_file(int code)
{
	return code == ERR_MALFORMED || code == ERR_TRUNCATED || code == ERR_LIMIT;
}

static int read_as(struct reading *r, const struct collected_format *format, int fd, uint8_t *block,
                   ssize_t size)
{
	void *reader = NULL;
	struct view first = view_of(block, (size_t)size);
	int code = format->open(first, on_item, r, &reader);
	if (code < 0)
		return code;
	code = feed_all(r, format, reader, fd, block, size);
	format->count(reader, &r->coverage.items, &r->coverage.not_understood);
	format->close(reader);
	r->coverage.format = view_text(format->name);
	if (code < 0)
		r->coverage.problem = view_text(err_text(code));
	int set = findings_set_source(r->settings->findings, r->source, &r->coverage);
	return is_of_file(code) || code == OK ? set : code;
}

int collected_read(const struct collected_settings *settings, const char *name, int fd,
                   const struct collected_format **ret_format)
{
	struct reading r = {.settings = settings, .coverage = findings_source_none()};
	cleanup(free) uint8_t *block = malloc(BLOCK_SIZE);
	if (!block)
		return -ENOMEM;
	ssize_t size = file_fill(fd, block, BLOCK_SIZE);
	if (size < 0)
		return (int)size;
	size_t first =
		(size_t)size < (size_t)COLLECTED_PROBE_SIZE ? (size_t)size : COLLECTED_PROBE_SIZE;
	const struct collected_format *format = collected_format_find(view_of(block, first));
	*ret_format = format;
	if (!format)
		return ERR_INVALID;
	r.coverage.name = view_text(name);
	r.coverage.format = view_text(format->name);
	int number = findings_add_source(settings->findings, &r.coverage);
	if (number < 0)
		return number;
	r.source = (uint32_t)number;
	size_t skipped = size >= 3 && memcmp(block, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	(void)crypto_hash_sha256_init(&r.digest);
	(void)crypto_hash_sha256_update(&r.digest, block, skipped);
	memmove(block, block + skipped, (size_t)size - skipped);
	r.coverage.bytes = skipped;
	return read_as(&r, format, fd, block, size - (ssize_t)skipped);
}
