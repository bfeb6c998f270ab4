/* udp_echo.c - the floor: what the socket path alone costs.
 *
 * usage: udp_echo PORT [ADDRESS]     (127.0.0.1)
 *
 * Receives and sends in batches, as a DNS server does, and knows of DNS only where the question ends: an
 * A record is put behind it, so that answers are as large as real ones. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, PACKET_MAX = 2048, QUERY_MAX = 1600, HEADER_SIZE = 12, FIXED_SIZE = 5 };

static struct mmsghdr messages[BATCH];
static struct iovec bytes[BATCH];
static struct sockaddr_in names[BATCH];
static uint8_t packets[BATCH][PACKET_MAX];

static size_t make_answer(uint8_t *packet, size_t size)
{
	static const uint8_t record[] = {0xc0, HEADER_SIZE, 0, 1, 0,   1, 0, 0,
	                                 0,    60,          0, 4, 127, 9, 9, 9};
	size_t at = HEADER_SIZE;
	while (at < size && packet[at])
		at += packet[at] + 1U;
	at += FIXED_SIZE; /* the root, type and class */
	if (at > size)
		return size;
	packet[2] |= 0x80;
	packet[3] = 0x80;
	packet[7] = 1;  /* answers */
	packet[11] = 0; /* additional records */
	memcpy(packet + at, record, sizeof(record));
	return at + sizeof(record);
}

static int open_socket(uint16_t port, const char *address)
{
	int size = 4 << 20;
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
	if (inet_pton(AF_INET, address, &name.sin_addr) != 1)
		return -EINVAL;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static void serve(int fd)
{
	for (unsigned i = 0; i < BATCH; i++) {
		bytes[i] = (struct iovec){packets[i], QUERY_MAX};
		messages[i].msg_hdr = (struct msghdr){.msg_name = &names[i],
		                                      .msg_namelen = sizeof(names[i]),
		                                      .msg_iov = &bytes[i],
		                                      .msg_iovlen = 1};
	}
	int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
	for (int i = 0; i < count; i++)
		bytes[i].iov_len = make_answer(packets[i], messages[i].msg_len);
	for (int sent = 0; sent < count;) {
		int r = sendmmsg(fd, messages + sent, (unsigned)(count - sent), 0);
		sent += r > 0 ? r : 1;
	}
}

int main(int argc, char **argv)
{
	const char *address = argc == 3 ? argv[2] : "127.0.0.1";
	int fd = argc == 2 || argc == 3 ? open_socket((uint16_t)strtoul(argv[1], NULL, 10), address)
	                                : -EINVAL;
	if (fd < 0) {
		fprintf(stderr, "usage: udp_echo PORT [ADDRESS] (%s)\n", strerror(-fd));
		return EXIT_FAILURE;
	}
	for (;;)
		serve(fd);
}
