/* A gate of one rule, for tests of what is between the kernel and the gate: what a client writes says what is
 * to become of its connection. One command a run; it speaks lines on standard output.
 *
 *	judge FIRST COUNT LENGTH open|closed   judges, and says a line for each packet, until it is ended
 *	apply MODE FAILURE FIRST COUNT [INTERFACE...]   puts the rules into the kernel
 *	remove
 *	ends                                   says a line for each connection that was counted and ended
 *	capture INTERFACE                      says a line for each packet
 *	send MARK PACKET [PORT ADDRESS]        in hexadecimal but the port, of a bridge */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/packet_rules.h"
#include "gate/packet/mark.h"
#include "gate/packet/rules.h"
#include "net/conntrack.h"
#include "net/nfqueue.h"
#include "net/packet_capture.h"
#include "net/packet_send.h"

enum { MASK = (int)0xf0000000, QUEUES_MAX = 8 };

static const struct word {
	const char *text;
	enum nfqueue_verdict verdict;
	enum packet_mark mark;
} words[] = {
	{"please release", NFQUEUE_ACCEPT, PACKET_MARK_RELEASED},
	{"please refuse", NFQUEUE_ACCEPT, PACKET_MARK_REFUSED},
	{"please watch", NFQUEUE_ACCEPT, PACKET_MARK_WATCHED},
	{"please hear both", NFQUEUE_ACCEPT, PACKET_MARK_OPEN}, /* of a watched connection */
	{"please count", NFQUEUE_ACCEPT, PACKET_MARK_RELEASED | PACKET_MARK_COUNTED},
	{"please drop", NFQUEUE_DROP, PACKET_MARK_NONE},
};
static const struct word nothing = {"", NFQUEUE_ACCEPT, PACKET_MARK_NONE};

static const struct word *word_of(struct view packet)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (memmem(packet.bytes, packet.size, words[i].text, strlen(words[i].text)))
			return &words[i];
	}
	return &nothing;
}

static void say(unsigned queue, const struct nfqueue_packet *p, const struct word *w)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
	bool is_v6 = p->bytes.bytes[0] >> 4 == 6;
	const uint8_t *ip = p->bytes.bytes, *ports = ip + (is_v6 ? 40 : (ip[0] & 15) * 4);
	inet_ntop(is_v6 ? AF_INET6 : AF_INET, ip + (is_v6 ? 8 : 12), from, sizeof(from));
	inet_ntop(is_v6 ? AF_INET6 : AF_INET, ip + (is_v6 ? 24 : 16), to, sizeof(to));
	printf("queue=%u hook=%u protocol=%u from=%s to=%s sport=%u dport=%u size=%u mark=%x in=%u "
	       "out=%u port=%u hardware=%zu open=%d joined=%d word=\"%s\"\n",
	       queue, p->hook, is_v6 ? ip[6] : ip[9], from, to, ports[0] << 8 | ports[1],
	       ports[2] << 8 | ports[3], p->size, p->mark, p->in_interface, p->out_interface,
	       p->in_port, p->hardware_address.size, p->checksum_is_open, p->is_joined, w->text);
}

static unsigned source_port(const struct nfqueue_packet *p)
{
	const uint8_t *ip = p->bytes.bytes, *ports = ip + (ip[0] >> 4 == 6 ? 40 : (ip[0] & 15) * 4);
	return (unsigned)ports[0] << 8 | ports[1];
}

/* A connection is watched until it wants otherwise, as the gate's are. */
static enum packet_mark mark_of(const struct nfqueue_packet *p, const struct word *w)
{
	static bool is_watched[65536];
	bool *watched = &is_watched[source_port(p)];
	if (w != &nothing)
		*watched = w->mark == PACKET_MARK_WATCHED;
	return *watched ? PACKET_MARK_WATCHED : w->mark;
}

