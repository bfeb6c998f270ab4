/* proc_socket.h - the kernel's tables of sockets of a network namespace: /proc/PID/net/tcp, tcp6, udp and udp6.
 *
 * What:    proc_socket_parse() is pure over one line. proc_sockets_read() reads all tables of a process' namespace. A
 *          socket of UDP that is connected to one place, as QUIC's is, is PROC_ESTABLISHED.
 * Owns:    proc_sockets_done().
 * Fails:   ERR_MALFORMED for a line that is none, as the titles; -errno.
 * Limits:  PROC_SOCKETS_MAX; what goes beyond is counted in `dropped`. PROC_FDS_MAX open files of a process.
 * Source:  Linux Documentation/networking/proc_net_tcp.rst, include/net/tcp_states.h. */
#pragma once

#include "base/address.h"
#include "base/err.h"

enum { PROC_SOCKETS_MAX = 1 << 17, PROC_FDS_MAX = 1 << 16 };

enum proc_socket_state { PROC_ESTABLISHED = 1, PROC_SYN_SENT = 2, PROC_LISTEN = 10 };

struct proc_socket {
	struct address local, remote; /* of a socket that waits for anybody `remote` is all zero */
	uint16_t local_port, remote_port;
	uint8_t state;
	uint64_t inode;
};

struct proc_sockets {
	struct proc_socket *rows; /* ascending by inode */
	size_t count, capacity, dropped;
};

int proc_socket_parse(struct view line, bool is_ip6, struct proc_socket *ret) must_check;
/* Adds those of /proc/`process`/net, where `process` is a number or "self", below `proc`. */
int proc_sockets_read(struct proc_sockets *sockets, const char *proc,
                      const char *process) must_check;
/* NULL when there is none. */
const struct proc_socket *proc_sockets_find(const struct proc_sockets *sockets, uint64_t inode);
typedef void proc_socket_on(void *context, const struct proc_socket *s);
/* Calls for each of them that the process has open, once for each descriptor. -errno; ERR_LIMIT when it has more files
 * open than are looked at. */
int proc_sockets_each(const struct proc_sockets *sockets, const char *proc, const char *process,
                      proc_socket_on *on, void *context) must_check;
void proc_sockets_done(struct proc_sockets *sockets);
