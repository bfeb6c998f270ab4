/* readings.h - every stream that some end host may read out of pieces that overlap.
 *
 *	struct reading_piece pieces[] = {{0, a}, {100, b}, {0, c}};
 *	struct readings r = {.pieces = pieces, .count = 3, .room = room, .room_size = sizeof(room), .limit = 256};
 *	int code = readings_visit(&r, judge_one, context);
 *
 * What:    a piece is bytes and their place in the stream: a TCP segment, a CRYPTO frame of QUIC. The stream is cut
 *          at all borders of pieces into cells; the bytes of each piece that covers a cell are a variant of it, and a
 *          reading is any choice of one variant for each cell from place 0 to the first that no piece covers. So it
 *          covers end hosts that keep the first bytes, the last ones or a mixture, and pieces that get lost behind
 *          us. Bytes that may be left out (TCP's urgent ones) have a variant of no bytes.
 * Cost:    one piece from 0 that nothing else touches is visited where it lies, with no copy. Pieces that only
 *          follow on each other, or repeat the same bytes, are copied once and are one reading.
 * Limits:  READING_PIECES_MAX pieces, READING_ABSENT_MAX bytes, `limit` readings, `room_size` bytes each, `work` bytes.
 * Fails:   ERR_LIMIT: there are more readings than `limit` or `work` (those visited are not all), more pieces, or a
 *          reading is larger than the room. ERR_DENIED: the visitor ended it.
 * Threads: any; pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { READING_PIECES_MAX = 128, READING_ABSENT_MAX = 16 };

struct reading_piece {
	uint32_t offset;
	struct view bytes;
};

enum reading_step {
	READING_MORE,   /* go on, with all that begins so */
	READING_ENOUGH, /* all that begins so is known: no need to see it */
	READING_END,    /* of everything: readings_visit() returns ERR_DENIED */
};

/* Called for each reading as far as its bytes go (`is_end`), and for what readings have in common before they
 * part. Equal beginnings are not visited twice, but readings of one content may be. */
typedef enum reading_step reading_visitor(void *context, struct view bytes, bool is_end);

struct readings {
	const struct reading_piece *pieces;
	unsigned count;
	uint32_t absent[READING_ABSENT_MAX]; /* places of bytes that may be left out */
	unsigned absent_count;
	uint8_t *room; /* where a reading is put together */
	size_t room_size;
	uint32_t limit;
	size_t *work; /* bytes that may still be visited beyond the first visit: counted down; NULL: any */
};

int readings_visit(const struct readings *r, reading_visitor *visit, void *context) must_check;
