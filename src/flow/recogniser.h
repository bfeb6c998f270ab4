/* recogniser.h - from the bytes of one reading: which protocol it is, whom it asks for, and how far it is settled.
 *
 * What:    recogniser_hear() is given what a client said from some point of its conversation on. Each message in it
 *          that asks for somebody becomes a claim for each name in it.
 * To add a protocol: a function that matches and one that hears in a file hear_x.c, and one row in recognisers[].
 * Owns:    nothing. A claim's views live as long as the call.
 * Threads: any; pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flow/flow.h"
#include "wire/http2_request.h"
#include "wire/http_body.h"

enum conversation_stage {
	STAGE_START, /* any protocol may begin */
	STAGE_TLS,
	STAGE_HTTP_HEAD,
	STAGE_HTTP_BODY, /* .body */
	STAGE_HTTP_SCAN, /* where heads begin is not known */
	STAGE_DNS,
	STAGE_STARTTLS, /* .dialect */
};

/* Where in a conversation a reading begins. */
struct conversation {
	struct http_body body;
	uint8_t stage;
	uint8_t dialect; /* enum starttls_dialect */
	uint8_t hellos;  /* that are awaited besides the first: one after a HelloRetryRequest */
};

/* Where claims go. False: it is refused, and nothing more needs to be heard. */
struct ear {
	bool (*claim)(void *context, const struct flow_claim *claim);
	void *context;
	const struct flow_key *key;
	uint8_t *room; /* for messages that lie in many parts */
	size_t room_size;
	struct http2_room *heads;
};

struct heard {
	enum flow_protocol protocol;
	bool needs_answer;  /* bytes of the server, and not only that it has them: TLS */
	bool goes_on;       /* other requests may follow */
	bool is_cumulative; /* they can only be read together with all before them */
	bool is_optional;   /* it may go on for ever without asking for anybody */
	bool has_echo;      /* TLS: what a server repeats of it may look like a ServerHello */
	uint64_t
		end; /* from the reading's beginning: all up to there was judged. May be beyond its bytes */
	struct conversation next; /* from there on */
};

/* OK: everything said in whole was judged, and nothing is left in part (`ret` is set, protocol FLOW_UNKNOWN where it
 * is none that is known). ERR_TRUNCATED: the last message is there in part (so too, as far as the end of the one
 * before). ERR_DENIED: a claim was refused. ERR_LIMIT: a message has more names than are read. */
int recogniser_hear(const struct conversation *at, struct view bytes, const struct ear *ear,
                    struct heard *ret) must_check;
/* The same, for a message that will not be completed here: what its part says is claimed. Never ERR_TRUNCATED. */
int recogniser_hear_part(const struct conversation *at, struct view bytes,
                         const struct ear *ear) must_check;

/* Whether what a client sends may be the beginning of a request that names somebody: quick, and more often true than
 * it need be. For segments of connections of which the part before is not known. */
bool recogniser_may_begin(struct view bytes);

/* What a server says before its client did: whether the client may still ask for somebody by name. */
enum greeting { GREETING_PART, GREETING_KNOWN, GREETING_UNKNOWN };
/* GREETING_KNOWN: `ret` is where the conversation is, if that is another place than at first. */
enum greeting recogniser_greet(struct view from_server, struct conversation *ret);
