/* nfqueue.h - packets that the kernel queues for a verdict (NFQUEUE).
 *
 * What:    one netlink socket bound to one queue. Packets come in batches, and verdicts go back in batches:
 *          they are collected until nfqueue_flush(). A packet may get its verdict later than packets after
 *          it.
 * Owns:    nfqueue_open() the socket and its buffers; views of packets live until the next
 *          nfqueue_receive(). Nothing else allocates.
 * Needs:   CAP_NET_ADMIN, to open and for every verdict: the kernel asks each time.
 * Threads: one a queue.
 * Source:  linux/netfilter/nfnetlink_queue.h, libnetfilter_queue (nfq_nlmsg_*), libmnl. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"

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
	bool checksum_is_open;                /* yet to be written, by a card or by the kernel */
	struct view bytes;                    /* from the IP header on */
	uint32_t size;                        /* of the packet, which may be more than `bytes` */
	struct view hardware_address;         /* of who sent it; empty where the link has none */
};

enum nfqueue_verdict { NFQUEUE_DROP, NFQUEUE_ACCEPT, NFQUEUE_REPEAT };

struct nfqueue_counts {
	uint64_t packets, batches;
	uint64_t lost; /* the socket's buffer was full: the kernel dropped, or let pass */
};

struct nfqueue;

int nfqueue_open(const struct nfqueue_settings *settings, struct nfqueue **ret) must_check;
void nfqueue_close(struct nfqueue *q);
DEFINE_CLEANUP(nfqueue, struct nfqueue *, nfqueue_close);

/* To wait for with a loop; it never blocks. */
int nfqueue_fd(const struct nfqueue *q);
/* Takes what waits, at most `max`. Returns how many, 0 when there is none now, or a negative error; losses
 * of the kernel are counted and are no error. What is not a packet is skipped. */
int nfqueue_receive(struct nfqueue *q, struct nfqueue_packet *packets, size_t max) must_check;
/* Collects a verdict; with bytes they replace the packet, with `mark` not 0 the packet gets this mark. */
void nfqueue_decide(struct nfqueue *q, uint32_t id, enum nfqueue_verdict verdict, uint32_t mark,
                    struct view bytes);
/* Sends what is collected. */
int nfqueue_flush(struct nfqueue *q) must_check;
const struct nfqueue_counts *nfqueue_counts(const struct nfqueue *q);
