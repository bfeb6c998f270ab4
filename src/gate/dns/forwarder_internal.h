/* forwarder_internal.h - what the files of the forwarder share; nobody else includes it.
 *
 *	forwarder.c         its servers, its sockets and its turn of the loop
 *	forwarder_asked.c   a question under way: who is asked next, when, and how it ends
 *	forwarder_send.c    one packet to one server
 *	forwarder_heard.c   what servers say, and what it means for the question */
#pragma once

#include "base/timestamp.h"
#include "gate/dns/forward_stream.h"
#include "gate/dns/forward_udp.h"
#include "gate/dns/forwarder.h"
#include "gate/dns/upstream_ids.h"
#include "gate/dns/wheel.h"

enum { ATTEMPTS = 4 }; /* of one question, under way at a time */

struct server {
	struct forwarder *of;
	const struct upstream *is;
	struct forward_udp *udp;
	struct forward_stream *stream;
	int64_t no_edns_until_us, lower_until_us;
	unsigned case_strikes;
};

/* What may be counted of a server. */
enum forward_event { FORWARD_ASKED, FORWARD_ANSWERED, FORWARD_FAILED, FORWARD_LATE };

/* A packet under way. Its number is token * ATTEMPTS + its place. */
struct attempt {
	bool is_used, had_edns, is_lower;
	uint8_t place; /* in the group */
	uint16_t server;
	uint32_t channel;
	struct forward_port *port; /* NULL: by stream */
	int64_t sent_us;
};

struct asked {
	bool is_used;
	bool by_stream; /* UDP will not do */
	bool is_unchecked;
	uint16_t group, ede;
	uint8_t sent; /* packets so far */
	uint32_t tried,
		failed; /* places in the group: asked in this round or avoided, and of no use */
	uint32_t plain; /* places that do not take EDNS */
	uint32_t late;  /* places whose health has heard of it */
	int64_t until_us;
	struct attempt attempts[ATTEMPTS];
	struct upstream_question question;
};

struct forwarder {
	struct forwarder_setup setup;
	struct server *servers;
	struct health *health;         /* of each */
	struct forward_counts *counts; /* likewise, until `watched_until_us` */
	int64_t watched_until_us;
	struct asked *asked; /* by token */
	uint32_t asked_count;
	struct upstream_ids *ids;
	struct wheel *wheel;
	struct forward_tls *tls;
	struct udp_inbox *inbox;
	struct random_pool random;
	uint32_t next_channel;
	uv_timer_t *timer; /* runs while something is asked; both free themselves with the loop */
	uv_check_t *turn;
	uint8_t scrubbed[DNS_MESSAGE_SIZE_MAX];
};

static inline uint32_t forwarder_row(const struct forwarder *f, const struct asked *a,
                                     unsigned place)
{
	return (uint32_t)(a - f->asked) * ATTEMPTS + place;
}

/* `took_us` is that of an answer, else 0. */
void forwarder_count(struct forwarder *f, uint16_t server, enum forward_event event, int64_t now_us,
                     int64_t took_us);

/* Tells a reader of dnstap, if there is one: of the query that the attempt sends, or of what came of it. */
void forwarder_tell(const struct forwarder *f, const struct attempt *t, struct view query,
                    struct view answer);

/* forwarder_asked.c */

/* Asks the next server, or waits for those that were asked; with nobody left it is over. Never answers:
 * a question that cannot go on is over when its time comes, which is then at once. */
void forwarder_go_on(struct forwarder *f, struct asked *a, int64_t now_us);
/* Asks beside the others one of whom nothing was heard for long. */
void forwarder_probe(struct forwarder *f, struct asked *a, int64_t now_us);
/* The wheel says that its time has come. */
void forwarder_expired(struct forwarder *f, struct asked *a, int64_t now_us);
/* `was_answered` unless its answer may still come. */
void forwarder_attempt_end(struct forwarder *f, struct asked *a, struct attempt *t,
                           bool was_answered);
/* Without an answer. */
void forwarder_end(struct forwarder *f, struct asked *a);
void forwarder_answer(struct forwarder *f, struct asked *a, const struct upstream_answer *what);

/* forwarder_send.c */

/* Asks the server at that place of the group. ERR_LIMIT when the question has had its packets. */
int forwarder_send(struct forwarder *f, struct asked *a, unsigned place, int64_t now_us) must_check;
/* As that server is asked. */
void forwarder_question(const struct asked *a, const struct attempt *t,
                        struct upstream_question *ret);
bool forwarder_goes_by_stream(const struct asked *a, const struct server *s);

/* forwarder_heard.c: `context` is the struct server. */

void forwarder_udp_packet(void *context, struct forward_port *port, struct view packet);
void forwarder_udp_refused(void *context, struct forward_port *port);
void forwarder_stream_packet(void *context, struct forward_stream *stream, struct view packet);
void forwarder_stream_broken(void *context, struct forward_stream *stream, uint32_t channel,
                             int code);
