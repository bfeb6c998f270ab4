#include "audit/capture_file.h"

#include <errno.h>
#include <stdlib.h>

#include "audit/coverage.h"
#include "base/buffer.h"
#include "wire/pcap.h"
#include "wire/pcapng.h"

enum { SURE = 95, CARRY_FIRST = 4096 };

struct file {
	const struct audit_context *context;
	struct capture *capture;
	bool is_pcapng;
	bool is_open;    /* pcap: its header was read */
	bool is_seeking; /* for the place where packets go on */
	bool has_ended;  /* given up */
	uint64_t skip;   /* of a block that holds no packet */
	uint64_t damage; /* bytes without a packet */
	int64_t last_us;
	struct buffer carried; /* the beginning of what goes on in the next block */
	struct pcap pcap;
	struct pcapng pcapng;
};

/* --- opening --- */

int capture_pcap_probe(struct view first)
{
	struct pcap p;
	int r = pcap_open(first, &p);
	return r == OK || (r == ERR_TRUNCATED && pcap_is(first)) ? SURE : 0;
}

int capture_pcapng_probe(struct view first)
{
	return pcapng_is(first) ? SURE : 0;
}

static int open_file(const struct audit_context *context, bool is_pcapng, void **ret)
{
	struct file *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->context = context;
	f->is_pcapng = is_pcapng;
	f->is_open = is_pcapng;
	f->carried.size_max = AUDIT_ITEM_MAX + CARRY_FIRST;
	pcapng_open(&f->pcapng);
	int r = capture_new(context, &f->capture);
	if (r != OK) {
		capture_file_close(f);
		return r;
	}
	*ret = f;
	return OK;
}

int capture_pcap_open(const struct audit_context *context, struct view first, void **ret)
{
	(void)first;
	return open_file(context, false, ret);
}

int capture_pcapng_open(const struct audit_context *context, struct view first, void **ret)
{
	(void)first;
	return open_file(context, true, ret);
}

void capture_file_close(void *reader)
{
	struct file *f = reader;
	if (!f)
		return;
	capture_free(f->capture);
	buffer_done(&f->carried);
	free(f);
}

struct capture *capture_file_capture(void *reader)
{
	return ((struct file *)reader)->capture;
}

/* --- one item after the other --- */

static int open_pcap(struct file *f, struct view bytes, size_t *ret_size)
{
	int r = pcap_open(bytes, &f->pcap);
	if (r != OK)
		return r;
	f->is_open = true;
	*ret_size = PCAP_HEADER_SIZE;
	return OK;
}

/* OK: *ret_size bytes are done with, maybe more than there are. */
static int read_item(struct file *f, struct view bytes, size_t *ret_size)
{
	struct capture_packet packet = {0};
	*ret_size = 0;
	if (!f->is_open)
		return open_pcap(f, bytes, ret_size);
	int r = f->is_pcapng ? pcapng_next(&f->pcapng, bytes, &packet, ret_size)
	                     : pcap_next(&f->pcap, bytes, &packet, ret_size);
	if (r != OK || !packet.bytes.bytes)
		return r;
	f->last_us = packet.time_us;
	f->damage = 0;
	capture_take(f->capture, &packet);
	return OK;
}

static int find_next(struct file *f, struct view bytes, size_t *ret_skip)
{
	return f->is_pcapng ? pcapng_find(&f->pcapng, bytes, ret_skip)
	                    : pcap_find(&f->pcap, bytes, f->last_us, ret_skip);
}

static int give_up(struct file *f)
{
	f->has_ended = true;
	f->context->coverage->problem =
		view_text("damaged: a long part holds no packets, and the rest was not read");
	return ERR_MALFORMED;
}

static int seek(struct file *f, struct view *bytes)
{
	size_t skip;
	int r = find_next(f, *bytes, &skip);
	f->damage += skip;
	*bytes = view_skip(*bytes, skip);
	f->is_seeking = r != OK;
	return f->damage > CAPTURE_FILE_DAMAGE_MAX ? give_up(f) : r;
}

