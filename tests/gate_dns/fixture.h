/* fixture.h - a small policy, queries and upstream answers for the tests of the DNS gate.
 *
 * The policy: product `banned` by an order that binds, with exemption of one client. Served networks are
 * 127.0.0.0/24, ::1 and 192.0.2.0/24. Functions end the program when the fixture itself is wrong. */
#pragma once

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/dns/options.h"
#include "policy/compile.h"
#include "policy/policy.h"
#include "wire/dns_build.h"
#include "wire/dns_query.h"

#define FIXTURE_NOW_US INT64_C(1767225600000000) /* 2026-01-01 */

static const char fixture_product[] =
	"product: banned\n"
	"title: Banned Chat\n"
	"vendor: Banned Inc.\n"
	"collected: 2025-12-01\n"
	"sources: [{id: s, note: Made up.}]\n"
	"identifiers:\n"
	"  - {id: site, facets: [web], kind: domain, value: banned.example, match: suffix,\n"
	"     role: dedicated, confidence: high, status: current, sources: [s]}\n"
	"  - {id: docs, facets: [web], kind: domain, value: docs.banned.example, match: suffix,\n"
	"     role: supporting, confidence: high, status: current, sources: [s]}\n"
	"  - {id: cdn, facets: [web], kind: cname, value: cdn.delivery.example, match: suffix,\n"
	"     role: dedicated, confidence: high, status: current, sources: [s]}\n"
	"  - {id: host, facets: [web], kind: address, value: 198.51.100.7, match: exact,\n"
	"     role: dedicated, confidence: high, status: current, sources: [s]}\n"
	"  - {id: host6, facets: [web], kind: address, value: '2001:db8:bad::/48', match: prefix,\n"
	"     role: dedicated, confidence: high, status: current, sources: [s]}\n"
	"  - {id: canary, facets: [web], kind: domain, value: canary.example, match: exact,\n"
	"     role: dedicated, confidence: high, status: current, canary: yes, sources: [s]}\n";

static const char fixture_order[] =
	"order: test-order\n"
	"title: Order on banned products\n"
	"issuer: Ministry\n"
	"jurisdiction: TW\n"
	"number: unknown\n"
	"legal_basis: Security Act art. 11\n"
	"type: order\n"
	"announced: 2020-01-01\n"
	"effective: 2020-01-01\n"
	"status: in-force\n"
	"products: [banned]\n"
	"scope: [{facet: web, position: covered}]\n"
	"obligations:\n"
	"  - {id: 1, verb: prevent-use, text: Nobody uses it., clause: art. 1, force: must,\n"
	"     binds: [central-agency], deadline: immediate, source: s}\n"
	"exemption: {available: yes, approvals: [{role: head, title: Head}], max_days: 10000}\n"
	"sources: [{id: s, kind: official, note: Made up.}]\n"
	"confidence: high\n";

/* %s: enforce or observe, keep or strip */
static const char fixture_organisation[] =
	"organisation: test\n"
	"name: Test\n"
	"jurisdiction: TW\n"
	"classes: [central-agency]\n"
	"contact: it@ministry.example\n"
	"ech: %s\n"
	"networks:\n"
	"  - prefix: 127.0.0.0/24\n"
	"  - prefix: '::1'\n"
	"  - prefix: 192.0.2.0/24\n"
	"adoptions: [{order: test-order, mode: %s}]\n"
	"exemptions:\n"
	"  - {id: e1, order: test-order, product: banned, reason: Research., clients: [192.0.2.99],\n"
	"     approvals: [{role: head, by: Head, at: 2025-01-01}],\n"
	"     not_before: 2025-01-01, not_after: 2027-01-01}\n";

static inline void fixture_show(const struct problems *p)
{
	for (const struct problem *i = p->first; i; i = i->next)
		fprintf(stderr, "%s:%u:%u: %s\n", i->file, i->line, i->column, i->text);
}

