/* ndb: pages of slots that say where the blob of each package lies. All numbers are little-endian. */
#include "base/reader.h"
#include "scan/rpm_database_private.h"

enum {
	HEAD_SIZE = 32,
	SLOT_SIZE = 16,
	BLOB_HEAD_SIZE = 16,
	BLOCK_SIZE = 16,
	PAGE_SIZE = 4096,
	VERSION = 0,
	SLOTS_MAX = 4 << 20,
};
#define MAGIC      0x506d7052u /* "RpmP" */
#define SLOT_MAGIC 0x746f6c53u /* "Slot" */
#define BLOB_MAGIC 0x53626c42u /* "BlbS" */

static uint32_t get(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static int read_blob(struct rpm_reading *r, uint32_t package, uint64_t at, uint64_t room)
{
	uint8_t head[BLOB_HEAD_SIZE];
	int code = byte_source_read(r->source, at, head, sizeof(head));
	if (code < 0)
		return code;
	uint32_t size = get(head + 12);
	if (get(head) != BLOB_MAGIC || get(head + 4) != package || room < sizeof(head) ||
	    size > room - sizeof(head))
		return ERR_MALFORMED;
	code = rpm_reading_add(r, at + sizeof(head), size);
	return code == OK ? rpm_reading_tell(r) : code;
}

/* One that has no blob is free. */
static int read_slot(struct rpm_reading *r, uint64_t at)
{
	uint8_t slot[SLOT_SIZE];
	int code = byte_source_read(r->source, at, slot, sizeof(slot));
	if (code < 0)
		return code;
	if (get(slot) != SLOT_MAGIC)
		return ERR_MALFORMED;
	uint32_t package = get(slot + 4), block = get(slot + 8), blocks = get(slot + 12);
	if (block == 0)
		return OK;
	return read_blob(r, package, (uint64_t)block * BLOCK_SIZE, (uint64_t)blocks * BLOCK_SIZE);
}

int rpm_ndb_read(struct rpm_reading *r)
{
	uint8_t head[HEAD_SIZE];
	int code = byte_source_read(r->source, 0, head, sizeof(head));
	if (code == ERR_TRUNCATED || (code == OK && get(head) != MAGIC))
		return ERR_INVALID;
	uint64_t pages = code == OK ? get(head + 12) : 0, end = pages * PAGE_SIZE;
	if (code == OK && (get(head + 4) != VERSION || pages == 0 || end > r->source->size ||
	                   end / SLOT_SIZE > SLOTS_MAX))
		return ERR_MALFORMED;
	for (uint64_t at = HEAD_SIZE; code == OK && at < end; at += SLOT_SIZE) {
		int own = read_slot(r, at);
		code = rpm_reading_ends(r, own) ? own : OK;
	}
	return code;
}
