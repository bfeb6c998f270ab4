/* quic_initial.h - opens Initial packets: their keys come from a connection id that all can see.
 *
 * What:    quic_keys_derive() makes the keys of one side; quic_initial_open() removes the header's
 *          protection and decrypts. quic_retry_is_for() tells whose answer a Retry is.
 * Owns:    quic_opener_new() makes the contexts of libcrypto; nothing later allocates. Keys are plain bytes:
 *          one opener serves all connections.
 * Fails:   ERR_MALFORMED: not an Initial of a version that is known, or too short to be opened.
 *          ERR_SIGNATURE: not made with these keys, or its packet number is not the one that was tried;
 *          who is meant by it ignores it. ERR_LIMIT: larger than the room.
 * Threads: one an opener.
 * Source:  RFC 9001 s5, RFC 9369 s3.3, RFC 9000 s17.1 and A.3. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"
#include "wire/quic.h"

struct quic_opener;
int quic_opener_new(struct quic_opener **ret) must_check;
void quic_opener_free(struct quic_opener *o);
DEFINE_CLEANUP(quic_opener, struct quic_opener *, quic_opener_free);

enum quic_side { QUIC_CLIENT, QUIC_SERVER };
enum { QUIC_KEY_SIZE = 16, QUIC_IV_SIZE = 12 };
struct quic_keys {
	uint8_t key[QUIC_KEY_SIZE], iv[QUIC_IV_SIZE], header[QUIC_KEY_SIZE];
};

/* `dcid` is that of the client's first Initial, or of its first one after a Retry. */
int quic_keys_derive(uint32_t version, struct view dcid, enum quic_side side,
                     struct quic_keys *ret) must_check;

/* The packet number as it is sent: its last bytes. */
struct quic_number {
	uint32_t value;
	uint8_t size;  /* 1 to 4 */
	uint8_t first; /* the packet's first byte without its protection */
};
/* What the number is in full, for who expects `next` (one more than the largest so far, 0 at first). */
uint64_t quic_number_decode(struct quic_number number, uint64_t next);

int quic_number_read(struct quic_opener *o, const struct quic_keys *keys,
                     const struct quic_packet *p, struct quic_number *ret) must_check;
/* `number` is what quic_number_read() gave, `full` what it decodes to. `ret_frames` lies in the room. */
int quic_initial_open(struct quic_opener *o, const struct quic_keys *keys,
                      const struct quic_packet *p, struct quic_number number, uint64_t full,
                      uint8_t *room, size_t room_size, struct view *ret_frames) must_check;

/* Whether the Retry answers a client whose first Initial had this DCID. */
bool quic_retry_is_for(struct quic_opener *o, const struct quic_packet *retry, struct view dcid);
