/* zones.h - which way a name goes: answered here, to servers of its zone, or the way of all others.
 *
 * What:    a table made of dns.zones, dns.upstream and special.h. Of the administrator's zones the longest
 *          counts, and any of them goes before the special names. Pure.
 *          Nothing here opens a name: policy has judged it before, and judges every alias and address in an
 *          answer from here as in any other.
 * Owns:    copies; what it hands out lives as long.
 * Source:  RFC 1034 s4.3.2, RFC 2308 s3, RFC 6303 s3. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/problem.h"
#include "gate/dns/forwarder.h"
#include "gate/dns/options.h"

enum zone_way {
	ZONE_RESOLVER, /* libunbound: recursion, stubs, whatever is validated; what of it is forwarded: relay.h */
	ZONE_FORWARDER, /* servers of a group */
	ZONE_HERE,      /* zones_answer() */
};

struct zones;

/* Says what is wrong in dns.zones, each with its place. ERR_INVALID. */
int zones_check(const struct dns_options *o, struct problems *p) must_check;

/* The options are good, and outlive it. -ENOMEM, ERR_INVALID. */
int zones_new(const struct dns_options *o, struct zones **ret) must_check;
void zones_free(struct zones *z);
DEFINE_CLEANUP(zones, struct zones *, zones_free);

/* What the forwarder is to be made of; no servers: there is none. */
const struct upstream *zones_servers(const struct zones *z, size_t *ret_count);
const struct forward_group *zones_groups(const struct zones *z);
/* Whether any name goes to libunbound. */
bool zones_need_resolver(const struct zones *z);

enum zone_way zones_way(const struct zones *z, const struct dname *name, unsigned *ret_group);
/* Whether servers of a group are asked about it, behind the resolver or not. */
bool zones_forwarded(const struct zones *z, const struct dname *name, unsigned *ret_group);
/* Which way what libunbound asks of its forwarders goes: ZONE_RESOLVER when to nobody. */
enum zone_way zones_relay_way(const struct zones *z, const struct dname *name, uint16_t type,
                              unsigned *ret_group);
/* Whether libunbound has forwarders. */
bool zones_need_relay(const struct zones *z);

/* Writes a whole answer from the records here. Returns its size; 0 when they say nothing about the name. One
 * that ends in an alias of a name that is not here wants the answer to that one behind it: zones_join(). */
int zones_answer(const struct zones *z, const struct dns_question *question, uint8_t *room,
                 size_t size) must_check;
/* Writes the message that has the records of `head` and then those of `tail`, with the response code of `tail`
 * and the question of `head`. Returns its size; ERR_LIMIT, or what is wrong in `tail`. */
int zones_join(struct view head, struct view tail, uint8_t *room, size_t size) must_check;
