#include "net/nfqueue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
/* clang-format off */
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
/* clang-format on */
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <sys/socket.h>

#include "net/nfqueue_verdicts.h"

enum {
	ROOM_BESIDE = 1024, /* what the kernel says of a packet beside its bytes: some 300 */
	REQUEST_SIZE = 512,
	STATE_LINE_SIZE = 128,
};

struct nfqueue {
	struct mnl_socket *socket;
	FILE *state; /* of all queues of this network */
	uint16_t number;
	uint32_t last_id; /* of the packet that came last: ids have no gaps but losses */
	struct nfqueue_counts counts;
	struct nfqueue_verdicts verdicts;
	size_t slot_size;
	unsigned used; /* of `in`: these headers were written over by the last receive */
	struct mmsghdr in[NFQUEUE_BATCH];
	struct iovec in_bytes[NFQUEUE_BATCH];
	uint8_t *slots;
};

static int send_request(struct nfqueue *q, const struct nlmsghdr *request)
{
	return mnl_socket_sendto(q->socket, request, request->nlmsg_len) < 0 ? -errno : OK;
}

/* The kernel answers before the request returns, and no packet comes yet. */
static int hear_answer(struct nfqueue *q)
{
	uint8_t bytes[REQUEST_SIZE * 2] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t size = mnl_socket_recvfrom(q->socket, bytes, sizeof(bytes));
	if (size < 0)
		return -errno;
	int r = mnl_cb_run(bytes, (size_t)size, 0, mnl_socket_get_portid(q->socket), NULL, NULL);
	return r < 0 ? -errno : OK;
}

static int bind_queue(struct nfqueue *q, const struct nfqueue_settings *s)
{
	char bytes[REQUEST_SIZE];
	uint32_t flags = NFQA_CFG_F_GSO | (s->is_open_when_full ? NFQA_CFG_F_FAIL_OPEN : 0);
	struct nlmsghdr *m = nfq_nlmsg_put(bytes, NFQNL_MSG_CONFIG, s->number);
	m->nlmsg_flags |= NLM_F_ACK;
	nfq_nlmsg_cfg_put_cmd(m, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_qmaxlen(m, s->length);
	mnl_attr_put_u32(m, NFQA_CFG_FLAGS, htonl(flags));
	mnl_attr_put_u32(m, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN));
	int code = send_request(q, m);
	return code < 0 ? code : hear_answer(q);
}

/* From here on packets come: nobody waits for an answer, which could come behind one. */
static int start_copying(struct nfqueue *q, const struct nfqueue_settings *s)
{
	char bytes[REQUEST_SIZE];
	struct nlmsghdr *m = nfq_nlmsg_put(bytes, NFQNL_MSG_CONFIG, s->number);
	nfq_nlmsg_cfg_put_params(m, NFQNL_COPY_PACKET, (int)s->copy_size);
	return send_request(q, m);
}

static int set_socket(struct nfqueue *q, const struct nfqueue_settings *s)
{
	int fd = nfqueue_fd(q), on = 1;
	int size = s->socket_buffer > INT32_MAX / 2 ? INT32_MAX / 2 : (int)s->socket_buffer;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		return -errno;
	/* After one loss that was told, a socket takes nothing more until all of it has been read. Losses are
	 * seen in the ids instead. */
	if (setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on)) < 0)
		return -errno;
	/* an error is told without what it is about */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return OK;
}

