/* asked.h - requests of the control socket on their way to the role that answers them.
 *
 * What:    the parent sends a request on as it came and gives the role's reply to the client who asked. A
 *          role that is not there, ends, or takes longer than ASKED_WAIT_MS is an answer that says so.
 * Trust:   of a reply only its size is read here, from memory that its sender cannot change any more; the
 *          bytes go to the client as they are.
 * Limits:  ASKED_MAX at a time, ASKED_REPLY_MAX bytes a reply.
 * Threads: the loop's. */
#pragma once

#include <stdint.h>
#include <uv.h>

#include "base/view.h"
#include "daemon/role.h"
#include "net/message.h"

enum { ASKED_MAX = 16, ASKED_WAIT_MS = 30000, ASKED_REPLY_MAX = 64 << 20 };

struct parent;

struct asked {
	struct asked_row {
		uint32_t number; /* 0: free */
		enum role_id role;
		uint64_t client;
		int64_t until_us; /* monotonic */
	} rows[ASKED_MAX];
	uint32_t last_number;
	uv_timer_t timer; /* runs while somebody waits */
};

void asked_init(struct parent *p);
/* Answers the client now or later. */
void asked_send(struct parent *p, enum role_id role, uint64_t client, struct view request);
/* A MESSAGE_REPLY of that role. */
void asked_reply(struct parent *p, enum role_id role, struct message *m);
/* The role ended: nothing more comes of it. */
void asked_role_ended(struct parent *p, enum role_id role);
