/* upstream.h - a name server in a thread, for scenarios: knows a few names and counts who asks.
 *
 * Names: alias. (a chain to cdn.delivery.example), slow. (answers after a while), dead. (never answers),
 * long. (1 KiB of text), no. (does not exist); every other name has one address. */
#pragma once

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/gate_dns/fixture.h"

/* less than what a resolver that knows us as fast waits before it asks again */
enum { UPSTREAM_SLOW_US = 60000 };

struct upstream {
	int fd;
	uint16_t port;
	pthread_t thread;
	_Atomic unsigned queries, slow_queries;
};

static inline bool upstream_is(const struct dns_query *q, const char *first_label)
{
	size_t size = strlen(first_label);
	return q->name.bytes[0] == size && memcmp(q->name.bytes + 1, first_label, size) == 0;
}

static inline struct view upstream_answer_to(struct upstream *u, struct view packet,
                                             const struct dns_query *q, uint8_t room[static 4096])
{
	static const uint8_t text[200] = {199};
	char name[DNAME_TEXT_SIZE];
	dname_print(&q->name, name);
	struct fixture_record records[6] = {{name, DNS_TYPE_A, "203.0.113.5", {0}}};
	size_t count = q->type == DNS_TYPE_A ? 1 : 0;
	if (upstream_is(q, "slow")) {
		u->slow_queries++;
		usleep(UPSTREAM_SLOW_US);
	} else if (upstream_is(q, "alias")) {
		records[0] = (struct fixture_record){
			name, DNS_TYPE_CNAME, "a.cdn.delivery.example", {0}};
		records[1] = (struct fixture_record){
			"a.cdn.delivery.example", DNS_TYPE_A, "203.0.113.6", {0}};
		count = 2;
	} else if (upstream_is(q, "long")) {
		for (count = 0; count < 5; count++)
			records[count] = (struct fixture_record){name, DNS_TYPE_TXT, NULL,
			                                         view_of(text, sizeof(text))};
	}
	struct view answer = fixture_answer(room, packet, records, count);
	if (upstream_is(q, "no"))
		room[3] |= DNS_RCODE_NXDOMAIN;
	return answer;
}

static inline void *upstream_run(void *context)
{
	struct upstream *u = context;
	uint8_t packet[4096], room[4096];
	struct sockaddr_in from;
	for (;;) {
		socklen_t from_size = sizeof(from);
		ssize_t size = recvfrom(u->fd, packet, sizeof(packet), 0, (struct sockaddr *)&from,
		                        &from_size);
		struct dns_query q;
		if (size <= 0)
			return NULL; /* shut down */
		struct view view = view_of(packet, (size_t)size);
		if (dns_query_parse(view, &q) != DNS_QUERY_OK || upstream_is(&q, "dead"))
			continue;
		u->queries++;
		struct view answer = upstream_answer_to(u, view, &q, room);
		if (sendto(u->fd, answer.bytes, answer.size, 0, (struct sockaddr *)&from,
		           from_size) < 0)
			return NULL;
	}
}

static inline void upstream_start(struct upstream *u)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
	                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(name);
	u->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (u->fd < 0 || bind(u->fd, (struct sockaddr *)&name, size) < 0 ||
	    getsockname(u->fd, (struct sockaddr *)&name, &size) < 0 ||
	    pthread_create(&u->thread, NULL, upstream_run, u) != 0)
		abort();
	u->port = ntohs(name.sin_port);
}

static inline void upstream_stop(struct upstream *u)
{
	/* wakes the thread even though the socket has no peer */
	(void)shutdown(u->fd, SHUT_RDWR);
	pthread_join(u->thread, NULL);
	close(u->fd);
}
