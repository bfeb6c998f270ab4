#include "wire/dns_reply.h"

#include "wire/dns_build.h"

enum { ANY_TTL = 3600, FLAGS_AT = 2 };

struct dns_opt dns_reply_opt_ede(const struct dns_opt *opt, uint16_t code, struct view text)
{
	struct dns_opt with = *opt;
	with.has_ede = true;
	with.ede_code = code;
	with.ede_text = text;
	return with;
}

static size_t size_or_none(int size)
{
	return size > 0 ? (size_t)size : 0;
}

size_t dns_reply_error(const struct dns_reply *r, uint16_t rcode, int ede, const char *text,
                       uint8_t *room, size_t size_max)
{
	struct dns_builder b;
	struct dns_opt with;
	const struct dns_opt *opt = r->opt;
	if (opt && ede != DNS_REPLY_NO_EDE) {
		with = dns_reply_opt_ede(opt, (uint16_t)ede, view_text(text));
		opt = &with;
	}
	dns_build_open(&b, room, size_max, r->query, rcode, opt);
	return size_or_none(dns_build_close(&b));
}

size_t dns_reply_truncated(const struct dns_reply *r, uint8_t *room, size_t size_max)
{
	size_t size = dns_reply_error(r, DNS_RCODE_NOERROR, DNS_REPLY_NO_EDE, NULL, room, size_max);
	if (size)
		room[FLAGS_AT] |= DNS_FLAG_TC >> 8;
	return size;
}

size_t dns_reply_any(const struct dns_reply *r, uint8_t *room, size_t size_max)
{
	static const char hinfo[] = "\x07RFC8482\x00";
	struct dns_builder b;
	dns_build_open(&b, room, size_max, r->query, DNS_RCODE_NOERROR, r->opt);
	dns_build_record(&b, DNS_ANSWER, &r->query->name, DNS_TYPE_HINFO, ANY_TTL,
	                 view_of(hinfo, sizeof(hinfo) - 1));
	return size_or_none(dns_build_close(&b));
}
