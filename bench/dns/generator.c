#include "generator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 64,
	ANSWER_SIZE_MAX = 2048,
	SWEEP_NS = 50000000,
	SOCKET_BUFFER = 4 << 20,
	RATE_BATCH = 4,
	ID_SLOT_BITS = 12, /* of an id: generation, then slot */
	RCODE_NXDOMAIN = 3,
	RCODE_REFUSED = 5,
};

struct slot {
	int64_t sent_ns;
	uint32_t query;
	uint16_t id;
	bool is_live;
};

struct client {
	int fd;
	unsigned next, outstanding;
	uint16_t generation;
	struct slot slots[GENERATOR_SLOTS];
};

struct generator {
	struct generator_setup setup;
	struct client clients[GENERATOR_SOCKETS];
	struct generator_counts counts;
	size_t query;
	int64_t started_ns, swept_ns;
	struct mmsghdr messages[BATCH];
	struct iovec bytes[BATCH];
	uint8_t packets[BATCH][ANSWER_SIZE_MAX];
	uint8_t control[BATCH][64] __attribute__((aligned(8)));
};

static int64_t ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

/* The kernel's time stamps are of the wall clock. */
static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return ns_of(&t);
}

static int client_open(struct client *c, const struct generator_setup *setup)
{
	int size = SOCKET_BUFFER, on = 1;
	c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (const struct sockaddr *)&setup->server, sizeof(setup->server)) < 0)
		return -errno;
	(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	(void)setsockopt(c->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (setup->is_timed && setsockopt(c->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0)
		return -errno;
	return OK;
}

int generator_new(const struct generator_setup *setup, struct generator **ret)
{
	struct generator *g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->setup = *setup;
	for (unsigned i = 0; i < BATCH; i++)
		g->messages[i].msg_hdr = (struct msghdr){.msg_iov = &g->bytes[i], .msg_iovlen = 1};
	for (unsigned i = 0; i < GENERATOR_SOCKETS; i++)
		g->clients[i].fd = -1;
	for (unsigned i = 0; i < GENERATOR_SOCKETS; i++) {
		int r = client_open(&g->clients[i], setup);
		if (r < 0) {
			generator_free(g);
			return r;
		}
	}
	*ret = g;
	return OK;
}

void generator_free(struct generator *g)
{
	for (unsigned i = 0; i < GENERATOR_SOCKETS; i++) {
		if (g->clients[i].fd >= 0)
			close(g->clients[i].fd);
	}
	free(g);
}

const struct generator_counts *generator_counts(const struct generator *g)
{
	return &g->counts;
}

static void judge(struct generator *g, const struct query_row *query, const uint8_t *answer,
                  size_t size)
{
	unsigned rcode = answer[3] & 15;
	g->counts.rcodes[rcode]++;
	if (query->is_listed)
		g->counts.leaked +=
			memmem(answer, size, g->setup.mark, GENERATOR_MARK_SIZE) != NULL;
	else
		g->counts.overblocked += rcode == RCODE_NXDOMAIN || rcode == RCODE_REFUSED;
}

static void take_answer(struct generator *g, struct client *c, unsigned i, int64_t at_ns)
{
	const uint8_t *answer = g->packets[i];
	size_t size = g->messages[i].msg_len;
	unsigned id = (unsigned)answer[0] << 8 | answer[1];
	struct slot *slot = &c->slots[id % GENERATOR_SLOTS];
	if (size < 12 || !(answer[2] & 0x80) || !slot->is_live || slot->id != id) {
		g->counts.late++;
		return;
	}
	slot->is_live = false;
	c->outstanding--;
	g->counts.answered++;
	if (slot->sent_ns - g->started_ns >= g->setup.warm_ns)
		histogram_add(&g->counts.latency, at_ns - slot->sent_ns);
	judge(g, &g->setup.queries->rows[slot->query], answer, size);
}

static int64_t received_ns(struct msghdr *h, int64_t otherwise_ns)
{
	struct timespec t;
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS)
		return otherwise_ns;
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	return ns_of(&t);
}

static void drain(struct generator *g, struct client *c)
{
	int count;
	do {
		for (unsigned i = 0; i < BATCH; i++) {
			struct msghdr *h = &g->messages[i].msg_hdr;
			g->bytes[i] = (struct iovec){g->packets[i], ANSWER_SIZE_MAX};
			h->msg_control = g->setup.is_timed ? g->control[i] : NULL;
			h->msg_controllen = g->setup.is_timed ? sizeof(g->control[i]) : 0;
		}
		count = recvmmsg(c->fd, g->messages, BATCH, MSG_DONTWAIT, NULL);
		int64_t at_ns = now_ns();
		for (int i = 0; i < count; i++)
			take_answer(g, c, (unsigned)i, received_ns(&g->messages[i].msg_hdr, at_ns));
	} while (count == BATCH);
}

/* Prepares the next query of the stream in place `i`; false when its slot still waits for an answer. */
static bool prepare(struct generator *g, struct client *c, unsigned i)
{
	struct slot *slot = &c->slots[c->next];
	if (slot->is_live)
		return false;
	const struct query_row *query = &g->setup.queries->rows[g->query];
	uint16_t id = (uint16_t)((unsigned)c->generation << ID_SLOT_BITS | c->next);
	*slot = (struct slot){now_ns(), (uint32_t)g->query, id, true};
	memcpy(g->packets[i], g->setup.queries->packets + query->at, query->size);
	g->packets[i][0] = (uint8_t)(id >> 8);
	g->packets[i][1] = (uint8_t)id;
	g->bytes[i] = (struct iovec){g->packets[i], query->size};
	g->messages[i].msg_hdr.msg_control = NULL;
	g->messages[i].msg_hdr.msg_controllen = 0;
	c->next = (c->next + 1) % GENERATOR_SLOTS;
	c->generation += c->next == 0;
	g->query = (g->query + 1) % g->setup.queries->count;
	return true;
}

/* Returns how many of `wanted` were sent. */
static unsigned fire(struct generator *g, struct client *c, unsigned wanted)
{
	unsigned count = 0, done = 0;
	while (count < wanted && count < BATCH && prepare(g, c, count))
		count++;
	while (done < count) {
		int r = sendmmsg(c->fd, g->messages + done, count - done, 0);
		/* the server may not be there, or the buffers may be full: these queries are lost */
		done += r > 0 ? (unsigned)r : errno != EINTR;
	}
	c->outstanding += count;
	g->counts.sent += count;
	return count;
}

static void sweep(struct generator *g, int64_t now, int64_t timeout_ns)
{
	g->swept_ns = now;
	for (unsigned i = 0; i < GENERATOR_SOCKETS; i++) {
		struct client *c = &g->clients[i];
		for (unsigned k = 0; c->outstanding && k < GENERATOR_SLOTS; k++) {
			if (!c->slots[k].is_live || now - c->slots[k].sent_ns < timeout_ns)
				continue;
			c->slots[k].is_live = false;
			c->outstanding--;
			g->counts.lost++;
		}
	}
}

static bool goes_on(struct generator *g, int64_t now)
{
	if (g->setup.is_once && g->counts.sent >= g->setup.queries->count)
		return false;
	return now - g->started_ns < g->setup.length_ns;
}

/* Waits for what is still under way. */
static void finish(struct generator *g, int64_t now)
{
	g->counts.spent_ns = now - g->started_ns;
	g->counts.answered_in_time = g->counts.answered;
	unsigned outstanding = 1;
	for (int64_t end = now + g->setup.timeout_ns; outstanding && now < end; now = now_ns()) {
		outstanding = 0;
		for (unsigned i = 0; i < GENERATOR_SOCKETS; i++) {
			drain(g, &g->clients[i]);
			outstanding += g->clients[i].outstanding;
		}
	}
	sweep(g, now, 0);
}

void generator_run_window(struct generator *g, unsigned window)
{
	unsigned share = (window + GENERATOR_SOCKETS - 1) / GENERATOR_SOCKETS;
	g->started_ns = g->swept_ns = now_ns();
	int64_t now = g->started_ns;
	for (; goes_on(g, now); now = now_ns()) {
		for (unsigned i = 0; i < GENERATOR_SOCKETS; i++) {
			struct client *c = &g->clients[i];
			if (c->outstanding)
				drain(g, c);
			if (c->outstanding < share)
				fire(g, c, share - c->outstanding);
		}
		if (now - g->swept_ns > SWEEP_NS)
			sweep(g, now, g->setup.timeout_ns);
	}
	finish(g, now);
}

void generator_run_rate(struct generator *g, unsigned a_second)
{
	int64_t step_ns = 1000000000 / a_second;
	unsigned turn = 0;
	g->started_ns = g->swept_ns = now_ns();
	int64_t now = g->started_ns, due_ns = now;
	for (; goes_on(g, now); now = now_ns()) {
		if (due_ns <= now) {
			int64_t behind = (now - due_ns) / step_ns + 1;
			unsigned wanted = behind < RATE_BATCH ? (unsigned)behind : RATE_BATCH;
			/* a client whose slots are all waiting sends nothing, and the clock goes on */
			(void)fire(g, &g->clients[turn], wanted);
			due_ns += wanted * step_ns;
			turn = (turn + 1) % GENERATOR_SOCKETS;
		}
		for (unsigned i = 0; i < GENERATOR_SOCKETS; i++) {
			if (g->clients[i].outstanding)
				drain(g, &g->clients[i]);
		}
		if (now - g->swept_ns > SWEEP_NS)
			sweep(g, now, g->setup.timeout_ns);
	}
	finish(g, now);
}
