#include "wire/dns_svcb.h"

#include "base/reader.h"
#include "wire/dns.h"
#include "wire/dns_edns.h"

int dns_svcb_next(struct view *params, struct dns_svcb_param *ret)
{
	/* they have the form of EDNS options */
	return dns_option_next(params, &ret->key, &ret->value);
}

/* The forms that RFC 9460 s7 and s8 give to the first keys. */
static bool is_value_good(const struct dns_svcb_param *param)
{
	size_t size = param->value.size;
	switch (param->key) {
	case DNS_SVCB_MANDATORY: return size && size % 2 == 0;
	case DNS_SVCB_NO_DEFAULT_ALPN: return size == 0;
	case DNS_SVCB_PORT: return size == 2;
	case DNS_SVCB_IPV4HINT: return size && size % 4 == 0;
	case DNS_SVCB_IPV6HINT: return size && size % 16 == 0;
	default: return true;
	}
}

/* Offset after the uncompressed target. */
static size_t target_end(struct view rdata)
{
	size_t at = 2;
	while (at < rdata.size && rdata.bytes[at] && rdata.bytes[at] < 64)
		at += rdata.bytes[at] + 1u;
	return at + 1 < rdata.size ? at + 1 : rdata.size;
}

int dns_svcb_parse(struct view rdata, struct dns_svcb *ret)
{
	struct dname target;
	if (rdata.size < 3)
		return ERR_MALFORMED;
	size_t end = target_end(rdata);
	if (dname_parse_wire(view_of(rdata.bytes + 2, end - 2), &target) < 0)
		return ERR_MALFORMED;
	struct view params = view_skip(rdata, end), rest = params;
	struct dns_svcb_param param;
	int r, last = -1;
	while ((r = dns_svcb_next(&rest, &param)) > 0) {
		if (param.key <= last || !is_value_good(&param))
			return ERR_MALFORMED;
		last = param.key;
	}
	if (r < 0)
		return r;
	*ret = (struct dns_svcb){
		.priority = dns_u16_at(rdata.bytes), .target = target, .params = params};
	return OK;
}

int dns_svcb_find(const struct dns_svcb *svcb, uint16_t key, struct view *ret)
{
	struct view params = svcb->params;
	struct dns_svcb_param param;
	while (dns_svcb_next(&params, &param) > 0) {
		if (param.key == key) {
			*ret = param.value;
			return OK;
		}
	}
	return ERR_MISSING;
}

static void write_param(uint16_t key, struct view value, struct writer *w)
{
	if (value.size == 0)
		return;
	write_u16(w, key);
	write_u16(w, (uint16_t)value.size);
	write_view(w, value);
}

void dns_svcb_write(const struct dns_svcb_service *service, struct writer *w)
{
	const uint8_t port[] = {(uint8_t)(service->port >> 8), (uint8_t)service->port};
	write_u16(w, service->priority);
	write_view(w, dname_view(service->target));
	write_param(DNS_SVCB_ALPN, service->alpn, w);
	write_param(DNS_SVCB_PORT, view_of(port, service->port ? sizeof(port) : 0), w);
	write_param(DNS_SVCB_IPV4HINT, service->ipv4, w);
	write_param(DNS_SVCB_IPV6HINT, service->ipv6, w);
	write_param(DNS_SVCB_DOHPATH, service->dohpath, w);
}

/* Writes the `mandatory` parameter without `key`; nothing at all when no key is left. */
static bool write_mandatory(struct view keys, uint16_t key, struct writer *w)
{
	size_t left = 0;
	for (size_t i = 0; i + 1 < keys.size; i += 2)
		left += dns_u16_at(keys.bytes + i) != key;
	if (left) {
		write_u16(w, DNS_SVCB_MANDATORY);
		write_u16(w, (uint16_t)(left * 2));
	}
	for (size_t i = 0; i + 1 < keys.size; i += 2) {
		if (dns_u16_at(keys.bytes + i) != key)
			write_bytes(w, keys.bytes + i, 2);
	}
	return left * 2 != keys.size;
}

int dns_svcb_write_without(struct view rdata, uint16_t key, struct writer *w)
{
	struct dns_svcb svcb;
	int r = dns_svcb_parse(rdata, &svcb);
	if (r < 0)
		return r;
	bool removed = false;
	write_bytes(w, rdata.bytes, rdata.size - svcb.params.size);
	struct dns_svcb_param param;
	while (dns_svcb_next(&svcb.params, &param) > 0) {
		if (param.key == key) {
			removed = true;
		} else if (param.key == DNS_SVCB_MANDATORY) {
			removed |= write_mandatory(param.value, key, w);
		} else {
			write_u16(w, param.key);
			write_u16(w, (uint16_t)param.value.size);
			write_view(w, param.value);
		}
	}
	return removed;
}
