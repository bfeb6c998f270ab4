#include "net/packet_capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum {
	BLOCK_SIZE = 1 << 20,
	BLOCKS_MIN = 2,
	BLOCKS_MAX = 4096,
	FRAME_SIZE = 2048, /* only divides; a packet takes what it needs */
	RETIRE_MS = 10,    /* after which a block that is not full is handed over */
};

struct packet_capture {
	int fd;
	uint8_t *memory;
	unsigned blocks, block; /* the one that is read */
	const uint8_t *next;    /* packet of it; NULL: the block was not begun */
	unsigned left;          /* packets of it */
	uint64_t dropped;
};

static int set_filter(int fd)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = {sizeof(program) / sizeof(program[0]), program};
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ? -errno
	                                                                                 : OK;
}

static int set_ring(struct packet_capture *c, size_t memory)
{
	size_t blocks = memory / BLOCK_SIZE;
	blocks = blocks < BLOCKS_MIN ? BLOCKS_MIN : blocks > BLOCKS_MAX ? BLOCKS_MAX : blocks;
	c->blocks = (unsigned)blocks;
	int version = TPACKET_V3;
	struct tpacket_req3 ring = {.tp_block_size = BLOCK_SIZE,
	                            .tp_block_nr = c->blocks,
	                            .tp_frame_size = FRAME_SIZE,
	                            .tp_frame_nr = c->blocks * (BLOCK_SIZE / FRAME_SIZE),
	                            .tp_retire_blk_tov = RETIRE_MS};
	if (setsockopt(c->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(c->fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) < 0)
		return -errno;
	void *at = mmap(NULL, blocks * BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	c->memory = at;
	return OK;
}

static int listen_on(int fd, unsigned interface)
{
	struct packet_mreq all = {.mr_ifindex = (int)interface, .mr_type = PACKET_MR_PROMISC};
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
	                         .sll_protocol = htons(ETH_P_ALL),
	                         .sll_ifindex = (int)interface};
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	return OK;
}

int packet_capture_open(const char *interface, size_t memory, struct packet_capture **ret)
{
	unsigned index = if_nametoindex(interface);
	if (index == 0)
		return -ENODEV;
	cleanup(packet_capture) struct packet_capture *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	/* protocol 0: nothing comes before all is set */
	c->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int code = c->fd < 0 ? -errno : set_filter(c->fd);
	if (code == OK)
		code = set_ring(c, memory);
	if (code == OK)
		code = listen_on(c->fd, index);
	if (code == OK)
		*ret = take_ptr(c);
	return code;
}

void packet_capture_close(struct packet_capture *c)
{
	if (!c)
		return;
	if (c->memory)
		munmap(c->memory, (size_t)c->blocks * BLOCK_SIZE);
	cleanup_fd(&c->fd);
	free(c);
}

int packet_capture_fd(const struct packet_capture *c)
{
	return c->fd;
}

static struct tpacket_block_desc *block_of(const struct packet_capture *c)
{
	void *at = c->memory + (size_t)c->block * BLOCK_SIZE;
	return at;
}

static void hand_back(struct packet_capture *c)
{
	__atomic_store_n(&block_of(c)->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	c->block = (c->block + 1) % c->blocks;
	c->next = NULL;
}

static bool begin(struct packet_capture *c)
{
	struct tpacket_block_desc *b = block_of(c);
	if (!(__atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return false;
	c->left = b->hdr.bh1.num_pkts;
	c->next = (const uint8_t *)b + b->hdr.bh1.offset_to_first_pkt;
	return true;
}

static void take(struct packet_capture *c, struct captured_packet *ret)
{
	const void *at = c->next;
	const struct tpacket3_hdr *h = at;
	*ret = (struct captured_packet){.bytes = view_of(c->next + h->tp_net, h->tp_snaplen),
	                                .size = h->tp_len,
	                                .at_us = (int64_t)h->tp_sec * 1000000 + h->tp_nsec / 1000,
	                                .checksum_is_open = h->tp_status & TP_STATUS_CSUMNOTREADY};
	c->next += h->tp_next_offset;
	c->left--;
}

size_t packet_capture_receive(struct packet_capture *c, struct captured_packet *packets, size_t max)
{
	/* what was given out last time is not in use any more */
	if (c->next && c->left == 0)
		hand_back(c);
	if (!c->next && !begin(c))
		return 0;
	size_t count = 0;
	while (count < max && c->left)
		take(c, &packets[count++]);
	return count;
}

uint64_t packet_capture_dropped(struct packet_capture *c)
{
	/* the kernel begins again at 0 with each look */
	struct tpacket_stats_v3 stats;
	socklen_t size = sizeof(stats);
	if (getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
		c->dropped += stats.tp_drops;
	return c->dropped;
}
