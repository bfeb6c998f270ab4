/* event.h - one verdict worth keeping: as gates write it, and as the log keeps it.
 *
 * struct event_record is what a gate puts into the ring: fixed size, no pointers, indexes into the
 * policy that it decided by. The record role turns it into a struct event (texts, pseudonym) through
 * two callbacks, so this folder knows nothing of the policy's insides. A gate may be compromised:
 * event_record_is_valid() is asked of every record that leaves the ring.
 *
 * Threads: any; pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/err.h"
#include "record/entry.h"

enum event_gate {
	EVENT_GATE_DNS,
	EVENT_GATE_PACKET,
	EVENT_GATE_ICAP,
	EVENT_GATE_AUDIT,
	EVENT_GATE_SCAN,
	EVENT_GATES
};
extern const char *const event_gate_names[EVENT_GATES];
enum event_verdict { EVENT_OBSERVE, EVENT_BLOCK, EVENT_VERDICTS };
enum event_transport {
	EVENT_TRANSPORT_NONE,
	EVENT_TRANSPORT_UDP,
	EVENT_TRANSPORT_TCP,
	EVENT_TRANSPORT_TLS,
	EVENT_TRANSPORT_HTTPS,
	EVENT_TRANSPORT_QUIC,
	EVENT_TRANSPORT_HTTP, /* in the clear */
	EVENT_TRANSPORTS
};
enum event_family { EVENT_FAMILY_NONE = 0, EVENT_FAMILY_IP4 = 4, EVENT_FAMILY_IP6 = 6 };

#define EVENT_NONE     UINT32_MAX                  /* an index that points at nothing */
#define EVENT_TIME_MAX INT64_C(253402300799999999) /* the end of the year 9999 */
#define EVENT_SUM_MAX  INT64_C(9007199254740991)   /* of bytes, of time: what JSON keeps exactly */

enum { EVENT_NAME_SIZE = 256, EVENT_REFERENCE_SIZE = 9, EVENT_REFERENCE_KEY_SIZE = 16 };

struct event_record {
	int64_t time_us;
	uint64_t policy_version;
	uint64_t
		reference; /* 40 bits that a person can quote, event_reference(); 0: none was given out */
	int64_t bytes_up, bytes_down, duration_us; /* of a flow, with its headers; 0: unknown */
	uint32_t identifier, obligation, exemption, unit; /* indexes, or EVENT_NONE */
	uint16_t reason;                                  /* index into the gate's reasons */
	uint16_t qtype;                                   /* 0: not a DNS question */
	uint16_t destination_port;                        /* 0: none */
	uint8_t gate, verdict, transport;
	uint8_t family;             /* enum event_family */
	uint8_t destination_family; /* of a flow; none where there is none */
	uint8_t is_more;            /* 1: more of what was told before; it adds sums and no event */
	uint8_t name_size;          /* bytes of `name` used: an uncompressed DNS name, or 0 */
	uint8_t zero[3];
	uint8_t address[16];     /* of the client; 4 bytes used for IPv4, the rest zero */
	uint8_t destination[16]; /* likewise */
	uint8_t name[EVENT_NAME_SIZE];
};
_Static_assert(sizeof(struct event_record) == 368, "no padding: records are compared as bytes");

/* Enumerations, times, sums and the name are within bounds; unused bytes are zero. */
bool event_record_is_valid(const struct event_record *record);

/* Of a record's family and bytes; none for EVENT_FAMILY_NONE. */
struct address event_address(uint8_t family, const uint8_t bytes[static 16]);

/* The code for one client, identifier, unit and name. It is keyed (SipHash), because an open hash of
 * an address would undo its pseudonym; the key is drawn at each start. Never 0. */
uint64_t event_reference(const struct event_record *record,
                         const uint8_t key[static EVENT_REFERENCE_KEY_SIZE]);
/* Eight characters of RFC 4648 base32, e.g. "K7QM2XWA". Returns `text`. */
const char *event_reference_print(uint64_t reference, char text[static EVENT_REFERENCE_SIZE]);

/* NULL texts are absent. They live as long as the policy, or are put into the arena. */
struct event_texts {
	const char *order, *obligation, *product, *facet, *identifier, *exemption, *unit, *reason;
	const char *country, *network; /* of the destination */
};

struct event_names {
	/* Fills what is known of the record: what its indexes mean in the policy of that version, if it
	 * is still there, and where its destination is. */
	void (*resolve)(void *context, const struct event_record *record, struct arena *arena,
	                struct event_texts *ret);
	/* Gives the pseudonym of the record's client, hex; NULL when there is none. */
	const char *(*subject)(void *context, const struct event_record *record,
	                       struct arena *arena);
	void *context;
};

/* What an entry of kind event holds; every member has a row in event_fields[]. */
struct event {
	int64_t bytes_down, bytes_up;
	int64_t count; /* 0: only more of what was told before */
	const char *country, *destination;
	int64_t duration_us;
	const char *exemption, *facet;
	int64_t first_us;
	const char *gate, *identifier;
	int64_t last_us;
	const char *name, *network, *obligation, *order, *policy;
	int64_t port;
	const char *product, *reason, *reference, *subject;
	const char *transport, *type, *unit, *verdict;
};

/* Resolves a valid record that happened `count` times until `last_us`; texts in the arena or the
 * policy. Never fails: what cannot be resolved is absent; an arena that ran out says so itself. */
void event_resolve(const struct event_record *record, int64_t count, int64_t last_us,
                   const struct event_names *names, struct arena *arena, struct event *ret);
