#include "wire/dns_rdata.h"

#include "base/reader.h"

enum {
	END = DNS_RDATA_END,
	REST = DNS_RDATA_REST,
	STRING = DNS_RDATA_STRING,
	NAME = DNS_RDATA_NAME,
	PLAIN = DNS_RDATA_NAME_PLAIN,
};

/* Types that hold names. Compression when writing is for those of RFC 1035 only. */
static const struct {
	uint16_t type;
	uint8_t steps[6];
} layouts[] = {
	{DNS_TYPE_CNAME, {NAME, END}},
	{DNS_TYPE_NS, {NAME, END}},
	{DNS_TYPE_SOA, {NAME, NAME, 20, END}},
	{DNS_TYPE_MX, {2, NAME, END}},
	{DNS_TYPE_PTR, {NAME, END}},
	{DNS_TYPE_RRSIG, {18, PLAIN, REST}},
	{DNS_TYPE_NSEC, {PLAIN, REST}},
	{DNS_TYPE_SRV, {6, PLAIN, END}},
	{DNS_TYPE_HTTPS, {2, PLAIN, REST}},
	{DNS_TYPE_SVCB, {2, PLAIN, REST}},
	{DNS_TYPE_DNAME, {PLAIN, END}},
	{DNS_TYPE_NAPTR, {4, STRING, STRING, STRING, PLAIN, END}},
	{DNS_TYPE_MINFO, {NAME, NAME, END}},
	{DNS_TYPE_RP, {PLAIN, PLAIN, END}},
	{DNS_TYPE_AFSDB, {2, PLAIN, END}},
	{DNS_TYPE_RT, {2, PLAIN, END}},
	{DNS_TYPE_SIG, {18, PLAIN, REST}},
	{DNS_TYPE_PX, {2, PLAIN, PLAIN, END}},
	{DNS_TYPE_NXT, {PLAIN, REST}},
	{DNS_TYPE_KX, {2, PLAIN, END}},
};

static const uint8_t without_names[] = {REST};

const uint8_t *dns_rdata_steps(uint16_t type)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].type == type)
			return layouts[i].steps;
	}
	return without_names;
}

/* Passes over what precedes the first name. */
static int find_name(struct view message, const struct dns_record *r, size_t *ret_at)
{
	size_t at = r->rdata_at;
	for (const uint8_t *step = dns_rdata_steps(r->type);; step++) {
		if (*step == NAME || *step == PLAIN)
			break;
		if (*step == REST || *step == END)
			return ERR_MISSING;
		at += *step == STRING ? (at < r->end ? message.bytes[at] + 1u : 1u) : *step;
	}
	if (at >= r->end)
		return ERR_MALFORMED;
	*ret_at = at;
	return OK;
}

int dns_rdata_name(struct view message, const struct dns_record *r, struct dname *ret)
{
	size_t at, next;
	struct dname name;
	int error = find_name(message, r, &at);
	if (error < 0)
		return error;
	error = dns_name_read(view_of(message.bytes, r->end), at, &name, &next);
	if (error < 0)
		return error == ERR_TRUNCATED ? ERR_MALFORMED : error;
	*ret = name;
	return OK;
}

int dns_rdata_soa(struct view message, const struct dns_record *r, struct dns_soa *ret)
{
	if (r->type != DNS_TYPE_SOA)
		return ERR_MISSING;
	struct view upto = view_of(message.bytes, r->end);
	struct dns_soa soa;
	size_t at;
	int error = dns_name_read(upto, r->rdata_at, &soa.primary, &at);
	if (error == OK)
		error = dns_name_read(upto, at, &soa.mailbox, &at);
	if (error < 0)
		return error == ERR_TRUNCATED ? ERR_MALFORMED : error;
	if (r->end - at != 20)
		return ERR_MALFORMED;
	struct reader rest = reader_open(message.bytes + at, r->end - at);
	soa.serial = read_u32(&rest);
	soa.refresh = read_u32(&rest);
	soa.retry = read_u32(&rest);
	soa.expire = read_u32(&rest);
	soa.minimum = read_u32(&rest);
	*ret = soa;
	return OK;
}

int dns_rdata_address(const struct dns_record *r, struct view *ret)
{
	bool is_a = r->type == DNS_TYPE_A;
	if (r->class != DNS_CLASS_IN || (!is_a && r->type != DNS_TYPE_AAAA))
		return ERR_MISSING;
	if (r->rdata.size != (is_a ? 4 : 16))
		return ERR_MALFORMED;
	*ret = r->rdata;
	return OK;
}
