#include "gate/dns/zones.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "gate/dns/zones_internal.h"

static size_t slot_of(const struct zones *z, const uint8_t *name, size_t size)
{
	return (size_t)hash_bytes(name, size, 0) & z->mask;
}

static const struct zone *zone_at(const struct zones *z, const uint8_t *name, size_t size)
{
	for (size_t i = slot_of(z, name, size);; i = (i + 1) & z->mask) {
		const struct zone *zone = z->slots[i];
		if (!zone || view_equal(dname_view(&zone->name), view_of(name, size)))
			return zone;
	}
}

const struct zone *zones_find(const struct zones *z, const struct dname *name)
{
	const struct zone *special = NULL;
	size_t at = 0;
	while (name->bytes[at]) {
		const struct zone *zone = zone_at(z, name->bytes + at, name->size - at);
		if (zone && !zone->special)
			return zone;
		special = special ? special : zone;
		at += name->bytes[at] + 1U;
	}
	return special ? special : &z->others;
}

enum zone_way zones_way(const struct zones *z, const struct dname *name, unsigned *ret_group)
{
	const struct zone *zone = zones_find(z, name);
	*ret_group = zone->group;
	return zone->way;
}

bool zones_forwarded(const struct zones *z, const struct dname *name, unsigned *ret_group)
{
	const struct zone *zone = zones_find(z, name);
	*ret_group = zone->group;
	return zone->is_forwarded;
}

/* The parent, which has its DS. */
static struct dname parent_of(const struct dname *name)
{
	struct dname parent = {.size = (uint8_t)(name->size - name->bytes[0] - 1U),
	                       .labels = (uint8_t)(name->labels - 1U)};
	memcpy(parent.bytes, name->bytes + name->bytes[0] + 1, parent.size);
	return parent;
}

enum zone_way zones_relay_way(const struct zones *z, const struct dname *name, uint16_t type,
                              unsigned *ret_group)
{
	struct dname at = type == DNS_TYPE_DS && name->labels ? parent_of(name) : *name;
	const struct zone *zone = zones_find(z, &at);
	if (zone->way == ZONE_HERE)
		return ZONE_HERE;
	if (!zone->is_forwarded)
		zone = &z->others;
	*ret_group = zone->group;
	return zone->is_forwarded ? ZONE_FORWARDER : ZONE_RESOLVER;
}

bool zones_need_relay(const struct zones *z)
{
	return zones_need_resolver(z) && z->group_count > 0;
}

/* Making. */

/* Its row; the same server serves several zones. */
static int take_server(struct zones *z, const char *text)
{
	struct upstream u;
	if (upstream_parse(view_text(text), &u) < 0)
		return ERR_INVALID;
	for (size_t i = 0; i < z->server_count; i++) {
		if (upstream_equal(&z->servers[i], &u))
			return (int)i;
	}
	if (z->server_count == FORWARD_SERVERS_MAX)
		return ERR_LIMIT;
	z->servers[z->server_count] = u;
	return (int)z->server_count++;
}

static int take_group(struct zones *z, const struct schema_list *servers, bool is_validated,
                      struct zone *zone)
{
	const char *const *texts = servers->items;
	struct forward_group *g = &z->groups[z->group_count];
	for (size_t i = 0; i < servers->count; i++) {
		int row = take_server(z, texts[i]);
		if (row < 0)
			return row;
		g->members[g->count++] = (uint16_t)row;
	}
	zone->way = is_validated ? ZONE_RESOLVER : ZONE_FORWARDER;
	zone->is_forwarded = true;
	zone->group = (unsigned)z->group_count++;
	return OK;
}

static int take_records(struct zones *z, const struct dns_zone_options *o, const struct zone *zone)
{
	const char *const *lines = o->records.items;
	for (size_t i = 0; i < o->records.count; i++) {
		struct local_record record;
		struct local_fault fault;
		if (local_record_parse(view_text(lines[i]), &zone->name, &record, &fault) < 0)
			return ERR_INVALID;
		local_data_add(&z->data, &record, &zone->name);
	}
	return OK;
}

