/* notify.h - tells systemd how far the service is: the datagram of sd_notify(3), without its library.
 *
 * Does nothing when NOTIFY_SOCKET is not set. Nobody can act on a failure, so none is reported.
 * Source:  sd_notify(3), "Standalone Implementations". */
#pragma once

#include <stdint.h>

void notify_ready(const char *status);
void notify_reloading(int64_t monotonic_us);
void notify_stopping(void);
void notify_watchdog(void);
/* How often notify_watchdog() must be called, half of what systemd allows; 0 when it does not watch. */
int64_t notify_watchdog_interval_us(void);