/* Something that cannot be: what is there is left out as far as its length is right, else it is looked for more. */
static int leave_out(struct file *f, struct view *bytes, size_t size)
{
	if (!f->is_open)
		return ERR_MALFORMED;
	coverage_not_understood(f->context,
	                        view_of(bytes->bytes, bytes->size < 16 ? bytes->size : 16));
	if (size == 0) {
		size = 1;
		f->is_seeking = true;
	}
	f->damage += size;
	*bytes = view_skip(*bytes, size);
	return f->damage > CAPTURE_FILE_DAMAGE_MAX ? give_up(f) : OK;
}

static void skip(struct file *f, struct view *bytes, size_t size)
{
	f->skip = size > bytes->size ? size - bytes->size : 0;
	*bytes = view_skip(*bytes, size);
}

/* One item, or some of what lies between. ERR_TRUNCATED: it goes on behind `bytes`. */
static int step(struct file *f, struct view *bytes)
{
	size_t size;
	if (f->is_seeking)
		return seek(f, bytes);
	int r = read_item(f, *bytes, &size);
	if (r == OK)
		skip(f, bytes, size);
	if (r == ERR_MALFORMED || r == ERR_VERSION)
		return leave_out(f, bytes, size);
	return r;
}

/* All that is whole in `bytes`, which is what is left of it afterwards. */
static int read_whole(struct file *f, struct view *bytes)
{
	int r = OK;
	while (r == OK && bytes->size)
		r = step(f, bytes);
	int flushed = capture_flush(f->capture);
	if (r == ERR_TRUNCATED || r == OK)
		r = flushed;
	return r;
}

/* --- what lies in two blocks --- */

static int set_carried(struct file *f, struct view rest)
{
	f->carried.size = 0;
	buffer_add_view(&f->carried, rest);
	return f->carried.failed ? -ENOMEM : OK;
}

/* Adds more and more of the block to what was carried until an item is whole; the rest of the block is read where it
 * lies. */
static int read_carried(struct file *f, struct view *block)
{
	size_t more = CARRY_FIRST;
	while (f->carried.size && block->size) {
		size_t part = more < block->size ? more : block->size;
		size_t before = f->carried.size;
		if (before + part > AUDIT_ITEM_MAX)
			part = before < AUDIT_ITEM_MAX ? AUDIT_ITEM_MAX - before : 1;
		if (part > block->size)
			part = block->size;
		buffer_add(&f->carried, block->bytes, part);
		if (f->carried.failed)
			return -ENOMEM;
		struct view bytes = buffer_view(&f->carried);
		int r = OK;
		while (r == OK && bytes.size > part)
			r = step(f, &bytes);
		int flushed = capture_flush(f->capture);
		if (r != OK && r != ERR_TRUNCATED)
			return r;
		if (flushed < 0)
			return flushed;
		if (bytes.size <= part) { /* what is left is all of the block */
			*block = view_skip(*block, part - bytes.size);
			f->carried.size = 0;
			return OK;
		}
		*block = view_skip(*block, part);
		memmove(f->carried.bytes, bytes.bytes, bytes.size);
		f->carried.size = bytes.size;
		more *= 2;
	}
	return OK;
}

static void use_skip(struct file *f, struct view *block)
{
	size_t part = f->skip < block->size ? (size_t)f->skip : block->size;
	f->skip -= part;
	*block = view_skip(*block, part);
}

int capture_file_read(void *reader, struct view block)
{
	struct file *f = reader;
	if (f->has_ended)
		return ERR_MALFORMED;
	use_skip(f, &block);
	int r = read_carried(f, &block);
	use_skip(f, &block);
	if (r != OK || block.size == 0)
		return r;
	r = read_whole(f, &block);
	return r == OK ? set_carried(f, block) : r;
}

/* What only began like a packet hides those behind it. */
static int read_rest(struct file *f)
{
	struct view rest = buffer_view(&f->carried);
	int r = OK;
	while (r == OK && rest.size) {
		r = step(f, &rest);
		if (r != ERR_TRUNCATED || !rest.size)
			continue;
		if (!f->is_seeking)
			coverage_not_understood(f->context, view_text("the last packet is cut"));
		f->is_seeking = true;
		rest = view_skip(rest, 1);
		r = OK;
	}
	int flushed = capture_flush(f->capture);
	return r == OK || r == ERR_TRUNCATED ? flushed : r;
}

int capture_file_finish(void *reader)
{
	struct file *f = reader;
	int r = f->has_ended ? OK : read_rest(f);
	if (r < 0)
		return r;
	return capture_finish(f->capture);
}
