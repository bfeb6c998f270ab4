/* tls_handshakes.c - connections of DNS over TLS, one after the other, each with one query.
 *
 * usage: tls_handshakes new|resumed SECONDS PORT     (127.0.0.1)
 *
 * `resumed` offers the ticket of the connection before. The query is there because a ticket of TLS 1.3 comes behind
 * the handshake: who has the answer has the ticket. Prints how many there were, and how many the server resumed. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* www.example.org A, behind its length */
static const uint8_t query[35] = "\0\x21\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\7example\3org\0\0\1\0\1";

static SSL_SESSION *ticket;

static int on_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(ticket);
	ticket = session;
	return 1; /* ours */
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int open_socket(uint16_t port)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in name = {.sin_family = AF_INET,
	                           .sin_port = htons(port),
	                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&name, sizeof(name)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool ask(SSL *ssl)
{
	uint8_t room[2048];
	return SSL_connect(ssl) == 1 && SSL_write(ssl, query, sizeof(query)) == sizeof(query) &&
	       SSL_read(ssl, room, sizeof(room)) > 0;
}

/* Returns whether all went well, and sets what it came to. */
static bool connect_once(SSL_CTX *context, uint16_t port, bool resumes, bool *ret_was_resumed)
{
	int fd = open_socket(port);
	SSL *ssl = fd < 0 ? NULL : SSL_new(context);
	if (!ssl)
		return false;
	SSL_set_fd(ssl, fd);
	if (resumes && ticket)
		SSL_set_session(ssl, ticket);
	bool done = ask(ssl);
	*ret_was_resumed = done && SSL_session_reused(ssl);
	(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
	return done;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	SSL_CTX *context = argc == 4 ? SSL_CTX_new(TLS_client_method()) : NULL;
	if (!context) {
		fprintf(stderr, "usage: tls_handshakes new|resumed SECONDS PORT\n");
		return EXIT_FAILURE;
	}
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, on_session);
	bool resumes = strcmp(argv[1], "resumed") == 0, was_resumed;
	uint16_t port = (uint16_t)strtoul(argv[3], NULL, 10);
	unsigned long answered = 0, resumed = 0, lost = 0;
	double begin_s = now_s(), end_s = begin_s + strtod(argv[2], NULL);
	while (now_s() < end_s) {
		bool done = connect_once(context, port, resumes, &was_resumed);
		answered += done;
		lost += !done;
		resumed += done && was_resumed;
	}
	double seconds = now_s() - begin_s;
	printf("{\"answered\": %lu, \"resumed\": %lu, \"lost\": %lu, \"seconds\": %f, \"qps\": %f}\n",
	       answered, resumed, lost, seconds, (double)answered / seconds);
	SSL_SESSION_free(ticket);
	SSL_CTX_free(context);
	return EXIT_SUCCESS;
}
