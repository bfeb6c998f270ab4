/* nfqueue.h - packets that the kernel queues for a verdict (NFQUEUE).
 *
 * What:    one netlink socket bound to one queue. Packets come in batches, and verdicts go back in batches:
 *          they are collected until nfqueue_flush(). A packet may get its verdict later than packets after
 *          it.
 * Owns:    nfqueue_open() the socket and its buffers; views of packets live until the next
 *          nfqueue_receive(). Nothing else allocates.
 * Limits:  NFQUEUE_BATCH packets a call, NFQUEUE_VERDICTS verdicts until they are sent by themselves.
 * Needs:   CAP_NET_ADMIN, to open and for every verdict: the kernel asks each time.
 * Fails:   -errno; -EBUSY where another process has the queue, -EPERM without the capability.
 * Threads: one a queue.
 * Source:  linux/netfilter/nfnetlink_queue.h, libnetfilter_queue (nfq_nlmsg_*), libmnl. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"

enum { NFQUEUE_BATCH = 64, NFQUEUE_VERDICTS = 512 };

struct nfqueue_settings {
	uint16_t number;
	uint32_t length;        /* packets that may wait in the kernel */
	uint32_t copy_size;     /* of each packet, at most */
	size_t socket_buffer;   /* bytes */
	bool is_open_when_full; /* a full queue lets packets pass, else they are dropped */
};

struct nfqueue_packet {
	uint32_t id;
	uint8_t hook; /* NF_INET_* */
	uint32_t mark;
	uint32_t in_interface, out_interface; /* 0: none */
	uint32_t in_port;      /* of a bridge, through which it came; 0: it was not bridged */
	bool checksum_is_open; /* yet to be written, by a card or by the kernel */
	bool is_joined;        /* of several packets, and will be cut again: do not replace it */
	struct view bytes;     /* from the IP header on */
	uint32_t size;         /* of the packet, which may be more than `bytes` */
	struct view hardware_address; /* of who sent it; empty where the link has none */
};

enum nfqueue_verdict { NFQUEUE_DROP, NFQUEUE_ACCEPT, NFQUEUE_REPEAT };

struct nfqueue_counts {
	uint64_t packets, batches;
	uint64_t verdict_messages; /* what went back: one may speak for many packets */
	uint64_t lost; /* the socket's buffer was full: the kernel dropped, or let pass */
	uint64_t
		refused; /* messages of ours that the kernel did not take, as for want of capability */
};

struct nfqueue;

int nfqueue_open(const struct nfqueue_settings *settings, struct nfqueue **ret) must_check;
void nfqueue_close(struct nfqueue *q);
DEFINE_CLEANUP(nfqueue, struct nfqueue *, nfqueue_close);

/* To wait for with a loop; it never blocks. */
int nfqueue_fd(const struct nfqueue *q);
/* Takes what waits, at most `max` or NFQUEUE_BATCH. Returns how many, 0 when there is none now, or a negative
 * error; losses of the kernel are counted and are no error. What is not a packet is skipped. */
int nfqueue_receive(struct nfqueue *q, struct nfqueue_packet *packets, size_t max) must_check;
/* Collects a verdict. The packet has `mark` from here on, whole: what it had is in struct nfqueue_packet. With
 * bytes, which are copied and whose checksums must be right, they replace the packet. */
void nfqueue_decide(struct nfqueue *q, uint32_t id, enum nfqueue_verdict verdict, uint32_t mark,
                    struct view bytes);
/* Sends what is collected. After a failure it is still there. */
int nfqueue_flush(struct nfqueue *q) must_check;
const struct nfqueue_counts *nfqueue_counts(const struct nfqueue *q);

/* What the kernel says of the queue, which costs it a walk over all queues: ask a few times a second. */
struct nfqueue_state {
	uint32_t waiting; /* for their verdict */
	uint64_t dropped; /* because the queue was full; not counted with is_open_when_full */
};
int nfqueue_state(const struct nfqueue *q, struct nfqueue_state *ret) must_check;
