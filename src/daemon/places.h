/* places.h - the country and the network of an address, by databases that the administrator has (MMDB).
 *
 * What:    the parent reads the files and keeps them as sealed memory (struct places_files); the record role
 *          opens that memory with libmaxminddb and asks it (struct places). So the files may be anywhere, and a
 *          reload exchanges them. Without a database nothing is known, and nothing is said.
 * Owns:    each struct what it opened, until its *_done().
 * Fails:   -errno; ERR_MALFORMED for a file that is no such database. */
#pragma once

#include <maxminddb.h>

#include "base/address.h"
#include "base/arena.h"
#include "daemon/memory.h"
#include "gate/packet/options.h"

enum places_kind { PLACES_COUNTRY, PLACES_NETWORK, PLACES_KINDS };
extern const char *const places_kind_names[PLACES_KINDS]; /* for people */

struct places_files {
	struct memory databases[PLACES_KINDS];
};

struct places_files places_files_none(void);
/* On failure ret_bad is the path. */
int places_files_read(const struct packet_places_options *o, struct places_files *ret,
                      const char **ret_bad) must_check;
int places_files_send(const struct places_files *f, int fd) must_check;
void places_files_done(struct places_files *f);

struct places {
	struct places_database {
		bool is_open;
		MMDB_s database;
		struct memory memory;
	} databases[PLACES_KINDS];
};

struct places places_none(void);
/* Takes the memory and asks it from here on; on failure the one before stays. */
int places_use(struct places *p, enum places_kind kind, struct memory *memory) must_check;
/* "CN", "AS64500 Example", in the arena; NULL where that is not known. */
const char *places_text(const struct places *p, enum places_kind kind,
                        const struct address *address, struct arena *arena);
void places_done(struct places *p);
