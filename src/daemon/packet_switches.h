/* packet_switches.h - switches of the kernel (sysctl) without which the packet gate sees nothing.
 *
 * packet_switches[] is the table. To add one: a row. */
#pragma once

#include <stdbool.h>

#include "daemon/packet_rules.h"

/* Puts on what the options need and says so in the log. Fails where one that packets depend on cannot be
 * put on; one that only counts depend on is a warning. */
int packet_switches_set(struct packet_rules *r, char why[static PACKET_RULES_WHY_SIZE]) must_check;
void packet_switches_restore(const struct packet_rules *r);