/* Appends the image of that organisation, whose only list, if it names one, is `list`. */
static inline void fixture_compile(const char *organisation_yaml, struct view list,
                                   struct buffer *ret)
{
	struct arena a;
	struct problems problems = {0}, warnings = {0};
	struct product product;
	struct order order;
	struct organisation organisation;
	struct policy_counts counts;
	const char *file = "list.txt";
	arena_init(&a, 0);
	struct policy_sources sources = {.products = &product,
	                                 .product_count = 1,
	                                 .orders = &order,
	                                 .order_count = 1,
	                                 .organisation = &organisation,
	                                 .lists = &list,
	                                 .list_files = &file};
	if (product_read("banned.yaml", view_text(fixture_product), &a, &problems, &product) < 0 ||
	    order_read("test-order.yaml", view_text(fixture_order), &a, &problems, &order) < 0 ||
	    organisation_read("organisation.yaml", view_text(organisation_yaml), &a, &problems,
	                      &organisation) < 0 ||
	    policy_compile(&sources, ret, &counts, &warnings, &problems) < 0) {
		fixture_show(&problems);
		abort();
	}
	problems_done(&problems);
	problems_done(&warnings);
	arena_done(&a);
}

/* Appends the image of the organisation above. */
static inline void fixture_image(const char *ech, const char *mode, struct buffer *ret)
{
	char text[2048];
	(void)snprintf(text, sizeof(text), fixture_organisation, ech, mode);
	fixture_compile(text, (struct view){0}, ret);
}

/* Reads options from YAML; "" gives the defaults. They live in the arena. */
static inline void fixture_options(const char *yaml, struct arena *a, struct dns_options *ret)
{
	struct problems problems = {0};
	if (schema_read(&dns_options_schema, "dns.yaml", view_text(yaml), a, &problems, ret) < 0) {
		fixture_show(&problems);
		abort();
	}
	problems_done(&problems);
}

static inline struct dname fixture_name(const char *text)
{
	struct dname name;
	if (dname_parse_text(view_text(text), &name) < 0)
		abort();
	return name;
}

static inline struct address fixture_address(const char *text)
{
	struct address address;
	if (address_parse(view_text(text), &address) < 0)
		abort();
	return address;
}

enum { FIXTURE_NO_EDNS = 0, FIXTURE_EDNS = 1232 };

/* Writes a query with RD; `udp_size` of FIXTURE_NO_EDNS: no OPT. Returns its view. */
static inline struct view fixture_query(uint8_t room[static 512], const char *name, uint16_t type,
                                        uint16_t id, uint16_t udp_size)
{
	struct dname n = fixture_name(name);
	struct writer w = writer_open(room, 512);
	write_u16(&w, id);
	write_u16(&w, DNS_FLAG_RD);
	write_u16(&w, 1);
	write_u32(&w, 0);
	write_u16(&w, udp_size ? 1 : 0);
	write_view(&w, dname_view(&n));
	write_u16(&w, type);
	write_u16(&w, DNS_CLASS_IN);
	struct dns_opt opt = {.udp_size = udp_size};
	if (udp_size)
		dns_opt_write(&w, &opt, 0);
	assert(!w.failed);
	return view_of(room, writer_size(&w));
}

/* One record of an upstream's answer, by its data: a name, an address, or bytes. */
struct fixture_record {
	const char *owner;
	uint16_t type;
	const char *data;  /* of CNAME: a name; of A and AAAA: an address */
	struct view bytes; /* of other types */
};

/* Writes an upstream's answer to a question, TTL 300. */
static inline struct view fixture_answer(uint8_t room[static 4096], struct view query_packet,
                                         const struct fixture_record *records, size_t count)
{
	struct dns_query query;
	struct dns_builder b;
	enum dns_query_verdict verdict = dns_query_parse(query_packet, &query);
	assert(verdict == DNS_QUERY_OK);
	(void)verdict;
	dns_build_open(&b, room, 4096, &query, DNS_RCODE_NOERROR, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct fixture_record *r = &records[i];
		struct dname owner = fixture_name(r->owner);
		if (r->type == DNS_TYPE_CNAME) {
			struct dname target = fixture_name(r->data);
			dns_build_cname(&b, &owner, 300, &target);
		} else if (r->data) {
			struct address address = fixture_address(r->data);
			dns_build_address(&b, &owner, 300, view_of(address.bytes, address.size));
		} else {
			dns_build_record(&b, DNS_ANSWER, &owner, r->type, 300, r->bytes);
		}
	}
	int size = dns_build_close(&b);
	assert(size > 0);
	return view_of(room, (size_t)size);
}
