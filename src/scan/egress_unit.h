/* egress_unit.h - what systemd says of a unit's network.
 *
 * What:    pure over what `systemctl show` prints. It only says what was asked for: whether the kernel has such a filter
 *          is another question (egress.h).
 * Source:  systemd.resource-control(5), systemd.exec(5). */
#pragma once

#include <stdbool.h>

#define EGRESS_UNIT_PROPERTIES \
	"IPAddressAllow,IPAddressDeny,RestrictNetworkInterfaces,PrivateNetwork"

struct egress_unit {
	bool denies_addresses;    /* all but this machine's own */
	bool denies_interfaces;   /* all but the loopback */
	bool has_private_network; /* a namespace with nothing but the loopback */
};

void egress_unit_read(const char *said, struct egress_unit *ret);