static void judge_one(struct nfqueue *q, unsigned queue, const struct nfqueue_packet *p)
{
	const struct word *w = word_of(p->bytes);
	say(queue, p, w);
	/* UDP over IPv4 may have no checksum: the easiest packet to write anew */
	static uint8_t anew[2048];
	uint8_t *at = NULL;
	struct view bytes = {0};
	if (p->bytes.size <= sizeof(anew) && p->bytes.bytes[9] == 17) {
		memcpy(anew, p->bytes.bytes, p->bytes.size);
		at = memmem(anew, p->bytes.size, "please replace", 14);
	}
	if (at) {
		memcpy(at, "it is replaced", 14);
		anew[26] = anew[27] = 0;
		bytes = view_of(anew, p->bytes.size);
	}
	nfqueue_decide(q, p->id, w->verdict, packet_mark_put(MASK, p->mark, mark_of(p, w)), bytes);
}

static int judge_some(struct nfqueue *q, unsigned queue)
{
	struct nfqueue_packet packets[NFQUEUE_BATCH];
	int count = nfqueue_receive(q, packets, NFQUEUE_BATCH);
	for (int i = 0; i < count; i++)
		judge_one(q, queue, &packets[i]);
	int code = nfqueue_flush(q);
	return count < 0 ? count : code;
}

static volatile sig_atomic_t is_over;

static void on_signal(int number)
{
	(void)number;
	is_over = 1;
}

static int judge(char **arguments)
{
	struct nfqueue *queues[QUEUES_MAX];
	struct pollfd fds[QUEUES_MAX];
	unsigned first = (unsigned)atoi(arguments[0]), count = (unsigned)atoi(arguments[1]);
	for (unsigned i = 0; i < count && i < QUEUES_MAX; i++) {
		struct nfqueue_settings s = {.number = (uint16_t)(first + i),
		                             .length = (uint32_t)atoi(arguments[2]),
		                             .copy_size = 0xffff,
		                             .socket_buffer = 1 << 22,
		                             .is_open_when_full =
		                                     strcmp(arguments[3], "open") == 0};
		int code = nfqueue_open(&s, &queues[i]);
		if (code < 0) {
			printf("error=%s\n", err_text(code));
			return 1;
		}
		fds[i] = (struct pollfd){nfqueue_fd(queues[i]), POLLIN, 0};
	}
	puts("ready");
	while (!is_over) {
		poll(fds, count, 1000);
		for (unsigned i = 0; i < count; i++) {
			int code = judge_some(queues[i], first + i);
			if (code < 0)
				printf("error=%s\n", err_text(code));
		}
	}
	for (unsigned i = 0; i < count; i++) {
		const struct nfqueue_counts *c = nfqueue_counts(queues[i]);
		struct nfqueue_state state = {0};
		int code = nfqueue_state(queues[i], &state);
		printf("end queue=%u packets=%llu batches=%llu messages=%llu lost=%llu refused=%llu "
		       "waiting=%u dropped=%llu state=%d\n",
		       first + i, (unsigned long long)c->packets, (unsigned long long)c->batches,
		       (unsigned long long)c->verdict_messages, (unsigned long long)c->lost,
		       (unsigned long long)c->refused, state.waiting,
		       (unsigned long long)state.dropped, code);
		nfqueue_close(queues[i]);
	}
	return 0;
}

static int choice(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	abort();
}

static int say_result(int code, const char *why)
{
	printf("code=%d%s%s\n", code, code < 0 ? " why=" : "", code < 0 ? why : "");
	return code < 0;
}

static int apply(char **arguments)
{
	size_t interfaces = 0;
	while (arguments[4 + interfaces])
		interfaces++;
	struct packet_options o = {.mode = choice(packet_mode_names, arguments[0]),
	                           .failure = choice(packet_failure_names, arguments[1]),
	                           .first_queue = atoi(arguments[2]),
	                           .mark = MASK,
	                           .accounting = true,
	                           .interfaces = {.items = arguments + 4, .count = interfaces}};
	struct packet_rules r = {.options = &o, .queues = (unsigned)atoi(arguments[3])};
	char why[PACKET_RULES_WHY_SIZE];
	int code = packet_rules_apply(&r, why);
	return say_result(code, why);
}

static int remove_rules(char **arguments)
{
	(void)arguments;
	struct packet_rules r = {.switched = 15};
	char why[PACKET_RULES_WHY_SIZE];
	int code = packet_rules_remove(&r, why);
	return say_result(code, why);
}

