/* The gate with its threads, sockets and libunbound, between clients and an upstream on the loopback
 * interface. */
#include "base/clock.h"
#include "gate/dns/gate.h"
#include "tests/scenario/upstream.h"
#include "tests/test.h"
#include "wire/dns_message.h"

enum { WORKERS = 2, TIMEOUT_S = 10, LISTENERS_MAX = 16 };

struct stage {
	struct arena arena;
	struct dns_options options;
	struct buffer image;
	struct dns_stats stats[WORKERS];
	struct dns_listener listeners[LISTENERS_MAX];
	size_t listener_count;
	uint16_t port;
	struct upstream upstream;
	struct dns_gate *gate;
};

struct heard {
	uint8_t bytes[65535];
	size_t size;
	uint16_t rcode, answers;
	bool truncated;
	struct dns_edns edns;
};

static struct stage stage;
static struct heard heard;

static struct sockaddr_storage socket_name(const char *address, uint16_t port, socklen_t *ret_size)
{
	struct sockaddr_storage name = {0};
	void *at = &name;
	struct address a = fixture_address(address);
	if (a.size == 4) {
		struct sockaddr_in *v4 = at;
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, a.bytes, 4);
		*ret_size = sizeof(*v4);
	} else {
		struct sockaddr_in6 *v6 = at;
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		memcpy(&v6->sin6_addr, a.bytes, 16);
		*ret_size = sizeof(*v6);
	}
	return name;
}