static int take_zone(struct zones *z, const struct dns_upstream_options *u,
                     const struct dns_zone_options *o)
{
	struct zone *zone = &z->zones[z->zone_count];
	if (dname_parse_text(view_text(o->zone), &zone->name) < 0)
		return ERR_INVALID;
	zone->way = o->stub.count ? ZONE_RESOLVER : ZONE_HERE;
	int r = o->forward.count ? take_group(z, &o->forward, dns_zone_may_validate(u, o), zone)
	                         : OK;
	if (r == OK)
		r = take_records(z, o, zone);
	z->zone_count++;
	return r;
}

static int take_special(struct zones *z, const struct special_name *special)
{
	struct zone *zone = &z->zones[z->zone_count];
	if (dname_parse_text(view_text(special->zone), &zone->name) < 0)
		return ERR_INVALID;
	zone->way = ZONE_HERE;
	zone->special = special;
	z->zone_count++;
	return OK;
}

/* The first of two equal names counts: the administrator's come first. */
static void index_zones(struct zones *z)
{
	for (size_t i = 0; i < z->zone_count; i++) {
		const struct dname *name = &z->zones[i].name;
		size_t slot = slot_of(z, name->bytes, name->size);
		while (z->slots[slot] && !dname_equal(&z->slots[slot]->name, name))
			slot = (slot + 1) & z->mask;
		if (!z->slots[slot])
			z->slots[slot] = &z->zones[i];
	}
}

static int make_tables(struct zones *z, size_t zones)
{
	size_t slots = 16;
	while (slots < 2 * zones)
		slots *= 2;
	z->mask = slots - 1;
	z->zones = calloc(zones, sizeof(z->zones[0]));
	z->groups = calloc(zones, sizeof(z->groups[0]));
	z->servers = calloc(FORWARD_SERVERS_MAX, sizeof(z->servers[0]));
	z->slots = calloc(slots, sizeof(z->slots[0]));
	return z->zones && z->groups && z->servers && z->slots ? OK : -ENOMEM;
}

static int fill(struct zones *z, const struct dns_options *o)
{
	const struct dns_zone_options *zones = o->zones.items;
	const struct dns_upstream_options *u = &o->upstream;
	z->others.way = ZONE_RESOLVER;
	int r = u->forward.count ? take_group(z, &u->forward, dns_may_validate(u), &z->others) : OK;
	for (size_t i = 0; r == OK && i < o->zones.count; i++)
		r = take_zone(z, u, &zones[i]);
	for (size_t i = 0; r == OK && u->special_names && i < special_name_count; i++)
		r = take_special(z, &special_names[i]);
	index_zones(z);
	return r < 0 ? r : local_data_sort(&z->data);
}

int zones_new(const struct dns_options *o, struct zones **ret)
{
	cleanup(zones) struct zones *z = calloc(1, sizeof(*z));
	if (!z)
		return -ENOMEM;
	int r = make_tables(z, 1 + o->zones.count + special_name_count);
	if (r == OK)
		r = fill(z, o);
	if (r < 0)
		return r;
	*ret = take_ptr(z);
	return OK;
}

void zones_free(struct zones *z)
{
	if (!z)
		return;
	local_data_done(&z->data);
	free(z->zones);
	free(z->groups);
	free(z->servers);
	free(z->slots);
	free(z);
}

const struct upstream *zones_servers(const struct zones *z, size_t *ret_count)
{
	*ret_count = z->server_count;
	return z->servers;
}

const struct forward_group *zones_groups(const struct zones *z)
{
	return z->groups;
}

bool zones_need_resolver(const struct zones *z)
{
	bool needs = z->others.way == ZONE_RESOLVER;
	for (size_t i = 0; i < z->zone_count; i++)
		needs |= z->zones[i].way == ZONE_RESOLVER;
	return needs;
}
