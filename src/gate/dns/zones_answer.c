#include "gate/dns/upstream_message.h"
#include "gate/dns/zones_internal.h"
#include "wire/dns_build.h"

enum { NEGATIVE_TTL = 3600, LOCAL_CHAIN_MAX = 8 };

/* One answer being written. */
struct local_answer {
	const struct zones *zones;
	uint16_t type;     /* asked for */
	struct dname name; /* the end of the chain so far */
	struct dns_builder builder;
};

static void add_soa(struct local_answer *r, const struct zone *zone)
{
	uint32_t ttl = zone->special ? SPECIAL_TTL : NEGATIVE_TTL;
	struct dns_soa soa = {.primary = zone->name,
	                      .serial = 1,
	                      .refresh = 3600,
	                      .retry = 1200,
	                      .expire = 604800,
	                      .minimum = ttl};
	if (dname_parse_text(view_text("nobody.invalid"), &soa.mailbox) == OK)
		dns_build_soa(&r->builder, &zone->name, ttl, &soa);
}

static void add_text_name(struct local_answer *r, const char *text)
{
	struct dname name;
	if (dname_parse_text(view_text(text), &name) == OK)
		dns_build_record(&r->builder, DNS_ANSWER, &r->name, DNS_TYPE_PTR, SPECIAL_TTL,
		                 dname_view(&name));
}

/* What the special name itself says; false when that is nothing. */
static bool add_special(struct local_answer *r, const struct zone *zone)
{
	static const uint8_t loopback[16] = {[15] = 1};
	static const uint8_t loopback4[4] = {127, 0, 0, 1};
	static const char one[] = "\x01"
				  "1"
				  "\x01"
				  "0"
				  "\x01"
				  "0"
				  "\x03"
				  "127";
	switch (zone->special->kind) {
	case SPECIAL_LOCALHOST:
		if (r->type != DNS_TYPE_A && r->type != DNS_TYPE_AAAA)
			return false;
		dns_build_address(&r->builder, &r->name, SPECIAL_TTL,
		                  r->type == DNS_TYPE_A ? view_of(loopback4, sizeof(loopback4))
		                                        : view_of(loopback, sizeof(loopback)));
		return true;
	case SPECIAL_LOOPBACK:
		if (r->type != DNS_TYPE_PTR ||
		    (r->name.labels != zone->name.labels &&
		     memcmp(r->name.bytes, one, sizeof(one) - 1) != 0) ||
		    (r->name.labels == zone->name.labels && zone->name.labels < 6))
			return false;
		add_text_name(r, "localhost");
		return true;
	default: return false;
	}
}

/* Whether a name exists at all in a zone that is answered here and has no row for it. */
static bool exists(const struct zone *zone, const struct dname *name)
{
	enum special_kind kind = zone->special ? zone->special->kind : SPECIAL_EMPTY;
	return kind == SPECIAL_LOCALHOST ||
	       (kind != SPECIAL_NONE && name->labels == zone->name.labels);
}

static void end_negative(struct local_answer *r, const struct zone *zone)
{
	if (!exists(zone, &r->name))
		r->builder.rcode = DNS_RCODE_NXDOMAIN;
	add_soa(r, zone);
}

/* Adds the rows of the type, or the alias, which *ret_target then is. */
static unsigned add_rows(struct local_answer *r, const struct local_row *rows, size_t count,
                         struct dname *ret_target)
{
	unsigned added = 0;
	for (size_t i = 0; i < count; i++) {
		struct view data = local_data_of(&r->zones->data, &rows[i]);
		bool is_alias = rows[i].type == DNS_TYPE_CNAME;
		if (rows[i].type == 0 || (!is_alias && rows[i].type != r->type))
			continue;
		dns_build_record(&r->builder, DNS_ANSWER, &r->name, rows[i].type, rows[i].ttl,
		                 data);
		added++;
		if (is_alias && r->type != DNS_TYPE_CNAME)
			(void)!dname_parse_wire(data, ret_target);
	}
	return added;
}

/* The zone that says that there is no more at this name. */
static const struct zone *denying(const struct zones *z, const struct dname *name)
{
	const struct zone *zone = zones_find(z, name);
	return zone == &z->others ? NULL : zone;
}

/* One name of the chain. Returns 1 when it goes on at r->name, 0 when the answer is whole, ERR_MISSING when
 * nothing is known here about the name. */
static int step(struct local_answer *r)
{
	size_t count;
	struct dname target = {0};
	const struct local_row *rows = local_data_find(&r->zones->data, &r->name, &count);
	const struct zone *zone = denying(r->zones, &r->name);
	if (rows && zone) {
		unsigned added = add_rows(r, rows, count, &target);
		if (target.size) {
			r->name = target;
			return 1;
		}
		if (!added)
			add_soa(r, zone);
		return 0;
	}
	if (!zone || zone->way != ZONE_HERE)
		return ERR_MISSING;
	if (!zone->special || !add_special(r, zone))
		end_negative(r, zone);
	return 0;
}

int zones_answer(const struct zones *z, const struct dns_question *question, uint8_t *room,
                 size_t size)
{
	struct local_answer r = {.zones = z, .type = question->type, .name = question->name};
	struct upstream_question asked;
	upstream_question_write(&asked, &question->name, question->type, NULL);
	struct dns_query query = {.flags = DNS_FLAG_RD,
	                          .question = view_of(asked.bytes, asked.size)};
	dns_build_open(&r.builder, room, size, &query, DNS_RCODE_NOERROR, NULL);
	int more, steps = 0;
	do
		more = step(&r);
	while (more > 0 && ++steps < LOCAL_CHAIN_MAX);
	if (more == ERR_MISSING && steps == 0)
		return 0;
	if (more > 0)
		r.builder.rcode = DNS_RCODE_SERVFAIL; /* a loop of aliases */
	return dns_build_close(&r.builder);
}

static int copy_section(struct dns_pack *p, struct view from, enum dns_section section)
{
	struct dns_walk w;
	struct dns_record record;
	int r = dns_walk_open(from, &w);
	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0) {
		if (record.section == section)
			r = dns_pack_copy(p, from, &record);
	}
	return r;
}

int zones_join(struct view head, struct view tail, uint8_t *room, size_t size)
{
	struct dns_question question;
	struct dns_header header;
	struct dns_pack pack;
	int r = dns_question_parse(head, &question);
	if (r == OK)
		r = dns_header_parse(tail, &header);
	if (r < 0)
		return r;
	dns_pack_open(&pack, room, size);
	dns_pack_question(&pack,
	                  view_of(head.bytes + DNS_HEADER_SIZE, question.end - DNS_HEADER_SIZE));
	r = copy_section(&pack, head, DNS_ANSWER);
	for (int s = DNS_ANSWER; r >= 0 && s < DNS_SECTIONS; s++)
		r = copy_section(&pack, tail, (enum dns_section)s);
	return r < 0 ? r : dns_pack_close(&pack, header.id, header.flags);
}
