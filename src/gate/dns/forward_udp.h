/* forward_udp.h - datagrams to one server, from ports that change.
 *
 * What:    a few open ports, of which each batch of questions takes one by chance. A port is given up
 *          after FORWARD_PORT_USES questions or FORWARD_PORT_AGE_US, or at once when strangers knock:
 *          it stays open only for what is still expected there.
 * Owns:    its sockets; forward_udp_free() closes them, and the loop must run once more.
 * Source:  RFC 5452 s9.2. */
#pragma once

#include <uv.h>

#include "base/cleanup.h"
#include "gate/dns/upstream_message.h"
#include "net/udp_client.h"

enum {
	FORWARD_PORTS = 8,
	FORWARD_PORT_USES = 512,
	FORWARD_PORT_AGE_US = 30 * 1000000,
	FORWARD_STRANGERS_MAX = 16, /* packets on one port that answer nothing */
};

struct forward_udp;

struct forward_port {
	uint32_t channel; /* its number, never used twice at a time */
	/* below: private */
	uv_poll_t poll;
	int fd;
	uint32_t uses, live; /* questions sent, and those of them still waited for */
	uint32_t late;       /* answers that may still come though nobody waits for them */
	uint32_t strangers;
	int64_t opened_us;
	bool is_retired;
	struct forward_udp *of;
};

struct forward_udp_setup {
	uv_loop_t *loop;
	struct endpoint to;
	struct random_pool *random;
	struct udp_inbox *inbox; /* may be shared by all of one thread */
	uint32_t *next_channel;  /* likewise */
	void (*packet)(void *context, struct forward_port *port, struct view packet);
	/* Nobody listens there, says the other machine. */
	void (*refused)(void *context, struct forward_port *port);
	void *context;
};

int forward_udp_new(const struct forward_udp_setup *setup, struct forward_udp **ret) must_check;
void forward_udp_free(struct forward_udp *u);
DEFINE_CLEANUP(forward_udp, struct forward_udp *, forward_udp_free);

/* The port of the batch, on which the next question goes; NULL when none can be opened. */
struct forward_port *forward_udp_port(struct forward_udp *u, int64_t now_us);
/* Where its bytes are to be written. */
uint8_t *forward_udp_room(struct forward_udp *u);
/* They are: it is sent with the batch, at the latest by forward_udp_flush(). */
void forward_udp_add(struct forward_udp *u, size_t size);
void forward_udp_flush(struct forward_udp *u);

/* One question less is waited for; `was_answered` unless its answer may still come. */
void forward_port_release(struct forward_port *port, bool was_answered);
/* A packet came that answers nothing. True when it is one too many: the port is not to be trusted. */
bool forward_port_strange(struct forward_port *port);
