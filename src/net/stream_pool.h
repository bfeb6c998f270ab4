/* stream_pool.h - what the connections of all servers of a thread may take together: places and bytes.
 *
 * What:    there are fewer places than the servers' own limits add up to where fewer files may be open.
 *          When a server or the pool has no place left, the connection that was silent for longest
 *          makes room for a new one, if that was for STREAM_SILENT_MIN_US: one that was just accepted has
 *          its chance to speak. Who waits for our answer is not silent. Bytes are what clients have not
 *          sent wholly (queries, bodies) and have not read; when there are too many, the
 *          connection that has had some for longest is closed. STREAM_BYTES_MIN of a connection weigh
 *          nothing: they are part of what one costs.
 * Limits:  STREAM_POOL_SERVERS_MAX servers, STREAM_BYTES_MAX bytes, and what one read brings above them.
 * Threads: one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STREAM_POOL_SERVERS_MAX = 4,
	STREAM_BYTES_MIN = 4 * 1024,
	STREAM_BYTES_MAX = 64 * 1024 * 1024,
	STREAM_SILENT_MIN_US = 200 * 1000,
};

struct connection;
struct stream_server;

/* Set `connections_max`, and leave the rest zero. Outlives its servers. */
struct stream_pool {
	uint32_t connections_max, connections;
	size_t bytes;
	struct connection *longest, *latest; /* of those with bytes that weigh */
	struct stream_server *servers[STREAM_POOL_SERVERS_MAX];
	unsigned server_count;
};

/* Whether there is a place for one more connection of the server, perhaps because another was closed. */
bool stream_pool_make_room(struct stream_server *s);
/* The connection has more or fewer bytes than before. */
void stream_pool_weigh(struct connection *c);
/* Closes connections until what is left is not too much. */
void stream_pool_relieve(struct stream_pool *pool);
