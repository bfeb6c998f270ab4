#include "net/packet_send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/socket.h>

#include "base/cleanup.h"

enum { V4_HEADER = 20, V4_TO = 16, V6_HEADER = 40, V6_TO = 24 };

static int open_marked(int family, int type, int protocol, uint32_t mark, int *ret)
{
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (fd < 0)
		return -errno;
	*ret = fd;
	return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0 ? -errno : OK;
}

int packet_sender_open(uint32_t mark, struct packet_sender *ret)
{
	/* IPPROTO_RAW: headers are ours, and nothing is received */
	struct packet_sender s = {-1, -1, -1};
	int code = open_marked(AF_INET, SOCK_RAW, IPPROTO_RAW, mark, &s.v4);
	if (code == OK)
		code = open_marked(AF_INET6, SOCK_RAW, IPPROTO_RAW, mark, &s.v6);
	if (code == -EAFNOSUPPORT)
		code = OK;
	if (code == OK)
		code = open_marked(AF_PACKET, SOCK_DGRAM, 0, mark, &s.link);
	if (code < 0) {
		packet_sender_close(&s);
		return code;
	}
	*ret = s;
	return OK;
}

void packet_sender_close(struct packet_sender *s)
{
	cleanup_fd(&s->v4);
	cleanup_fd(&s->v6);
	cleanup_fd(&s->link);
	*s = (struct packet_sender){-1, -1, -1};
}

static bool is_v4(struct view packet)
{
	return packet.size >= V4_HEADER && packet.bytes[0] >> 4 == 4;
}

static bool is_v6(struct view packet)
{
	return packet.size >= V6_HEADER && packet.bytes[0] >> 4 == 6;
}

static int send_by(int fd, struct view packet, const void *to, socklen_t size)
{
	return sendto(fd, packet.bytes, packet.size, MSG_DONTWAIT | MSG_NOSIGNAL, to, size) < 0
	               ? -errno
	               : OK;
}

int packet_send(const struct packet_sender *s, struct view packet, uint32_t interface)
{
	if (is_v4(packet)) {
		struct sockaddr_in to = {.sin_family = AF_INET};
		memcpy(&to.sin_addr, packet.bytes + V4_TO, sizeof(to.sin_addr));
		return send_by(s->v4, packet, &to, sizeof(to));
	}
	if (!is_v6(packet))
		return ERR_MALFORMED;
	struct sockaddr_in6 to = {.sin6_family = AF_INET6};
	memcpy(&to.sin6_addr, packet.bytes + V6_TO, sizeof(to.sin6_addr));
	if (IN6_IS_ADDR_LINKLOCAL(&to.sin6_addr))
		to.sin6_scope_id = interface;
	return send_by(s->v6, packet, &to, sizeof(to));
}

int packet_send_to_port(const struct packet_sender *s, struct view packet, uint32_t port,
                        struct view hardware_address)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)port};
	if (hardware_address.size > sizeof(to.sll_addr) || !(is_v4(packet) || is_v6(packet)))
		return ERR_MALFORMED;
	to.sll_protocol = htons(is_v4(packet) ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	to.sll_halen = (uint8_t)hardware_address.size;
	memcpy(to.sll_addr, hardware_address.bytes, hardware_address.size);
	return send_by(s->link, packet, &to, sizeof(to));
}