static void listen_on(const char *address, enum dns_transport transport, unsigned worker)
{
	socklen_t size;
	struct sockaddr_storage name = socket_name(address, stage.port, &size);
	int on = 1;
	int fd = socket(name.ss_family,
	                (transport == DNS_OVER_TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
	if (name.ss_family == AF_INET6)
		assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
	if (stage.port == 0) {
		assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
		void *at = &name;
		stage.port = ntohs(((struct sockaddr_in *)at)->sin_port);
	}
	stage.listeners[stage.listener_count++] = (struct dns_listener){fd, transport, worker};
}

/* A wildcard for IPv4, so that answers must find the address they were asked at. */
static void open_listeners(void)
{
	for (unsigned worker = 0; worker < WORKERS; worker++) {
		listen_on("0.0.0.0", DNS_OVER_UDP, worker);
		listen_on("0.0.0.0", DNS_OVER_TCP, worker);
		listen_on("::1", DNS_OVER_UDP, worker);
		listen_on("::1", DNS_OVER_TCP, worker);
	}
}

static int raise_stage(void **state)
{
	(void)state;
	char yaml[512];
	upstream_start(&stage.upstream);
	arena_init(&stage.arena, 0);
	(void)snprintf(yaml, sizeof(yaml),
	               "workers: 2\n"
	               "tcp: {idle: 500 ms, connections_per_client: 4}\n"
	               "upstream: {forward: ['127.0.0.1:%u'], timeout: 1 s}\n",
	               stage.upstream.port);
	fixture_options(yaml, &stage.arena, &stage.options);
	fixture_image("keep", "enforce", &stage.image);
	open_listeners();
	struct dns_gate_setup setup = {.options = &stage.options,
	                               .workers = WORKERS,
	                               .listeners = stage.listeners,
	                               .listener_count = stage.listener_count,
	                               .policy_image = stage.image.bytes,
	                               .policy_size = stage.image.size,
	                               .stats = stage.stats};
	assert_int_equal(dns_gate_start(&setup, &stage.gate), OK);
	return 0;
}

static int strike_stage(void **state)
{
	(void)state;
	dns_gate_stop(stage.gate);
	upstream_stop(&stage.upstream);
	for (size_t i = 0; i < stage.listener_count; i++)
		close(stage.listeners[i].fd);
	buffer_done(&stage.image);
	arena_done(&stage.arena);
	return 0;
}

static uint64_t counted(enum dns_counter which)
{
	return dns_counted(&stage.stats[0], which) + dns_counted(&stage.stats[1], which);
}

static int client_open(const char *from, const char *to, bool is_tcp)
{
	socklen_t size;
	struct timeval patience = {.tv_sec = TIMEOUT_S};
	struct sockaddr_storage name = socket_name(from, 0, &size);
	int fd = socket(name.ss_family, (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
	name = socket_name(to, stage.port, &size);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, size), 0);
	return fd;
}

static void understand(void)
{
	struct dns_walk w;
	struct dns_record r;
	struct view message = view_of(heard.bytes, heard.size);
	int more;
	assert_int_equal(dns_walk_open(message, &w), OK);
	heard.answers = w.header.counts[DNS_ANSWER];
	heard.truncated = w.header.flags & DNS_FLAG_TC;
	heard.rcode = w.header.flags & DNS_FLAGS_RCODE;
	heard.edns = (struct dns_edns){0};
	while ((more = dns_walk_next(&w, &r)) > 0) {
		if (r.type == DNS_TYPE_OPT)
			assert_int_equal(dns_edns_parse(r.class, r.ttl, r.rdata, &heard.edns), OK);
	}
	assert_int_equal(more, 0);
}

static void send_udp(int fd, const char *name, uint16_t type, uint16_t id, uint16_t udp_size)
{
	uint8_t packet[512];
	struct view query = fixture_query(packet, name, type, id, udp_size);
	assert_int_equal(send(fd, query.bytes, query.size, 0), query.size);
}

static void hear_udp(int fd)
{
	ssize_t size = recv(fd, heard.bytes, sizeof(heard.bytes), 0);
	assert_true(size > 0);
	heard.size = (size_t)size;
	understand();
}

static void ask_udp(const char *from, const char *to, const char *name, uint16_t type,
                    uint16_t udp_size)
{
	cleanup(fd) int fd = client_open(from, to, false);
	send_udp(fd, name, type, 1, udp_size);
	hear_udp(fd);
}

static void send_tcp(int fd, const char *name, uint16_t type, uint16_t id)
{
	uint8_t packet[2 + 512];
	struct view query = fixture_query(packet + 2, name, type, id, FIXTURE_EDNS);
	packet[0] = (uint8_t)(query.size >> 8);
	packet[1] = (uint8_t)query.size;
	assert_int_equal(send(fd, packet, 2 + query.size, 0), 2 + query.size);
}

static void hear_tcp(int fd)
{
	uint8_t prefix[2];
	assert_int_equal(recv(fd, prefix, 2, MSG_WAITALL), 2);
	heard.size = (size_t)(prefix[0] << 8 | prefix[1]);
	assert_int_equal(recv(fd, heard.bytes, heard.size, MSG_WAITALL), heard.size);
	understand();
}

static void a_listed_name_is_refused_with_its_order(void **state)
{
	(void)state;
	static const char *const addresses[] = {"127.0.0.1", "::1"};
	for (int i = 0; i < 2; i++) {
		ask_udp(addresses[i], addresses[i], "chat.banned.example", DNS_TYPE_A,
		        FIXTURE_EDNS);
		assert_int_equal(heard.rcode, DNS_RCODE_NXDOMAIN);
		assert_int_equal(heard.edns.ede_code, DNS_EDE_CENSORED);
		assert_true(view_starts_with(heard.edns.ede_text, view_text("Order test-order")));
	}
}

static void an_unlisted_name_resolves_over_both_families(void **state)
{
	(void)state;
	ask_udp("127.0.0.1", "127.0.0.1", "www.good.example", DNS_TYPE_A, FIXTURE_EDNS);
	assert_int_equal(heard.rcode, DNS_RCODE_NOERROR);
	assert_int_equal(heard.answers, 1);
	ask_udp("::1", "::1", "www.good.example", DNS_TYPE_A, FIXTURE_EDNS);
	assert_int_equal(heard.answers, 1);
}

static void an_answer_comes_from_the_address_that_was_asked(void **state)
{
	(void)state;
	/* the client's socket is connected and hears nobody else */
	ask_udp("127.0.0.1", "127.0.0.5", "banned.example", DNS_TYPE_A, FIXTURE_EDNS);
	assert_int_equal(heard.rcode, DNS_RCODE_NXDOMAIN);
	ask_udp("127.0.0.1", "127.0.0.5", "later.good.example", DNS_TYPE_A, FIXTURE_EDNS);
	assert_int_equal(heard.answers, 1);
}

static void an_alias_of_a_listed_name_is_refused_at_first_and_when_cached(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		ask_udp("127.0.0.1", "127.0.0.1", "alias.good.example", DNS_TYPE_A, FIXTURE_EDNS);
		assert_int_equal(heard.rcode, DNS_RCODE_NXDOMAIN);
		assert_int_equal(heard.edns.ede_code, DNS_EDE_CENSORED);
	}
	assert_true(counted(DNS_CACHE_HITS) >= 2);
}

static void what_does_not_exist_does_not_exist(void **state)
{
	(void)state;
	ask_udp("127.0.0.1", "127.0.0.1", "no.good.example", DNS_TYPE_A, FIXTURE_EDNS);
	assert_int_equal(heard.rcode, DNS_RCODE_NXDOMAIN);
	assert_false(heard.edns.has_ede);
}

static void a_foreign_client_is_refused(void **state)
{
	(void)state;
	ask_udp("127.0.1.1", "127.0.0.1", "www.good.example", DNS_TYPE_A, FIXTURE_EDNS);
	assert_int_equal(heard.rcode, DNS_RCODE_REFUSED);
	assert_int_equal(heard.edns.ede_code, DNS_EDE_PROHIBITED);
	cleanup(fd) int fd = client_open("127.0.1.1", "127.0.0.1", true);
	send_tcp(fd, "www.good.example", DNS_TYPE_A, 1);
	hear_tcp(fd);
	assert_int_equal(heard.rcode, DNS_RCODE_REFUSED);
}

static void a_long_answer_is_cut_over_udp_and_whole_over_tcp(void **state)
{
	(void)state;
	ask_udp("127.0.0.1", "127.0.0.1", "long.good.example", DNS_TYPE_TXT, FIXTURE_NO_EDNS);
	assert_true(heard.truncated && heard.size <= 512);
	cleanup(fd) int fd = client_open("127.0.0.1", "127.0.0.1", true);
	send_tcp(fd, "long.good.example", DNS_TYPE_TXT, 1);
	hear_tcp(fd);
	assert_false(heard.truncated);
	assert_int_equal(heard.answers, 5);
}

static void equal_questions_go_to_the_upstream_once(void **state)
{
	(void)state;
	enum { CLIENTS = 50 };
	cleanup(fd) int fd = client_open("127.0.0.1", "127.0.0.1", false);
	for (uint16_t id = 0; id < CLIENTS; id++)
		send_udp(fd, "slow.good.example", DNS_TYPE_A, id, FIXTURE_EDNS);
	bool seen[CLIENTS] = {false};
	for (int i = 0; i < CLIENTS; i++) {
		hear_udp(fd);
		assert_int_equal(heard.answers, 1);
		unsigned id = (unsigned)(heard.bytes[0] << 8 | heard.bytes[1]);
		assert_true(id < CLIENTS && !seen[id]);
		seen[id] = true;
	}
	assert_int_equal(stage.upstream.slow_queries, 1);
	assert_int_equal(counted(DNS_COALESCED), CLIENTS - 1);
}

static void many_queries_share_a_connection_and_a_slow_one_holds_up_none(void **state)
{
	(void)state;
	cleanup(fd) int fd = client_open("127.0.0.1", "127.0.0.1", true);
	send_tcp(fd, "slow.other.example", DNS_TYPE_A, 1);
	send_tcp(fd, "banned.example", DNS_TYPE_A, 2);
	hear_tcp(fd);
	assert_int_equal(heard.bytes[1], 2);
	assert_int_equal(heard.rcode, DNS_RCODE_NXDOMAIN);
	hear_tcp(fd);
	assert_int_equal(heard.bytes[1], 1);
	assert_int_equal(heard.answers, 1);
	for (uint16_t id = 0; id < 200; id++)
		send_tcp(fd, "banned.example", DNS_TYPE_A, id);
	for (uint16_t id = 0; id < 200; id++) {
		hear_tcp(fd);
		assert_int_equal(heard.bytes[1], id);
	}
}

static void a_client_that_reads_late_gets_every_answer(void **state)
{
	(void)state;
	enum {
		QUERIES = 8000
	}; /* their answers fill all buffers on the way and the gate's queue */
	cleanup(fd) int fd = client_open("127.0.0.1", "127.0.0.1", true);
	int room = 64 * 1024;
	struct timeval patience = {.tv_sec = TIMEOUT_S};
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), 0);
	for (uint16_t id = 0; id < QUERIES; id++)
		send_tcp(fd, "banned.example", DNS_TYPE_A, id);
	for (uint16_t id = 0; id < QUERIES; id++) {
		hear_tcp(fd);
		assert_int_equal(heard.bytes[0] << 8 | heard.bytes[1], id);
	}
}

