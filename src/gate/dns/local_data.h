/* local_data.h - the administrator's own records, to be found by name.
 *
 * What:    sorted rows of one block. A name above a record exists too, without any record of its own.
 * Owns:    copies of what it is given.
 * Use:     local_data_add() for each, local_data_sort() once, then look up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "gate/dns/local_record.h"

/* All zero is an empty one. */
struct local_data {
	struct buffer rows; /* of struct local_row */
	struct buffer bytes;
};

struct local_row {
	struct dname owner;
	uint16_t type; /* 0: the name is there, no more */
	uint32_t ttl;
	uint32_t at, size; /* in `bytes` */
};

/* `origin` is the record's zone. Fails with the buffers. */
void local_data_add(struct local_data *d, const struct local_record *record,
                    const struct dname *origin);
/* -ENOMEM. */
int local_data_sort(struct local_data *d) must_check;
void local_data_done(struct local_data *d);

/* All rows of the name, in the order of their types; NULL when it does not exist. */
const struct local_row *local_data_find(const struct local_data *d, const struct dname *name,
                                        size_t *ret_count);
struct view local_data_of(const struct local_data *d, const struct local_row *row);