static int open_queue(struct nfqueue *q, const struct nfqueue_settings *s)
{
	q->number = s->number;
	q->slot_size = MNL_ALIGN(s->copy_size + ROOM_BESIDE);
	q->slots = malloc(NFQUEUE_BATCH * q->slot_size);
	if (!q->slots)
		return -ENOMEM;
	for (unsigned i = 0; i < NFQUEUE_BATCH; i++)
		q->in_bytes[i] = (struct iovec){q->slots + i * q->slot_size, q->slot_size};
	q->used = NFQUEUE_BATCH;
	q->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (!q->socket || mnl_socket_bind(q->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	q->state = fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	if (!q->state)
		return -errno;
	nfqueue_verdicts_init(&q->verdicts, s->number);
	int code = set_socket(q, s);
	if (code == OK)
		code = bind_queue(q, s);
	return code < 0 ? code : start_copying(q, s);
}

int nfqueue_open(const struct nfqueue_settings *settings, struct nfqueue **ret)
{
	cleanup(nfqueue) struct nfqueue *q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	int code = open_queue(q, settings);
	if (code == OK)
		*ret = take_ptr(q);
	return code;
}

void nfqueue_close(struct nfqueue *q)
{
	if (!q)
		return;
	if (q->socket)
		mnl_socket_close(q->socket);
	if (q->state)
		fclose(q->state);
	free(q->slots);
	free(q);
}

int nfqueue_fd(const struct nfqueue *q)
{
	return mnl_socket_get_fd(q->socket);
}

static uint32_t number_of(const struct nlattr *a)
{
	return a ? ntohl(mnl_attr_get_u32(a)) : 0;
}

static void read_hardware_address(const struct nlattr *a, struct nfqueue_packet *ret)
{
	if (!a)
		return;
	const struct nfqnl_msg_packet_hw *hw = mnl_attr_get_payload(a);
	size_t size = ntohs(hw->hw_addrlen);
	if (size <= sizeof(hw->hw_addr))
		ret->hardware_address = view_of(hw->hw_addr, size);
}

static bool read_packet(const struct nlmsghdr *m, struct nfqueue_packet *ret)
{
	struct nlattr *a[NFQA_MAX + 1] = {0};
	if (nfq_nlmsg_parse(m, a) < 0 || !a[NFQA_PACKET_HDR] ||
	    mnl_attr_get_payload_len(a[NFQA_PACKET_HDR]) < sizeof(struct nfqnl_msg_packet_hdr))
		return false;
	const struct nfqnl_msg_packet_hdr *header = mnl_attr_get_payload(a[NFQA_PACKET_HDR]);
	uint32_t about = number_of(a[NFQA_SKB_INFO]);
	*ret = (struct nfqueue_packet){.id = ntohl(header->packet_id),
	                               .hook = header->hook,
	                               .mark = number_of(a[NFQA_MARK]),
	                               .in_interface = number_of(a[NFQA_IFINDEX_INDEV]),
	                               .out_interface = number_of(a[NFQA_IFINDEX_OUTDEV]),
	                               .in_port = number_of(a[NFQA_IFINDEX_PHYSINDEV]),
	                               .checksum_is_open = about & NFQA_SKB_CSUMNOTREADY,
	                               .is_joined = about & NFQA_SKB_GSO};
	if (a[NFQA_PAYLOAD])
		ret->bytes = view_of(mnl_attr_get_payload(a[NFQA_PAYLOAD]),
		                     mnl_attr_get_payload_len(a[NFQA_PAYLOAD]));
	ret->size = a[NFQA_CAP_LEN] ? number_of(a[NFQA_CAP_LEN]) : (uint32_t)ret->bytes.size;
	read_hardware_address(a[NFQA_HWADDR], ret);
	return true;
}

static bool read_message(struct nfqueue *q, unsigned i, struct nfqueue_packet *ret)
{
	const struct nlmsghdr *m = q->in_bytes[i].iov_base;
	if (!mnl_nlmsg_ok(m, (int)q->in[i].msg_len))
		return false;
	if (m->nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
		return read_packet(m, ret);
	q->counts.refused += m->nlmsg_type == NLMSG_ERROR;
	return false;
}

static void count_packet(struct nfqueue *q, uint32_t id)
{
	/* wraps as ids do; the first packet of a new queue is 1 */
	uint32_t skipped = id - q->last_id - 1;
	if (skipped < INT32_MAX)
		q->counts.lost += skipped;
	q->last_id = id;
	q->counts.packets++;
}

static void reset_header(struct nfqueue *q, unsigned i)
{
	q->in[i].msg_hdr = (struct msghdr){.msg_iov = &q->in_bytes[i], .msg_iovlen = 1};
}

int nfqueue_receive(struct nfqueue *q, struct nfqueue_packet *packets, size_t max)
{
	for (unsigned i = 0; i < q->used; i++)
		reset_header(q, i);
	q->used = 0;
	unsigned room = max < NFQUEUE_BATCH ? (unsigned)max : NFQUEUE_BATCH;
	int count = recvmmsg(nfqueue_fd(q), q->in, room, MSG_DONTWAIT, NULL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -errno;
	q->used = (unsigned)count;
	int found = 0;
	for (unsigned i = 0; i < q->used; i++) {
		if (!read_message(q, i, &packets[found]))
			continue;
		count_packet(q, packets[found].id);
		found++;
	}
	q->counts.batches += found > 0;
	q->verdicts.waiting += (unsigned)found;
	return found;
}

void nfqueue_decide(struct nfqueue *q, uint32_t id, enum nfqueue_verdict verdict, uint32_t mark,
                    struct view bytes)
{
	struct nfqueue_decision d = {id, mark, (uint8_t)verdict};
	if (!nfqueue_verdicts_have_room(&q->verdicts, bytes.size) && nfqueue_flush(q) < 0) {
		/* the kernel takes none: the queue fills, and its rule holds */
		nfqueue_verdicts_clear(&q->verdicts);
		q->counts.refused++;
	}
	nfqueue_verdicts_add(&q->verdicts, &d, bytes);
}

int nfqueue_flush(struct nfqueue *q)
{
	unsigned messages;
	struct view bytes = nfqueue_verdicts_write(&q->verdicts, &messages);
	if (bytes.size == 0)
		return OK;
	ssize_t sent;
	do
		sent = mnl_socket_sendto(q->socket, bytes.bytes, bytes.size);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	q->counts.verdict_messages += messages;
	nfqueue_verdicts_clear(&q->verdicts);
	return OK;
}

const struct nfqueue_counts *nfqueue_counts(const struct nfqueue *q)
{
	return &q->counts;
}

int nfqueue_state(const struct nfqueue *q, struct nfqueue_state *ret)
{
	char line[STATE_LINE_SIZE];
	rewind(q->state);
	while (fgets(line, sizeof(line), q->state)) {
		unsigned number, port, waiting, mode, range, dropped;
		if (sscanf(line, "%u %u %u %u %u %u", &number, &port, &waiting, &mode, &range,
		           &dropped) != 6 ||
		    number != q->number)
			continue;
		*ret = (struct nfqueue_state){waiting, dropped};
		return OK;
	}
	return ERR_MISSING;
}