static void a_silent_connection_is_closed_and_too_many_are_not_taken(void **state)
{
	(void)state;
	int fds[8];
	uint8_t byte;
	uint64_t idle = counted(DNS_TCP_IDLE), turned_away = counted(DNS_TCP_TURNED_AWAY);
	for (int i = 0; i < 8; i++)
		fds[i] = client_open("127.0.0.9", "127.0.0.1", true);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(recv(fds[i], &byte, 1, 0), 0);
		close(fds[i]);
	}
	/* each worker keeps at most four, until they are idle; other tests left some behind */
	idle = counted(DNS_TCP_IDLE) - idle;
	turned_away = counted(DNS_TCP_TURNED_AWAY) - turned_away;
	assert_in_range(turned_away, 0, 4);
	assert_true(idle + turned_away >= 8 && idle <= 8 + 3);
}

static void a_message_of_an_impossible_length_ends_the_connection(void **state)
{
	(void)state;
	uint8_t byte;
	uint64_t before = counted(DNS_TCP_MALFORMED);
	cleanup(fd) int fd = client_open("127.0.0.1", "127.0.0.1", true);
	assert_int_equal(send(fd, "\xff\xff", 2, 0), 2);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_int_equal(counted(DNS_TCP_MALFORMED), before + 1);
}

