#include "refusal/block_options.h"

#include "wire/dns.h"

static int check_v4(const void *value, const char **ret_expected)
{
	const struct prefix *p = value;
	if (p->family == ADDRESS_NONE || (p->family == ADDRESS_V4 && p->bits == 32))
		return OK;
	*ret_expected = "one IPv4 address";
	return ERR_INVALID;
}

static int check_v6(const void *value, const char **ret_expected)
{
	const struct prefix *p = value;
	if (p->family == ADDRESS_NONE || (p->family == ADDRESS_V6 && p->bits == 128))
		return OK;
	*ret_expected = "one IPv6 address";
	return ERR_INVALID;
}

/* Options that mean something else here. */
static int check_option(const void *value, const char **ret_expected)
{
	static const uint16_t taken[] = {DNS_OPTION_NSID,    DNS_OPTION_CLIENT_SUBNET,
	                                 DNS_OPTION_COOKIE,  DNS_OPTION_KEEPALIVE,
	                                 DNS_OPTION_PADDING, DNS_OPTION_EDE};
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (*(const int64_t *)value != taken[i])
			continue;
		*ret_expected = "an option that nothing else uses, as 65001";
		return ERR_INVALID;
	}
	return OK;
}

static int check_block(const void *value, const char **ret_expected)
{
	const struct dns_block_options *b = value;
	if (b->form != BLOCK_ADDRESS || b->address4.family || b->address6.family)
		return OK;
	*ret_expected = "address4 or address6 beside `form: address`";
	return ERR_INVALID;
}

#define AT(member) .offset = offsetof(struct dns_block_options, member)
static const struct schema_field block_fields[] = {
	{.name = "form",
         .type = SCHEMA_CHOICE,
         AT(form),
         .choices = block_form_names,
         .default_text = "nxdomain",
         .help = "Answer to a blocked name: nxdomain (no such name), nodata (no such record), null "
                 "(0.0.0.0 and ::), refused, or address (of a page that explains)."},
	{.name = "address4",
         .type = SCHEMA_PREFIX,
         AT(address4),
         .check = check_v4,
         .help = "IPv4 address of the page that explains, for `form: address`."},
	{.name = "address6",
         .type = SCHEMA_PREFIX,
         AT(address6),
         .check = check_v6,
         .help = "IPv6 address of the page that explains, for `form: address`."},
	{.name = "ttl",
         .type = SCHEMA_DURATION,
         AT(ttl_us),
         .min = 0,
         .max = DAY_US,
         .default_text = "60 s",
         .help = "How long clients may keep a block; short, so that an exemption is soon felt."},
	{.name = "structured_option",
         .type = SCHEMA_INT,
         AT(structured_option),
         .min = 0,
         .max = 65535,
         .check = check_option,
         .default_text = "65001",
         .help = "EDNS option by which clients ask for structured errors; it has no assigned number yet. 0: none."},
	{.name = NULL},
};
#undef AT
const struct schema dns_block_schema = {.name = "block",
                                        .size = sizeof(struct dns_block_options),
                                        .fields = block_fields,
                                        .help = "How blocked names are answered.",
                                        .check = check_block};
