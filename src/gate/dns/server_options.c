#include "gate/dns/server_options.h"

#include <string.h>

#include "wire/dname.h"

#define HOST_BYTES "-.0123456789abcdefghijklmnopqrstuvwxyz"

static int check_host(const void *value, const char **ret_expected)
{
	struct dname name;
	char text[DNAME_TEXT_SIZE];
	*ret_expected = "a host name as dns.agency.example";
	if (dname_parse_text(view_text(*(const char *const *)value), &name) < 0 || name.labels == 0)
		return ERR_INVALID;
	dname_print(&name, text);
	return strspn(text, HOST_BYTES) == strlen(text) ? OK : ERR_INVALID;
}

static int check_addresses(const void *value, const char **ret_expected)
{
	const struct schema_list *list = value;
	const struct prefix *all = list->items;
	for (size_t i = 0; i < list->count; i++) {
		if (all[i].bits == (all[i].family == ADDRESS_V4 ? 32 : 128))
			continue;
		*ret_expected = "addresses, not networks";
		return ERR_INVALID;
	}
	return OK;
}

/* clang-format off */
static const struct schema_field host_name = {.type = SCHEMA_NAME, .min = 1, .max = 253, .check = check_host};

#define AT(member) .offset = offsetof(struct dns_server_options, member)
static const struct schema_field server_fields[] = {
	{.name = "names", .type = SCHEMA_LIST, AT(names), .item = &host_name, .list_max = DNS_SERVER_NAMES_MAX,
	 .flags = SCHEMA_UNIQUE,
	 .help = "Host names by which clients reach it. Who asks plain DNS for encrypted service (DDR) is sent "
		 "to the first; without any that is not answered."},
	{.name = "addresses", .type = SCHEMA_LIST, AT(addresses), .item = &schema_prefix, .list_max = DNS_SERVER_ADDRESSES_MAX,
	 .flags = SCHEMA_UNIQUE, .check = check_addresses,
	 .help = "Addresses by which clients reach it, as of a load balancer; left out: those on which it "
		 "listens."},
	{.name = "authority_directory", .type = SCHEMA_TEXT, AT(authority_directory), .min = 1, .max = 4000,
	 .default_text = "authority",
	 .help = "Holds the organisation's own authority, made once, and the certificate that it gives where "
		 "`tls` and `https` name none."},
	{.name = "certificate_life", .type = SCHEMA_DURATION, AT(certificate_life_us),
	 .min = 10 * SECOND_US, .max = 398 * DAY_US, .default_text = "90 days",
	 .help = "How long such a certificate is valid; another one is made at two thirds of it."},
	{.name = NULL},
};
#undef AT
/* clang-format on */
const struct schema dns_server_schema = {
	.name = "server",
	.size = sizeof(struct dns_server_options),
	.fields = server_fields,
	.help = "How clients know the gate when they come by TLS or HTTPS.",
	.place_offset = offsetof(struct dns_server_options, place)};
