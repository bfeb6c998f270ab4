/* quic_crypto.h - the bytes of CRYPTO frames, kept so that every reading of them can be had.
 *
 * What:    quic_crypto_add() keeps a frame's bytes for one of a few streams. What came before with the same
 *          borders and the same bytes is not kept twice; what came before with other borders costs a row
 *          only, for its borders matter to readings.h when other bytes come for the same place.
 *          When there is no more room, pieces that follow on each other are joined. That forgets their
 *          borders: other bytes for a place that is taken are a limit from then on.
 * Owns:    nothing: bytes and rows lie in the caller's room, rows from its end down.
 * Limits:  QUIC_CRYPTO_STREAM_MAX bytes a stream, READING_PIECES_MAX pieces a stream, the room.
 * Fails:   ERR_LIMIT, for each of these. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "flow/readings.h"

enum { QUIC_CRYPTO_STREAM_MAX = 16 * 1024, QUIC_CRYPTO_ROOM_MAX = 32 * 1024 };

struct quic_piece {
	uint16_t offset, size;
	uint16_t at; /* of its bytes in the room */
	uint8_t stream;
};

struct quic_crypto {
	uint8_t *room; /* aligned as a quic_piece is */
	uint16_t room_size, used, count;
	bool is_joined;
};

void quic_crypto_init(struct quic_crypto *c, void *room, size_t room_size);
/* `scratch` has at least the room's size. `*ret_new` is set to true when there is something new, else it is
 * left alone. `bytes` may lie in neither. */
int quic_crypto_add(struct quic_crypto *c, uint8_t *scratch, uint8_t stream, uint64_t offset,
                    struct view bytes, bool *ret_new) must_check;
/* Forgets a stream. */
void quic_crypto_drop(struct quic_crypto *c, uint8_t stream);
/* The stream's pieces, for readings_visit(); views into the room. Returns how many. */
unsigned quic_crypto_pieces(const struct quic_crypto *c, uint8_t stream,
                            struct reading_piece ret[READING_PIECES_MAX]);
