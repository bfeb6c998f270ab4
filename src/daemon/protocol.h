/* protocol.h - what the parent and its roles say to each other, and who may say what.
 *
 * message_rules[] is the whole protocol: a message that breaks its row ends the conversation, and with it
 * the role. Bytes are texts, big-endian numbers, or nothing; whatever is large is a descriptor.
 *
 *	parent                                role
 *	settings, policy, listener..., ring..., stats, key or cookie key, query-log, certificate...,
 *	socket, learned, places...
 *	begin                              -> ready, or failed and exit
 *	query-log (again)
 *	certificate (again), places (again)
 *	policy (again)                     -> adopted, which says that the certificates are in use too
 *	checkpoint                         -> done
 *	notice                                (record writes it down)
 *	lists (again)                      -> offer, when newer ones are there
 *	settled                               (what became of the offer)
 *	refresh, accept                    -> done
 *	ask                                -> reply
 *	metrics                            <- scrape
 *	stop                               -> exit 0
 *
 * To add a message: a constant here, a row in protocol.c, a case in the role that hears it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/exit_status.h"
#include "net/message.h"

enum message_type {
	MESSAGE_SETTINGS,  /* descriptor: the printed settings, paths absolute */
	MESSAGE_POLICY,    /* descriptor: the image; u64 version */
	MESSAGE_LISTENER,  /* descriptor: a socket; u8 transport, u16 worker */
	MESSAGE_RING,      /* descriptors: memory, wake; u16 worker, u32 capacity, u8 gate */
	MESSAGE_STATS,     /* descriptor: shared counters */
	MESSAGE_KEY,       /* text: the private key that signs the log */
	MESSAGE_QUERY_LOG, /* descriptor: the file that lines go to; again when it was opened anew */
	MESSAGE_CERTIFICATE, /* descriptor: a certificate with its key (PEM); u8 transport */
	MESSAGE_BEGIN,       /* all is there: enter the sandbox, then work */
	MESSAGE_NOTICE,      /* a struct notice, to be written down */
	MESSAGE_CHECKPOINT,
	MESSAGE_LISTS, /* descriptor: lists to keep current (subscription.h) */
	MESSAGE_SETTLED, /* u8 exit status: taken; policy: held, and one sentence; else: offer it again later */
	MESSAGE_REFRESH, /* text: id of a list, or nothing for all */
	MESSAGE_ACCEPT,  /* text: id of a list */
	MESSAGE_STOP,    /* text: why, for the evidence log */
	MESSAGE_READY,
	MESSAGE_ADOPTED, /* u64 version */
	MESSAGE_DONE,    /* u8 exit status of what was asked, then perhaps one sentence */
	MESSAGE_OFFER,   /* newer lists are in the folder */
	MESSAGE_FAILED,  /* u8 exit status, then one sentence */
	MESSAGE_COOKIE_KEY,
	MESSAGE_ASK,    /* from the parent: u32 number, then a request as in control_request.h */
	MESSAGE_REPLY,  /* descriptor: the answer's JSON, sealed; u32 number of the question */
	MESSAGE_SOCKET, /* from the parent: descriptor: a bound socket that is no DNS gate's */
	MESSAGE_LEARNED, /* descriptor: shared memory for names that were given out (flow/learned.h) */
	MESSAGE_PLACES, /* descriptor: a database (MMDB), sealed; u8 what it tells; again at a reload */
	MESSAGE_SCRAPE,  /* from a role: asks for metrics */
	MESSAGE_METRICS, /* from the parent: descriptor: their text, sealed */
	MESSAGE_TYPES
};

struct message_rule {
	const char *name;
	bool from_role; /* else from the parent */
	uint32_t size_min, size_max;
	size_t fds;
};
extern const struct message_rule message_rules[MESSAGE_TYPES];

/* Whether it is a message that the other side may send. `from_role`: we are the parent. */
bool protocol_allows(const struct message *m, bool from_role);

/* A u8 then a u16, as in MESSAGE_LISTENER. */
struct listener_message {
	uint8_t transport; /* enum dns_transport */
	uint16_t worker;
};
struct ring_message {
	uint16_t worker;
	uint32_t capacity;
	uint8_t gate; /* enum event_gate: whose events */
};

enum notice_kind { NOTICE_START, NOTICE_STOP, NOTICE_CONFIGURATION, NOTICE_LOSS, NOTICE_KINDS };
enum { NOTICE_TEXT_MAX = 1000, STOP_TEXT_MAX = 200, LIST_ID_MAX = 64 };
/* Something that happened in the parent. Texts are views; which ones a kind has follows entry.h. */
struct notice {
	enum notice_kind kind;
	int64_t time_us;
	struct view
		subject; /* start, stop: the role; configuration: who changed it; loss: the gate */
	struct view
		detail; /* start: version of the program; stop, loss: why; configuration: summary */
	struct view policy; /* start: policy in force; configuration: the new policy */
	struct view
		previous; /* configuration: the policy before, or empty; loss: what became of them */
	/* loss: packets that were not judged */
	uint64_t count;
	int64_t since_us;
};

int protocol_send_listener(int fd, struct listener_message m, int socket) must_check;
int protocol_send_places(int fd, uint8_t kind, int memory) must_check;
int protocol_send_certificate(int fd, uint8_t transport, int memory) must_check;
int protocol_send_ring(int fd, struct ring_message m, int memory, int wake) must_check;
/* MESSAGE_POLICY has a descriptor, MESSAGE_ADOPTED none (-1). */
int protocol_send_version(int fd, enum message_type type, uint64_t version,
                          int descriptor) must_check;
int protocol_send_notice(int fd, const struct notice *n) must_check;
/* The text is cut to what fits. */
int protocol_send_status(int fd, enum message_type type, enum exit_status status,
                         const char *sentence) must_check;

int protocol_send_ask(int fd, uint32_t number, struct view request) must_check;
int protocol_send_reply(int fd, uint32_t number, int memory) must_check;

/* ERR_MALFORMED. Views point into the message. */
int protocol_read_listener(const struct message *m, struct listener_message *ret) must_check;
int protocol_read_places(const struct message *m, uint8_t *ret_kind) must_check;
int protocol_read_certificate(const struct message *m, uint8_t *ret_transport) must_check;
int protocol_read_ring(const struct message *m, struct ring_message *ret) must_check;
int protocol_read_version(const struct message *m, uint64_t *ret) must_check;
int protocol_read_notice(const struct message *m, struct notice *ret) must_check;
int protocol_read_status(const struct message *m, enum exit_status *ret_status,
                         struct view *ret_sentence) must_check;
int protocol_read_ask(const struct message *m, uint32_t *ret_number,
                      struct view *ret_request) must_check;
int protocol_read_reply(const struct message *m, uint32_t *ret_number) must_check;
