/* role_setup.h - what a role is given before it begins: the first messages, collected and checked.
 *
 * Owns:    all of it, until role_setup_done() or a role has taken a part out.
 * Fails:   ERR_MALFORMED for anything but the protocol, ERR_MISSING when the parent is gone, or as what
 *          was being opened fails. */
#pragma once

#include "daemon/adopted.h"
#include "daemon/memory.h"
#include "daemon/options.h"
#include "daemon/places.h"
#include "daemon/protocol.h"
#include "gate/dns/cookie.h"
#include "gate/dns/transport.h"
#include "record/note.h"
#include "record/ring.h"

enum { SETUP_WORKERS_MAX = 512 }; /* of all gates: the record role hears them all */

struct role_worker {
	struct role_listener {
		int fd;
		enum dns_transport transport;
	} listeners[DNS_LISTEN_MAX];
	size_t listener_count;
	struct ring ring;
	uint8_t gate; /* enum event_gate: who writes into the ring */
	bool has_ring;
};

struct role_setup {
	struct arena arena;
	struct writ_options options;
	struct adopted policy;
	struct memory stats, lists;
	struct memory learned; /* none while there is no packet gate */
	struct memory places[PLACES_KINDS];
	struct memory certificates[DNS_TRANSPORTS];
	struct note_signer signer;
	bool has_signer;
	int query_log_fd; /* -1: none */
	uint8_t cookie_key[COOKIE_KEY_SIZE];
	int socket; /* of a role that serves something else than DNS; -1: none */
	struct role_worker *workers;
	size_t worker_count;
};

/* `produces`: the role puts events into the rings; else it takes them out. On failure *ret is empty. */
int role_setup_read(int parent, bool produces, struct role_setup *ret) must_check;
void role_setup_done(struct role_setup *s);
/* Whether there are workers, each with a ring and a page of that size for its counters. */
bool role_setup_has_workers(const struct role_setup *s, size_t page_size);

static inline void cleanup_role_setup(struct role_setup *s)
{
	role_setup_done(s);
}

/* Takes the database out of a MESSAGE_PLACES. */
int role_places_open(struct message *m, enum places_kind *ret_kind, struct memory *ret) must_check;
/* Takes the text out of a MESSAGE_CERTIFICATE. */
int role_certificate_open(struct message *m, enum dns_transport *ret_transport,
                          struct memory *ret) must_check;
/* Takes the image out of a MESSAGE_POLICY and opens it. */
int role_policy_open(struct message *m, struct adopted *ret) must_check;
/* Decides by the image of a MESSAGE_POLICY from here on, or keeps the old one, and tells the parent which. `swap` gives
 * a gate the image; the one before may go when it returns. As message_send() fails. */
int role_policy_adopt(int parent, struct role_setup *s, struct message *m,
                      int (*swap)(void *gate, const void *image, size_t size),
                      void *gate) must_check;
