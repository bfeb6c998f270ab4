#include "scan/egress_unit.h"

#include "base/view.h"

/* The value of the line `NAME=VALUE`; without bytes where there is none. */
static struct view value_of(const char *said, const char *name)
{
	struct view rest = view_text(said);
	while (rest.size) {
		struct view value = view_split(&rest, '\n'), own = view_split(&value, '=');
		if (view_is(own, name))
			return value;
	}
	return (struct view){0};
}

static bool has_word(struct view list, const char *word)
{
	while (list.size) {
		if (view_is(view_split(&list, ' '), word))
			return true;
	}
	return false;
}

/* Nothing but these words, which may be none. */
static bool has_only(struct view list, const char *first, const char *second)
{
	while (list.size) {
		struct view word = view_split(&list, ' ');
		if (word.size && !view_is(word, first) && !view_is(word, second))
			return false;
	}
	return true;
}

/* "lo" lists what is permitted, "~eth0" what is not. */
static bool permits_loopback_only(struct view list)
{
	return list.size && list.bytes[0] != '~' && has_only(list, "lo", "lo");
}

void egress_unit_read(const char *said, struct egress_unit *ret)
{
	struct view allow = value_of(said, "IPAddressAllow"),
		    deny = value_of(said, "IPAddressDeny");
	*ret = (struct egress_unit){
		.denies_addresses = allow.bytes && has_word(deny, "::/0") &&
	                            has_word(deny, "0.0.0.0/0") &&
	                            has_only(allow, "127.0.0.0/8", "::1/128"),
		.denies_interfaces =
			permits_loopback_only(value_of(said, "RestrictNetworkInterfaces")),
		.has_private_network = view_is(value_of(said, "PrivateNetwork"), "yes"),
	};
}
