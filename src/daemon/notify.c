#include "daemon/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"

static void send_state(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(to.sun_path))
		return;
	size_t size = strlen(path);
	memcpy(to.sun_path, path, size);
	if (path[0] == '@') /* the abstract namespace begins with a zero byte */
		to.sun_path[0] = '\0';
	else
		size++;
	cleanup(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
	             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
}

void notify_ready(const char *status)
{
	char state[512];
	(void)snprintf(state, sizeof(state), "READY=1\nSTATUS=%s", status);
	send_state(state);
}

void notify_reloading(int64_t monotonic_us)
{
	char state[64];
	(void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, monotonic_us);
	send_state(state);
}

void notify_stopping(void)
{
	send_state("STOPPING=1");
}

void notify_watchdog(void)
{
	send_state("WATCHDOG=1");
}

int64_t notify_watchdog_interval_us(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	char *end = NULL;
	long long us = text ? strtoll(text, &end, 10) : 0;
	return text && end != text && *end == '\0' && us > 0 ? us / 2 : 0;
}