static void a_dead_upstream_is_said_to_be_so_in_time(void **state)
{
	(void)state;
	int64_t before_us = clock_monotonic_us();
	uint64_t timeouts = counted(DNS_TIMEOUTS);
	ask_udp("127.0.0.1", "127.0.0.1", "dead.good.example", DNS_TYPE_A, FIXTURE_EDNS);
	assert_int_equal(heard.rcode, DNS_RCODE_SERVFAIL);
	assert_int_equal(heard.edns.ede_code, DNS_EDE_NO_REACHABLE_AUTHORITY);
	assert_true(clock_monotonic_us() - before_us < 3 * SECOND_US);
	assert_int_equal(counted(DNS_TIMEOUTS), timeouts + 1);
}

static void another_policy_takes_effect_at_once_and_a_bad_one_never(void **state)
{
	(void)state;
	cleanup(fd) int fd = client_open("127.0.0.1", "127.0.0.1", false);
	struct buffer observing = {0};
	fixture_image("keep", "observe", &observing);
	assert_int_equal(dns_gate_swap_policy(stage.gate, observing.bytes, observing.size), OK);
	send_udp(fd, "banned.example", DNS_TYPE_A, 1, FIXTURE_EDNS);
	hear_udp(fd);
	assert_int_equal(heard.answers, 1);
	assert_int_equal(dns_gate_swap_policy(stage.gate, stage.image.bytes, stage.image.size), OK);
	memset(observing.bytes, 0, observing.size);
	assert_true(dns_gate_swap_policy(stage.gate, observing.bytes, observing.size) < 0);
	buffer_done(&observing);
	send_udp(fd, "banned.example", DNS_TYPE_A, 1, FIXTURE_EDNS);
	hear_udp(fd);
	assert_int_equal(heard.rcode, DNS_RCODE_NXDOMAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listed_name_is_refused_with_its_order),
		cmocka_unit_test(an_unlisted_name_resolves_over_both_families),
		cmocka_unit_test(an_answer_comes_from_the_address_that_was_asked),
		cmocka_unit_test(an_alias_of_a_listed_name_is_refused_at_first_and_when_cached),
		cmocka_unit_test(what_does_not_exist_does_not_exist),
		cmocka_unit_test(a_foreign_client_is_refused),
		cmocka_unit_test(a_long_answer_is_cut_over_udp_and_whole_over_tcp),
		cmocka_unit_test(equal_questions_go_to_the_upstream_once),
		cmocka_unit_test(many_queries_share_a_connection_and_a_slow_one_holds_up_none),
		cmocka_unit_test(a_client_that_reads_late_gets_every_answer),
		cmocka_unit_test(a_silent_connection_is_closed_and_too_many_are_not_taken),
		cmocka_unit_test(a_message_of_an_impossible_length_ends_the_connection),
		cmocka_unit_test(another_policy_takes_effect_at_once_and_a_bad_one_never),
		/* last: the resolver thinks less of an upstream that was silent */
		cmocka_unit_test(a_dead_upstream_is_said_to_be_so_in_time),
	};
	return cmocka_run_group_tests(tests, raise_stage, strike_stage);
}
