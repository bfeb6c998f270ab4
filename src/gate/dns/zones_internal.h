/* zones_internal.h - what the files of the zones share; nobody else includes it.
 *
 *	zones.c         making the table, and finding a zone in it
 *	zones_answer.c  what is answered from it
 *	zones_check.c   what an administrator is told about it */
#pragma once

#include "gate/dns/local_data.h"
#include "gate/dns/special.h"
#include "gate/dns/zones.h"

struct zone {
	struct dname name;
	enum zone_way way;
	bool is_forwarded;                  /* by the forwarder, or by the relay for the resolver */
	unsigned group;                     /* of its servers, where it is */
	const struct special_name *special; /* NULL: the administrator's */
};

struct zones {
	struct zone others; /* what holds where no zone does */
	struct zone *zones;
	size_t zone_count;
	struct zone **slots; /* by name */
	size_t mask;
	struct upstream *servers;
	size_t server_count;
	struct forward_group *groups;
	size_t group_count;
	struct local_data data;
};

const struct zone *zones_find(const struct zones *z, const struct dname *name);
