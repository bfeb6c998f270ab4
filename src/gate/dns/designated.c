#include "gate/dns/designated.h"

#include <stdio.h>
#include <string.h>

#include "wire/dns_build.h"
#include "wire/dns_svcb.h"

enum { TTL = 300, SOA_REFRESH = 3600, SOA_RETRY = 600, SOA_EXPIRE = 86400, RDATA_SIZE_MAX = 2048 };

static const struct dname zone = {15, 2, "\10resolver\4arpa"};
static const struct dname special = {20, 3, "\4_dns\10resolver\4arpa"};
static const struct dname nobody = {16, 2, "\6nobody\7invalid"};

static void add_address(struct designated_addresses *to, const struct prefix *p)
{
	size_t *size = p->family == ADDRESS_V4 ? &to->v4_size : &to->v6_size;
	uint8_t *bytes = p->family == ADDRESS_V4 ? to->v4 : to->v6;
	size_t each = p->family == ADDRESS_V4 ? 4 : 16;
	for (size_t at = 0; at < *size; at += each) {
		if (memcmp(bytes + at, p->bytes, each) == 0)
			return;
	}
	memcpy(bytes + *size, p->bytes, each);
	*size += each;
}

static bool listens_at(const struct schema_list *listen, uint16_t port, const struct prefix *p)
{
	const struct endpoint *all = listen->items;
	for (size_t i = 0; i < listen->count; i++) {
		if (all[i].port == port && all[i].family == p->family &&
		    (endpoint_is_wildcard(&all[i]) ||
		     memcmp(all[i].bytes, p->bytes, sizeof(p->bytes)) == 0))
			return true;
	}
	return false;
}

static void locate(struct designated *d, struct designated_service *s,
                   const struct schema_list *listen, const struct schema_list *addresses)
{
	const struct prefix *all = addresses->items;
	bool is_any = false;
	for (size_t i = 0; !is_any && i < addresses->count; i++)
		is_any = listens_at(listen, s->port, &all[i]);
	for (size_t i = 0; i < addresses->count; i++) {
		if (is_any && !listens_at(listen, s->port, &all[i]))
			continue;
		add_address(&s->at, &all[i]);
		add_address(&d->at, &all[i]);
	}
}

/* Services on several ports are told with the first. */
static struct designated_service *add_service(struct designated *d, const struct dns_options *o,
                                              const struct schema_list *listen)
{
	const struct endpoint *first = listen->items;
	if (listen->count == 0 || first->port == 0)
		return NULL;
	struct designated_service *s = &d->services[d->service_count++];
	s->port = first->port;
	locate(d, s, listen, &o->server.addresses);
	return s;
}

static void add_services(struct designated *d, const struct dns_options *o)
{
	static const char dot[] = "\3dot", https[] = "\2h2\10http/1.1";
	struct designated_service *s = add_service(d, o, &o->tls.listen);
	if (s)
		s->alpn = view_text(dot);
	s = add_service(d, o, &o->https.listen);
	if (s) {
		s->alpn = view_text(https);
		s->has_path = true;
		(void)snprintf(d->path, sizeof(d->path), "%s{?dns}", o->https.path);
	}
}

void designated_init(struct designated *d, const struct dns_options *o)
{
	const char *const *names = o->server.names.items;
	*d = (struct designated){0};
	for (size_t i = 0; i < o->server.names.count; i++) {
		if (dname_parse_text(view_text(names[i]), &d->names[d->name_count]) == OK)
			d->name_count++;
	}
	if (d->name_count)
		add_services(d, o);
}

/* The name in `_dns.NAME`; NULL for none of ours. */
static const struct dname *known_name(const struct designated *d, const struct dname *asked)
{
	const size_t label = sizeof("\4_dns") - 1;
	for (size_t i = 0; i < d->name_count; i++) {
		const struct dname *name = &d->names[i];
		if (asked->size == label + name->size &&
		    memcmp(asked->bytes, "\4_dns", label) == 0 &&
		    memcmp(asked->bytes + label, name->bytes, name->size) == 0)
			return name;
	}
	return NULL;
}

/* Most names do not end so, which is seen at once. */
static bool is_in_zone(const struct dname *name)
{
	return name->size >= zone.size &&
	       memcmp(name->bytes + name->size - zone.size, zone.bytes, zone.size) == 0 &&
	       dname_is_under(name, &zone);
}

bool designated_concerns(const struct designated *d, const struct dns_query *query)
{
	return is_in_zone(&query->name) ||
	       (query->type == DNS_TYPE_SVCB && d->service_count && known_name(d, &query->name));
}

/* Whose services are asked for; NULL when there is nothing to tell. */
static const struct dname *target_of(const struct designated *d, const struct dns_query *query)
{
	if (d->service_count == 0 || query->type != DNS_TYPE_SVCB)
		return NULL;
	return dname_equal(&query->name, &special) ? &d->names[0] : known_name(d, &query->name);
}

static void add_records(struct dns_builder *b, const struct designated *d,
                        const struct dname *owner, const struct dname *target)
{
	for (size_t i = 0; i < d->service_count; i++) {
		const struct designated_service *s = &d->services[i];
		uint8_t rdata[RDATA_SIZE_MAX];
		struct writer w = writer_open(rdata, sizeof(rdata));
		struct dns_svcb_service svcb = {.priority = (uint16_t)(i + 1),
		                                .target = target,
		                                .alpn = s->alpn,
		                                .port = s->port,
		                                .ipv4 = view_of(s->at.v4, s->at.v4_size),
		                                .ipv6 = view_of(s->at.v6, s->at.v6_size),
		                                .dohpath = view_text(s->has_path ? d->path : "")};
		dns_svcb_write(&svcb, &w);
		dns_build_record(b, DNS_ANSWER, owner, DNS_TYPE_SVCB, TTL,
		                 view_of(rdata, writer_size(&w)));
	}
	for (size_t at = 0; at < d->at.v4_size; at += 4)
		dns_build_record(b, DNS_ADDITIONAL, target, DNS_TYPE_A, TTL,
		                 view_of(d->at.v4 + at, 4));
	for (size_t at = 0; at < d->at.v6_size; at += 16)
		dns_build_record(b, DNS_ADDITIONAL, target, DNS_TYPE_AAAA, TTL,
		                 view_of(d->at.v6 + at, 16));
}

static void add_soa(struct dns_builder *b)
{
	const struct dns_soa soa = {.primary = zone,
	                            .mailbox = nobody,
	                            .serial = 1,
	                            .refresh = SOA_REFRESH,
	                            .retry = SOA_RETRY,
	                            .expire = SOA_EXPIRE,
	                            .minimum = TTL};
	dns_build_soa(b, &zone, TTL, &soa);
}

size_t designated_answer(const struct designated *d, const struct dns_reply *reply, uint8_t *room,
                         size_t size_max)
{
	struct dns_builder b;
	const struct dns_query *query = reply->query;
	const struct dname *target = target_of(d, query);
	dns_build_open(&b, room, size_max, query, DNS_RCODE_NOERROR, reply->opt);
	dns_build_flags(&b, DNS_FLAG_AA);
	if (target)
		add_records(&b, d, &query->name, target);
	else
		add_soa(&b);
	int size = dns_build_close(&b);
	return size > 0 ? (size_t)size : 0;
}
