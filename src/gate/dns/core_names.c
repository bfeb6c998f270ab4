#include "gate/dns/core_internal.h"
#include "wire/dns_message.h"
#include "wire/dns_svcb.h"

/* A program goes on with what it was told a little longer than it should. */
enum { LEARNED_LEAST_S = 30 };

typedef void address_fn(void *context, const struct address *address);

static void each_of(struct view bytes, size_t size, address_fn *each, void *context)
{
	for (; bytes.size >= size; bytes = view_skip(bytes, size)) {
		struct address address = address_from_bytes(bytes.bytes, size);
		each(context, &address);
	}
}

static void each_hint(struct view rdata, address_fn *each, void *context)
{
	struct dns_svcb svcb;
	struct dns_svcb_param param;
	if (dns_svcb_parse(rdata, &svcb) < 0)
		return;
	while (dns_svcb_next(&svcb.params, &param) > 0) {
		if (param.key == DNS_SVCB_IPV4HINT)
			each_of(param.value, 4, each, context);
		else if (param.key == DNS_SVCB_IPV6HINT)
			each_of(param.value, 16, each, context);
	}
}

static void each_address(const struct known *known, address_fn *each, void *context)
{
	struct dns_walk w;
	struct dns_record record;
	int r = known->is_failure ? ERR_MISSING : dns_walk_open(known_message(known), &w);
	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0) {
		if (record.section != DNS_ANSWER)
			continue;
		if (record.type == DNS_TYPE_A)
			each_of(record.rdata, 4, each, context);
		else if (record.type == DNS_TYPE_AAAA)
			each_of(record.rdata, 16, each, context);
		else if (record.type == DNS_TYPE_HTTPS || record.type == DNS_TYPE_SVCB)
			each_hint(record.rdata, each, context);
	}
}

static void add_bits(void *context, const struct address *address)
{
	uint16_t *bits = context;
	*bits |= learned_bits(address);
}

uint16_t core_address_bits(const struct known *known)
{
	uint16_t bits = 0;
	each_address(known, add_bits, &bits);
	return bits;
}

struct telling {
	const struct learned *names;
	const struct address *client;
	const struct dname *name; /* NULL: of one that is not listed */
	int64_t now_us, until_us;
};

static void tell(void *context, const struct address *address)
{
	const struct telling *t = context;
	if (t->name) /* a row that somebody else is writing is one of the same answer, or soon again */
		(void)learned_put(t->names, t->client, address, t->name, t->now_us, t->until_us);
	else
		learned_spoil(t->names, t->client, address, t->until_us);
}

void core_tell_names(const struct dns_core *core, const struct turn *t, const struct known *known,
                     const struct cache_found *found, const struct dname *alias)
{
	struct telling telling = {
		.names = core->names, .client = &t->client->address, .now_us = t->now->steady_us};
	if (t->is_listed)
		telling.name = &t->query->name;
	else if (alias->size)
		telling.name = alias;
	else if (!(known->addresses & learned_all_bits(core->names, t->now->steady_us)))
		return;
	uint32_t left_s = known->ttl_s > found->age_s ? known->ttl_s - found->age_s : 0;
	if (left_s < LEARNED_LEAST_S)
		left_s = LEARNED_LEAST_S;
	telling.until_us = t->now->steady_us + left_s * SECOND_US;
	each_address(known, tell, &telling);
}
