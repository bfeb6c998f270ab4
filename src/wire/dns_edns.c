#include "wire/dns_edns.h"

#include "base/reader.h"
#include "wire/dns.h"

enum {
	FIXED_SIZE = 11,        /* an OPT record without options */
	OPTION_HEADER_SIZE = 4, /* code, length */
	COOKIE_CLIENT_SIZE = 8,
	COOKIE_SIZE_MIN = 16,
	COOKIE_SIZE_MAX = 40,
	TTL_DO = 0x8000,
};

int dns_option_next(struct view *options, uint16_t *ret_code, struct view *ret_value)
{
	if (options->size == 0)
		return 0;
	struct reader r = reader_open(options->bytes, options->size);
	uint16_t code = read_u16(&r);
	struct reader value = read_block(&r, 2);
	if (r.failed)
		return ERR_MALFORMED;
	*ret_code = code;
	*ret_value = view_of(value.at, reader_left(&value));
	*options = view_of(r.at, reader_left(&r));
	return 1;
}

static int take_cookie(struct view value, struct dns_edns *edns)
{
	if (value.size != COOKIE_CLIENT_SIZE &&
	    (value.size < COOKIE_SIZE_MIN || value.size > COOKIE_SIZE_MAX))
		return ERR_MALFORMED;
	if (edns->cookie.size == 0)
		edns->cookie = value;
	return OK;
}

static int take_ede(struct view value, struct dns_edns *edns)
{
	if (value.size == 0)
		return OK; /* in a query: the client shows errors */
	struct reader r = reader_open(value.bytes, value.size);
	uint16_t code = read_u16(&r);
	if (r.failed)
		return ERR_MALFORMED;
	if (edns->has_ede)
		return OK;
	edns->has_ede = true;
	edns->ede_code = code;
	edns->ede_text = view_of(r.at, reader_left(&r));
	return OK;
}

static int take_option(uint16_t code, struct view value, struct dns_edns *edns)
{
	switch (code) {
	case DNS_OPTION_COOKIE: return take_cookie(value, edns);
	case DNS_OPTION_EDE: return take_ede(value, edns);
	case DNS_OPTION_KEEPALIVE: edns->has_keepalive = true; return OK;
	case DNS_OPTION_PADDING: edns->has_padding = true; return OK;
	case DNS_OPTION_NSID: edns->has_nsid = true; return OK;
	default: return OK;
	}
}

int dns_edns_parse(uint16_t class_field, uint32_t ttl_field, struct view rdata,
                   struct dns_edns *ret)
{
	struct dns_edns edns = {
		.is_present = true,
		.udp_size = class_field,
		.rcode_high = (uint8_t)(ttl_field >> 24),
		.version = (uint8_t)(ttl_field >> 16),
		.wants_dnssec = ttl_field & TTL_DO,
		.options = rdata,
	};
	uint16_t code;
	struct view value;
	int r = 0;
	while (edns.version == 0 && (r = dns_option_next(&rdata, &code, &value)) > 0) {
		r = take_option(code, value, &edns);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	*ret = edns;
	return OK;
}

size_t dns_opt_size_min(const struct dns_opt *opt)
{
	size_t size = FIXED_SIZE;
	if (opt->cookie.size)
		size += OPTION_HEADER_SIZE + opt->cookie.size;
	if (opt->nsid.size)
		size += OPTION_HEADER_SIZE + opt->nsid.size;
	if (opt->has_keepalive)
		size += OPTION_HEADER_SIZE + 2;
	if (opt->has_ede)
		size += OPTION_HEADER_SIZE + 2;
	return size;
}

static void begin_option(struct writer *w, uint16_t code, size_t size)
{
	write_u16(w, code);
	write_u16(w, (uint16_t)size);
}

/* The longest part of at most `size_max` bytes that ends between characters. */
static struct view cut_text(struct view text, size_t size_max)
{
	if (text.size <= size_max)
		return text;
	while (size_max && (text.bytes[size_max] & 0xc0) == 0x80)
		size_max--;
	return view_of(text.bytes, size_max);
}

/* The last of the options that need their room, so the text may take all that is left. */
static void write_ede(struct writer *w, const struct dns_opt *opt)
{
	size_t fixed = OPTION_HEADER_SIZE + 2;
	struct view text =
		cut_text(opt->ede_text, writer_left(w) < fixed ? 0 : writer_left(w) - fixed);
	begin_option(w, DNS_OPTION_EDE, 2 + text.size);
	write_u16(w, opt->ede_code);
	write_view(w, text);
}

static void write_padding(struct writer *w, size_t block)
{
	if (w->failed || writer_left(w) < OPTION_HEADER_SIZE)
		return;
	size_t left = writer_left(w) - OPTION_HEADER_SIZE;
	size_t over = (writer_size(w) + OPTION_HEADER_SIZE) % block;
	size_t size = over ? block - over : 0;
	if (size > left)
		size = left;
	begin_option(w, DNS_OPTION_PADDING, size);
	uint8_t *zeros = write_space(w, size);
	if (zeros && size)
		memset(zeros, 0, size);
}

void dns_opt_write(struct writer *w, const struct dns_opt *opt, uint16_t rcode)
{
	write_u8(w, 0); /* the root */
	write_u16(w, DNS_TYPE_OPT);
	write_u16(w, opt->udp_size);
	write_u32(w, (uint32_t)(rcode >> 4) << 24 | (opt->dnssec ? TTL_DO : 0));
	uint8_t *rdlength = write_space(w, 2);
	if (opt->cookie.size) {
		begin_option(w, DNS_OPTION_COOKIE, opt->cookie.size);
		write_view(w, opt->cookie);
	}
	if (opt->nsid.size) {
		begin_option(w, DNS_OPTION_NSID, opt->nsid.size);
		write_view(w, opt->nsid);
	}
	if (opt->has_keepalive) {
		begin_option(w, DNS_OPTION_KEEPALIVE, 2);
		write_u16(w, opt->keepalive_100ms);
	}
	if (opt->has_ede)
		write_ede(w, opt);
	if (opt->padding_block)
		write_padding(w, opt->padding_block);
	if (!w->failed)
		write_u16_at(w, rdlength, (uint16_t)(w->at - rdlength - 2));
}