static const char *text_of(const struct address *a)
{
	static char texts[2][ADDRESS_TEXT_SIZE];
	static unsigned at;
	return address_print(a, texts[at++ % 2]);
}

static int ends(char **arguments)
{
	(void)arguments;
	struct conntrack *c;
	int code = conntrack_open(packet_mark_bits(MASK, PACKET_MARK_COUNTED), 1 << 20, &c);
	if (code < 0)
		return say_result(code, err_text(code));
	puts("ready");
	while (!is_over) {
		struct conntrack_end e[4];
		struct pollfd fd = {conntrack_fd(c), POLLIN, 0};
		poll(&fd, 1, 1000);
		int count = conntrack_receive(c, e, 4);
		for (int i = 0; i < count; i++)
			printf("client=%s server=%s cport=%u sport=%u protocol=%u mark=%x up=%llu "
			       "down=%llu packets_up=%llu packets_down=%llu us=%lld\n",
			       text_of(&e[i].key.client), text_of(&e[i].key.server),
			       e[i].key.client_port, e[i].key.server_port, e[i].key.protocol,
			       e[i].mark, (unsigned long long)e[i].bytes_up,
			       (unsigned long long)e[i].bytes_down,
			       (unsigned long long)e[i].packets_up,
			       (unsigned long long)e[i].packets_down,
			       (long long)(e[i].ended_us - e[i].started_us));
	}
	printf("end lost=%llu\n", (unsigned long long)conntrack_lost(c));
	conntrack_close(c);
	return 0;
}

static int capture(char **arguments)
{
	struct packet_capture *c;
	int code = packet_capture_open(arguments[0], 0, &c);
	if (code < 0)
		return say_result(code, err_text(code));
	puts("ready");
	while (!is_over) {
		struct captured_packet p[7];
		struct pollfd fd = {packet_capture_fd(c), POLLIN, 0};
		poll(&fd, 1, 1000);
		size_t count = packet_capture_receive(c, p, 7);
		for (size_t i = 0; i < count; i++)
			printf("version=%u size=%u kept=%zu at=%lld open=%d\n",
			       p[i].bytes.bytes[0] >> 4, p[i].size, p[i].bytes.size,
			       (long long)p[i].at_us, p[i].checksum_is_open);
	}
	printf("end dropped=%llu\n", (unsigned long long)packet_capture_dropped(c));
	packet_capture_close(c);
	return 0;
}

static struct view bytes_of(const char *text, uint8_t *room)
{
	size_t size = strlen(text) / 2;
	for (size_t i = 0; i < size; i++)
		sscanf(text + 2 * i, "%2hhx", &room[i]);
	return view_of(room, size);
}

static int send_packet(char **arguments)
{
	struct packet_sender s;
	static uint8_t room[2048], address[16];
	int code = packet_sender_open((uint32_t)strtoul(arguments[0], NULL, 16), &s);
	if (code < 0)
		return say_result(code, err_text(code));
	struct view packet = bytes_of(arguments[1], room);
	code = arguments[2] ? packet_send_to_port(&s, packet, (uint32_t)atoi(arguments[2]),
	                                          bytes_of(arguments[3], address))
	                    : packet_send(&s, packet, 0);
	packet_sender_close(&s);
	return say_result(code, err_text(code));
}

static const struct command {
	const char *name;
	int arguments; /* at least */
	int (*run)(char **arguments);
} commands[] = {
	{"judge", 4, judge}, {"apply", 4, apply},     {"remove", 0, remove_rules},
	{"ends", 0, ends},   {"capture", 1, capture}, {"send", 2, send_packet},
};

int main(int count, char **arguments)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	struct sigaction action = {.sa_handler = on_signal};
	sigaction(SIGTERM, &action, NULL);
	for (size_t i = 0; count > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(arguments[1], commands[i].name) == 0 &&
		    count - 2 >= commands[i].arguments)
			return commands[i].run(arguments + 2);
	}
	fputs("usage: trivial_gate COMMAND ARGUMENT...\n", stderr);
	return 2;
}
