/* metrics_role.h - the process that answers GET /metrics.
 *
 * What:    libmicrohttpd on a socket that the parent has bound; each scrape asks the parent for the text. It
 *          sees no counter, no policy and no file.
 * Limits:  METRICS_CONNECTIONS_MAX connections, METRICS_IDLE_S seconds of silence, METRICS_MEMORY bytes a
 *          connection; METRICS_WAIT_MS for the parent, then 503. */
#pragma once

#include "daemon/exit_status.h"

enum {
	METRICS_CONNECTIONS_MAX = 32,
	METRICS_IDLE_S = 10,
	METRICS_MEMORY = 16 * 1024,
	METRICS_WAIT_MS = 2000,
};

enum exit_status metrics_role_main(int parent);
