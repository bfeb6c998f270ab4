/* query_file.h - the queries of a workload, ready to be sent.
 *
 * What:    reads lines of "NAME TYPE allow|block" into packets with EDNS; `block` is what the list
 *          demands of the answer.
 * Owns:    all packets; query_file_done() frees them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { QUERY_PACKET_MAX = 512 };

struct query_row {
	uint32_t at; /* in `packets` */
	uint16_t size;
	bool is_listed;
};

struct query_file {
	uint8_t *packets;
	struct query_row *rows;
	size_t count;
};

/* -errno, ERR_MALFORMED for a line that is no query or a file without any, -ENOMEM. */
int query_file_read(const char *path, struct query_file *ret) must_check;
void query_file_done(struct query_file *f);
