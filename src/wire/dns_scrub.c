#include "wire/dns_scrub.h"

#include "wire/dns_message.h"
#include "wire/dns_pack.h"
#include "wire/dns_rdata.h"

/* The name asked for, and what it is an alias of. */
struct chain {
	struct dname names[DNS_CHAIN_MAX + 1];
	size_t count;
};

static bool chain_has(const struct chain *c, const struct dname *name)
{
	for (size_t i = 0; i < c->count; i++) {
		if (dname_equal(&c->names[i], name))
			return true;
	}
	return false;
}

/* Whether some name of the chain is in the zone. */
static bool chain_under(const struct chain *c, const struct dname *zone)
{
	for (size_t i = 0; i < c->count; i++) {
		if (dname_is_under(&c->names[i], zone))
			return true;
	}
	return false;
}

/* Takes one round of aliases in; returns whether the chain grew. */
static int follow(struct view message, const struct dns_walk *from, struct chain *c)
{
	struct dns_walk w = *from;
	struct dns_record record;
	size_t before = c->count;
	int r;
	while ((r = dns_walk_next(&w, &record)) > 0 && record.section == DNS_ANSWER) {
		struct dname owner, target;
		if (record.type != DNS_TYPE_CNAME || record.class != DNS_CLASS_IN ||
		    c->count > DNS_CHAIN_MAX)
			continue;
		r = dns_record_name(message, &record, &owner);
		if (r >= 0)
			r = dns_rdata_name(message, &record, &target);
		if (r < 0)
			return r;
		if (chain_has(c, &owner) && !chain_has(c, &target))
			c->names[c->count++] = target;
	}
	return r < 0 ? r : c->count > before;
}

static bool belongs_to_answer(const struct chain *c, uint16_t type, const struct dname *owner)
{
	/* DNAME and its signature stand at a name above */
	if (type == DNS_TYPE_DNAME || type == DNS_TYPE_RRSIG)
		return chain_under(c, owner);
	return chain_has(c, owner);
}

static bool belongs_to_authority(const struct chain *c, uint16_t type, const struct dname *owner)
{
	switch (type) {
	case DNS_TYPE_NSEC:
	case DNS_TYPE_NSEC3:
	case DNS_TYPE_RRSIG: return true; /* proofs, which name nobody to go to */
	case DNS_TYPE_SOA:
	case DNS_TYPE_NS:
	case DNS_TYPE_DS: return chain_under(c, owner);
	default: return false;
	}
}

/* 1, 0, or an error of the owner's name. */
static int belongs(struct view message, const struct dns_record *record, const struct chain *c)
{
	struct dname owner;
	if (record->type == DNS_TYPE_OPT)
		return record->section == DNS_ADDITIONAL;
	if (record->class != DNS_CLASS_IN || record->section == DNS_ADDITIONAL)
		return 0;
	int r = dns_record_name(message, record, &owner);
	if (r < 0)
		return r;
	return record->section == DNS_ANSWER ? belongs_to_answer(c, record->type, &owner)
	                                     : belongs_to_authority(c, record->type, &owner);
}

/* OPT has something else in its place. */
static bool is_too_long(const struct dns_record *record, uint32_t ttl_max)
{
	return record->type != DNS_TYPE_OPT && record->ttl > ttl_max;
}

/* Returns how many records cannot stay as they are. */
static int count_changes(struct view message, const struct dns_walk *from, const struct chain *c,
                         uint32_t ttl_max)
{
	struct dns_walk w = *from;
	struct dns_record record;
	int count = 0, r;
	while ((r = dns_walk_next(&w, &record)) > 0) {
		r = belongs(message, &record, c);
		if (r < 0)
			return r;
		count += !r || is_too_long(&record, ttl_max);
	}
	return r < 0 ? r : count;
}

static int copy_rest(struct view message, const struct dns_walk *from, const struct chain *c,
                     uint32_t ttl_max, struct dns_pack *p)
{
	struct dns_walk w = *from;
	struct dns_record record;
	int r;
	while ((r = dns_walk_next(&w, &record)) > 0) {
		r = belongs(message, &record, c);
		if (is_too_long(&record, ttl_max))
			record.ttl = ttl_max;
		if (r > 0)
			r = dns_pack_copy(p, message, &record);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : dns_pack_close(p, w.header.id, w.header.flags);
}

int dns_scrub(struct view message, uint32_t ttl_max, uint8_t *room, size_t size, struct view *ret)
{
	struct dns_question question;
	struct dns_walk walk;
	struct dns_pack pack;
	struct chain chain = {.count = 1};
	int r = dns_question_parse(message, &question);
	if (r == OK)
		r = dns_walk_open(message, &walk);
	if (r < 0)
		return r;
	chain.names[0] = question.name;
	while ((r = follow(message, &walk, &chain)) > 0)
		;
	if (r == OK)
		r = count_changes(message, &walk, &chain, ttl_max);
	if (r <= 0) {
		if (r == OK)
			*ret = message;
		return r;
	}
	dns_pack_open(&pack, room, size);
	dns_pack_question(&pack,
	                  view_of(message.bytes + DNS_HEADER_SIZE, question.end - DNS_HEADER_SIZE));
	r = copy_rest(message, &walk, &chain, ttl_max, &pack);
	if (r < 0)
		return r;
	*ret = view_of(room, (size_t)r);
	return OK;
}

/* Whether there is an alias, and nothing that ends the matter: a record of the type, or the SOA that denies it. */
static bool is_open(const struct dns_walk *from, uint16_t asked)
{
	struct dns_walk w = *from;
	struct dns_record record;
	bool has_alias = false;
	while (dns_walk_next(&w, &record) > 0 && record.section != DNS_ADDITIONAL) {
		if (record.type == asked || record.type == DNS_TYPE_SOA)
			return false;
		has_alias |= record.type == DNS_TYPE_CNAME;
	}
	return has_alias;
}

bool dns_ends_in_alias(struct view message, struct dname *ret_target)
{
	struct dns_question question;
	struct dns_walk walk;
	struct chain chain = {.count = 1};
	if (dns_question_parse(message, &question) < 0 || dns_walk_open(message, &walk) < 0 ||
	    walk.header.flags & DNS_FLAGS_RCODE || question.type == DNS_TYPE_ANY ||
	    !is_open(&walk, question.type))
		return false;
	chain.names[0] = question.name;
	while (follow(message, &walk, &chain) > 0)
		;
	*ret_target = chain.names[chain.count - 1];
	return chain.count > 1;
}
