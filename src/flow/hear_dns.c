#include "flow/hear_dns.h"

#include "flow/recogniser_internal.h"
#include "wire/dns_message.h"
#include "wire/dns_query.h"

enum {
	DNS_PORT = 53,
	LENGTH_SIZE = 2,
	HEADER_SIZE = 12,
	QUERY_SIZE_MIN = HEADER_SIZE + 5,
	STRICT_SIZE_MAX = 1024,
	FLAGS_AT = 2,
	COUNTS_AT = 4,
};

static bool is_dns_port(const struct flow_key *key)
{
	return key->server_port == DNS_PORT;
}

/* On other ports it must look like what resolvers send: one question, no answer, few records behind it. */
static bool may_be_query(struct view m)
{
	static const uint8_t counts[] = {0, 1, 0, 0, 0, 0, 0};
	if (m.size > FLAGS_AT && m.bytes[FLAGS_AT] & 0xf8)
		return false;
	size_t there = m.size > COUNTS_AT ? m.size - COUNTS_AT : 0;
	if (there > sizeof(counts))
		there = sizeof(counts);
	return there == 0 || memcmp(m.bytes + COUNTS_AT, counts, there) == 0;
}

/* Updates and notices, and queries with something wrong in them, name somebody too. */
static bool has_name(struct view message, struct dname *ret)
{
	struct dns_header header;
	size_t end;
	return dns_header_parse(message, &header) == OK && header.counts[DNS_QUESTION] &&
	       dns_name_read(message, HEADER_SIZE, ret, &end) == OK;
}

static int claim_query(struct view message, bool is_strict, const struct ear *ear)
{
	struct dns_query q = {0};
	char text[DNAME_TEXT_SIZE];
	enum dns_query_verdict verdict = dns_query_parse(message, &q);
	/* what is wrong behind the question is for its server to find */
	if (is_strict && (verdict == DNS_QUERY_DROP || q.question.size == 0 || q.class != 1 ||
	                  !may_be_query(message)))
		return ERR_MISSING;
	struct flow_claim claim = {.protocol = FLOW_DNS, .message = message};
	if (verdict != DNS_QUERY_DROP && (q.question.size || has_name(message, &q.name)))
		claim.name = view_text(dname_print(&q.name, text));
	return ear_claim(ear, &claim);
}

int hear_dns_datagram(struct view bytes, const struct ear *ear)
{
	return claim_query(bytes, !is_dns_port(ear->key), ear);
}

/* Whether a message of a stream, as far as it is there, may be a query. */
static bool may_be_framed_query(struct view bytes)
{
	if (bytes.size && bytes.bytes[0] >= STRICT_SIZE_MAX >> 8)
		return false;
	if (bytes.size >= LENGTH_SIZE && (bytes.bytes[0] << 8 | bytes.bytes[1]) < QUERY_SIZE_MIN)
		return false;
	return may_be_query(view_skip(bytes, LENGTH_SIZE));
}

int hear_dns(const struct conversation *at, struct view bytes, const struct ear *ear,
             struct heard *ret)
{
	bool is_strict = !is_dns_port(ear->key) && at->stage != STAGE_DNS;
	*ret = (struct heard){.protocol = FLOW_DNS, .goes_on = true, .next = *at};
	ret->next.stage = STAGE_DNS;
	if (is_strict && !may_be_framed_query(bytes))
		return ERR_MISSING;
	while (bytes.size >= LENGTH_SIZE) {
		size_t size = (size_t)bytes.bytes[0] << 8 | bytes.bytes[1];
		if (bytes.size - LENGTH_SIZE < size)
			return ERR_TRUNCATED;
		int r = claim_query(view_of(bytes.bytes + LENGTH_SIZE, size), is_strict, ear);
		if (r != OK)
			return r;
		ret->end += LENGTH_SIZE + size;
		bytes = view_skip(bytes, LENGTH_SIZE + size);
	}
	return bytes.size ? ERR_TRUNCATED : OK;
}

int hear_dns_part(const struct conversation *at, struct view bytes, const struct ear *ear)
{
	struct heard heard;
	struct dname name;
	char text[DNAME_TEXT_SIZE];
	int r = hear_dns(at, bytes, ear, &heard);
	if (r != ERR_TRUNCATED)
		return r;
	if (!has_name(view_skip(bytes, heard.end + LENGTH_SIZE), &name))
		return ERR_MISSING;
	struct flow_claim claim = {.protocol = FLOW_DNS};
	claim.name = view_text(dname_print(&name, text));
	return ear_claim(ear, &claim);
}
