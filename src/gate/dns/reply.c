#include "gate/dns/reply.h"

#include "net/udp_batch.h"
#include "wire/dns_build.h"

enum { ANY_TTL = 3600, FLAGS_AT = 2 };

struct dns_opt reply_opt(const struct dns_query *query)
{
	return (struct dns_opt){
		.udp_size = UDP_ANSWER_SIZE_MAX,
		.dnssec = query->edns.wants_dnssec,
	};
}

struct dns_opt reply_opt_ede(const struct dns_query *query, uint16_t code, const char *text)
{
	struct dns_opt opt = reply_opt(query);
	opt.has_ede = true;
	opt.ede_code = code;
	opt.ede_text = view_text(text);
	return opt;
}

static size_t size_or_none(int size)
{
	return size > 0 ? (size_t)size : 0;
}

size_t reply_error(const struct dns_query *query, uint16_t rcode, int ede, const char *text,
                   uint8_t *room, size_t size_max)
{
	struct dns_builder b;
	struct dns_opt opt =
		ede == REPLY_NO_EDE ? reply_opt(query) : reply_opt_ede(query, (uint16_t)ede, text);
	dns_build_open(&b, room, size_max, query, rcode, query->edns.is_present ? &opt : NULL);
	return size_or_none(dns_build_close(&b));
}

size_t reply_truncated(const struct dns_query *query, uint8_t *room, size_t size_max)
{
	size_t size = reply_error(query, DNS_RCODE_NOERROR, REPLY_NO_EDE, NULL, room, size_max);
	if (size)
		room[FLAGS_AT] |= DNS_FLAG_TC >> 8;
	return size;
}

size_t reply_any(const struct dns_query *query, uint8_t *room, size_t size_max)
{
	static const char hinfo[] = "\x07RFC8482\x00";
	struct dns_builder b;
	struct dns_opt opt = reply_opt(query);
	dns_build_open(&b, room, size_max, query, DNS_RCODE_NOERROR,
	               query->edns.is_present ? &opt : NULL);
	dns_build_record(&b, DNS_ANSWER, &query->name, DNS_TYPE_HINFO, ANY_TTL,
	                 view_of(hinfo, sizeof(hinfo) - 1));
	return size_or_none(dns_build_close(&b));
}
