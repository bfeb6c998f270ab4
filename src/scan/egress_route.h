/* egress_route.h - which route of a network namespace leads outside.
 *
 * What:    egress_route_read() is pure over one message of the kernel. egress_route_ask() asks for all routes of the
 *          namespace that the caller is in, in all tables, as a rule may lead to any. Of those to addresses outside
 *          (egress.h) it asks the kernel whether it takes them for a packet of that user. Sends nothing.
 * Limits:  EGRESS_ROUTES_ASKED routes that lead outside are asked for; what is beyond is not known.
 * Source:  rtnetlink(7), Linux include/uapi/linux/rtnetlink.h. */
#pragma once

#include "scan/egress.h"

enum { EGRESS_ROUTES_ASKED = 64 };

/* A route that hands packets to an interface. */
struct egress_route {
	struct prefix to;
	struct address gateway; /* or none */
	uint32_t interface;     /* 0: there are several */
	uint32_t table;
};

/* False for one of another kind or family (AF_INET, AF_INET6), or by which nothing leaves. `message` is what follows
 * its head. */
bool egress_route_read(struct view message, int family, struct egress_route *ret);
/* Writes the first route that the kernel takes (KNOWN_YES), or that it may take (KNOWN_NO). */
void egress_route_ask(int family, uint32_t uid, struct egress_known_route *ret);
