/* rpm_database_private.h - what the forms of rpm_database.h share. */
#pragma once

#include "base/buffer.h"
#include "scan/rpm_database.h"

struct rpm_reading {
	const struct byte_source *source;
	rpm_database_on *on;
	void *context;
	struct buffer header; /* the one that is put together */
	uint64_t budget;      /* bytes of headers that may still be read */
	uint64_t damaged;
};

/* Appends a piece of the file to the header. ERR_LIMIT, ERR_TRUNCATED, -errno. */
int rpm_reading_add(struct rpm_reading *r, uint64_t at, size_t size) must_check;
/* Hands it over, and begins a new one. */
int rpm_reading_tell(struct rpm_reading *r) must_check;
/* Whether a code ends the reading, and is not only of a damaged place, which is counted. */
bool rpm_reading_ends(struct rpm_reading *r, int code);

int rpm_ndb_read(struct rpm_reading *r) must_check;
int rpm_bdb_read(struct rpm_reading *r) must_check;
