/* tls_echo.c - the floor of DNS over TLS: what sockets and OpenSSL alone cost.
 *
 * usage: tls_echo PORT CERTIFICATE KEY     (127.0.0.1)
 *
 * One loop around epoll_wait, connections of OpenSSL right on their sockets, and each message back with its QR
 * bit set: one read and one write a record, no second read that finds nothing, no timers, no limits, no
 * memory given back. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, ROOM = 20 * 1024, PREFIX = 2, BACKLOG = 4096, QR = 0x80, FLAGS = 2 };

struct connection {
	int fd;
	SSL *ssl;
	size_t size; /* in `bytes`: less than a message */
	uint8_t bytes[ROOM];
};

static SSL_CTX *context;
static int epoll_fd;

static bool set_up(const char *certificate, const char *key)
{
	static const unsigned char scope[] = "echo";
	context = SSL_CTX_new(TLS_server_method());
	if (!context)
		return false;
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	return SSL_CTX_set_session_id_context(context, scope, sizeof(scope) - 1) == 1 &&
	       SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
	       SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1;
}

static int open_socket(uint16_t port)
{
	int on = 1;
	struct sockaddr_in name = {.sin_family = AF_INET,
	                           .sin_port = htons(port),
	                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	bool done = fd >= 0 && bind(fd, (const struct sockaddr *)&name, sizeof(name)) == 0 &&
	            listen(fd, BACKLOG) == 0;
	return done ? fd : -1;
}

static void watch(int fd, void *what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
	(void)epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void take(int listener)
{
	int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	struct connection *c = fd < 0 ? NULL : malloc(sizeof(*c));
	if (!c)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->fd = fd;
	c->size = 0;
	c->ssl = SSL_new(context);
	SSL_set_fd(c->ssl, fd);
	SSL_set_accept_state(c->ssl);
	watch(fd, c);
}

static void finish(struct connection *c)
{
	(void)SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	close(c->fd);
	free(c);
}

/* Turns the messages that are whole into answers; returns their size. */
static size_t answer(struct connection *c)
{
	size_t at = 0;
	while (c->size - at > PREFIX + FLAGS) {
		size_t size = PREFIX + ((size_t)c->bytes[at] << 8 | c->bytes[at + 1]);
		if (c->size - at < size)
			break;
		c->bytes[at + PREFIX + FLAGS] |= QR;
		at += size;
	}
	return at;
}

/* False when the connection is over. */
static bool serve(struct connection *c)
{
	do {
		size_t got;
		int done =
			SSL_read_ex(c->ssl, c->bytes + c->size, sizeof(c->bytes) - c->size, &got);
		if (done != 1)
			return SSL_get_error(c->ssl, done) == SSL_ERROR_WANT_READ;
		c->size += got;
		size_t answers = answer(c), sent;
		if (answers && SSL_write_ex(c->ssl, c->bytes, answers, &sent) != 1)
			return false;
		c->size -= answers;
		memmove(c->bytes, c->bytes + answers, c->size);
	} while (SSL_has_pending(c->ssl));
	return true;
}

static void turn(int listener)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(epoll_fd, events, EVENTS, -1);
	for (int i = 0; i < count; i++) {
		struct connection *c = events[i].data.ptr;
		if (!c)
			take(listener);
		else if (!serve(c))
			finish(c);
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	int fd = argc == 4 && set_up(argv[2], argv[3])
	                 ? open_socket((uint16_t)strtoul(argv[1], NULL, 10))
	                 : -1;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0 || epoll_fd < 0) {
		fprintf(stderr, "usage: tls_echo PORT CERTIFICATE KEY (%s)\n", strerror(errno));
		return EXIT_FAILURE;
	}
	watch(fd, NULL);
	for (;;)
		turn(fd);
}
