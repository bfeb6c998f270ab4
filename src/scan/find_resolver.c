/* How the machine resolves names: what goes past the network's resolver goes past its gates. */
#include "base/address.h"
#include "scan/find.h"
#include "scan/meet.h"
#include "scan/text.h"

static bool is_of_this_machine(struct view server)
{
	return view_starts_with(server, view_text("127.")) || view_is(server, "::1");
}

/* ADDRESS, or ADDRESS:PORT%INTERFACE#NAME as systemd-resolved has it. */
static void put_server(struct scan *s, const struct scan_file *f, struct view text)
{
	struct view rest = text, server = view_split(&rest, '#');
	if (server.size == 0 || is_of_this_machine(server))
		return;
	scan_tell_resolver(s, f, "asks " VIEW_FMT, VIEW_ARG(server));
	if (!(rest.size && scan_meet_host(s, f, "resolver", rest)))
		(void)scan_meet_host(s, f, "resolver", server);
}

static void put_servers(struct scan *s, const struct scan_file *f, struct view list)
{
	while (list.bytes) {
		struct view word = view_trim(view_split(&list, ' '));
		for (struct view part = word; part.bytes;)
			put_server(s, f, view_split(&part, ','));
	}
}

/* resolv.conf: `nameserver ADDRESS`; resolved.conf and units of networkd: `DNS=`, `DNSOverTLS=`; NetworkManager:
 * `dns=1.1.1.1;`. */
static void read_line(struct scan *s, struct scan_file *f, struct view line)
{
	struct view rest = line, first = view_split(&rest, ' ');
	struct view value = line, key = view_trim(view_split(&value, '='));
	value = view_trim(value);
	if (view_is(first, "nameserver"))
		put_servers(s, f, view_trim(rest));
	else if (view_is(key, "DNS") || view_is(key, "FallbackDNS"))
		put_servers(s, f, value);
	else if (view_is(key, "DNSOverTLS") && !view_is_nocase(value, "no"))
		scan_tell_resolver(s, f, "DNS over TLS is %s",
		                   view_is_nocase(value, "opportunistic") ? "used where possible"
		                                                          : "always used");
}

void find_resolver(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	uint64_t number = 0;
	bool is_simple = strstr(f->name, ".toml") || strstr(f->name, ".y") ||
	                 strcmp(f->name, "dnscrypt-proxy") == 0;
	if (is_simple) {
		scan_text(s, f);
		return;
	}
	while (scan_text_line(&rest, &line)) {
		f->line = ++number;
		line = view_trim(line);
		if (line.size && line.bytes[0] != '#' && line.bytes[0] != ';')
			read_line(s, f, line);
	}
}
