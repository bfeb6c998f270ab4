#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf16.h"
#include "scan/collected_meet.h"
#include "scan/wiped.h"
#include "source/file.h"

/* UTF-16 becomes half as long again at the most. */
enum { BLOCK_SIZE = 1 << 18, TEXT_SIZE = BLOCK_SIZE / 2 * 3 + 8 };
_Static_assert((int)BLOCK_SIZE >= (int)COLLECTED_PROBE_SIZE, "the first block tells the format");

struct reading {
	const struct collected_settings *settings;
	uint32_t source;
	struct findings_source coverage;
	crypto_hash_sha256_state digest;
	int fd;
	struct view first; /* block */
	bool is_told;      /* the format was given it */
	bool is_wide;      /* UTF-16: what is read is not what a format is given */
	struct utf16 utf16;
	char problem[FINDING_TEXT_MAX], why[EXPRESSION_WHY_SIZE];
	uint8_t bytes[BLOCK_SIZE], text[TEXT_SIZE];
};

static int on_item(void *context, const struct collected_item *item)
{
	const struct reading *r = context;
	return collected_meet(r->settings, r->source, item);
}

/* The next block as a format is given it: UTF-8 without a mark. Empty at the end. */
static int next(struct reading *r, struct view *ret)
{
	ssize_t size = file_fill(r->fd, r->bytes, sizeof(r->bytes));
	if (size < 0)
		return (int)size;
	struct view block = view_of(r->bytes, (size_t)size);
	bool is_first = r->coverage.bytes == 0;
	r->coverage.bytes += block.size;
	(void)crypto_hash_sha256_update(&r->digest, block.bytes, (unsigned long long)block.size);
	if (is_first)
		r->is_wide = utf16_begin(block, &r->utf16);
	if (is_first && view_starts_with(block, view_text("\xef\xbb\xbf")))
		block = view_skip(block, 3);
	if (r->is_wide)
		block = view_of(r->text, utf16_decode(&r->utf16, &block, r->text, sizeof(r->text)));
	*ret = block;
	return OK;
}

/* For the format: the block that told it is its first. */
static int on_next(void *context, struct view *ret)
{
	struct reading *r = context;
	int code = r->is_told ? next(r, ret) : OK;
	if (!r->is_told)
		*ret = r->first;
	r->is_told = true;
	if (code < 0 || ret->size)
		return code;
	(void)crypto_hash_sha256_final(&r->digest, r->coverage.sha256);
	r->coverage.has_sha256 = true;
	return OK;
}

/* What a broken file is: said of the source, which a result shows. */
static bool is_of_file(int code)
{
	return code == ERR_MALFORMED || code == ERR_TRUNCATED || code == ERR_LIMIT;
}

/* FILE:LINE:COLUMN: why, as far as the reader knows. */
static void set_problem(struct reading *r, const struct collected_count *count, int code)
{
	const char *why = count->why ? count->why : err_text(code);
	r->coverage.problem = view_text(why);
	if (count->line == 0)
		return;
	int size = snprintf(r->problem, sizeof(r->problem), VIEW_FMT ":%" PRIu64 ":%" PRIu64 ": %s",
	                    VIEW_ARG(r->coverage.name), count->line, count->column, why);
	if (size > 0 && (size_t)size < sizeof(r->problem))
		r->coverage.problem = view_text(r->problem);
}

/* Identifiers that nothing could be compared with, where nothing else was wrong. */
static void tell_expressions(struct reading *r)
{
	const struct scan_expressions *e = r->settings->expressions;
	if (e && r->coverage.problem.size == 0 && scan_expressions_why(e, r->why))
		r->coverage.problem = view_text(r->why);
}

static int read_as(struct reading *r, const struct collected_format *format)
{
	const struct collected_input in = {r->first, on_next, r};
	struct collected_count count = {0};
	int code = format->read(&in, on_item, r, &count);
	r->coverage.items = count.items;
	r->coverage.not_understood = count.not_understood;
	r->coverage.example = view_text(count.example);
	if (code < 0 || count.why)
		set_problem(r, &count, code);
	tell_expressions(r);
	int set = findings_set_source(r->settings->findings, r->source, &r->coverage);
	return is_of_file(code) || count.why || code == OK ? set : code;
}

static struct view cut_probe(struct view first)
{
	first.size = first.size < COLLECTED_PROBE_SIZE ? first.size : COLLECTED_PROBE_SIZE;
	return first;
}

static int read_any(struct reading *r, const char *name, const struct collected_format **ret_format)
{
	int code = next(r, &r->first);
	if (code < 0)
		return code;
	const struct collected_format *format = collected_format_find(cut_probe(r->first));
	*ret_format = format;
	if (!format)
		return ERR_INVALID;
	r->coverage.name = view_text(name);
	r->coverage.format = view_text(format->name);
	int number = findings_add_source(r->settings->findings, &r->coverage);
	if (number < 0)
		return number;
	r->source = (uint32_t)number;
	return read_as(r, format);
}

int collected_read(const struct collected_settings *settings, const char *name, int fd,
                   const struct collected_format **ret_format)
{
	struct reading *r = malloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->settings = settings;
	r->coverage = findings_source_none();
	r->fd = fd;
	(void)crypto_hash_sha256_init(&r->digest);
	r->is_told = false;
	wiped_begin();
	int code = read_any(r, name, ret_format);
	wiped_end();
	explicit_bzero(r, sizeof(*r));
	free(r);
	return code;
}
