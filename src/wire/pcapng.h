/* pcapng.h - the blocks of a capture file as Wireshark writes it.
 *
 * What:    sections in either byte order, any number after each other; interfaces with their link types, clocks
 *          and offsets; enhanced, simple and old packet blocks. Other blocks (names, statistics, secrets,
 *          custom) are skipped by their length. Nothing is held between calls but the interfaces.
 * Borrows: packets point into the caller's bytes.
 * Fails:   ERR_TRUNCATED: more bytes may complete it; ERR_MALFORMED: a block cannot be there, or names no
 *          interface that is known. Then pcapng_find() looks for the place where blocks go on.
 * Limits:  PCAPNG_INTERFACES_MAX a section: packets of those beyond are malformed. CAPTURE_PACKET_SIZE_MAX, and
 *          as much again for the options of a packet; blocks that are skipped may have any length.
 * Source:  draft-ietf-opsawg-pcapng. */
#pragma once

#include "base/err.h"
#include "wire/capture_packet.h"

enum { PCAPNG_INTERFACES_MAX = 1024, PCAPNG_BLOCK_HEADER = 8, PCAPNG_PACKET_BLOCK_MAX = 1 << 19 };

struct pcapng_interface {
	int64_t offset_s; /* added to its times */
	uint32_t snap;    /* of each packet at most so much was captured; 0: all */
	uint16_t link;
	uint8_t resolution; /* if_tsresol */
};

struct pcapng {
	bool has_section, is_swapped;
	uint32_t interface_count; /* may be more than are known */
	struct pcapng_interface interfaces[PCAPNG_INTERFACES_MAX];
};

bool pcapng_is(struct view first);
void pcapng_open(struct pcapng *p);
/* Reads the block that `bytes` begin with. *ret_size is that of all of it, which may be more than is there for a
 * block that is skipped. `ret->bytes.bytes` is NULL: it holds no packet. A malformed block whose length is right says
 * it too (*ret_size is not 0), so that only it is lost. */
int pcapng_next(struct pcapng *p, struct view bytes, struct capture_packet *ret,
                size_t *ret_size) must_check;
/* How many bytes to leave out until a block of a kind that is known, whose two lengths are equal. OK, or
 * ERR_TRUNCATED: nothing in the first *ret_skip bytes, and what is behind is too short to tell. */
int pcapng_find(const struct pcapng *p, struct view bytes, size_t *ret_skip) must_check;
