/* How the machine resolves names: what goes past the network's resolver goes past its gates. */
#include "base/address.h"
#include "scan/find.h"
#include "scan/meet.h"
#include "scan/text.h"

static bool is_of_this_machine(struct view server)
{
	return view_starts_with(server, view_text("127.")) || view_is(server, "::1");
}

/* ADDRESS, ADDRESS:PORT%INTERFACE#NAME as systemd-resolved has it, or dns+tls://ADDRESS#NAME as NetworkManager does. */
static void put_server(struct scan *s, const struct scan_file *f, struct view text)
{
	static const char scheme[] = "://";
	const uint8_t *at =
		text.size ? memmem(text.bytes, text.size, scheme, strlen(scheme)) : NULL;
	struct view rest = at ? view_skip(text, (size_t)(at - text.bytes) + strlen(scheme)) : text;
	struct view server = view_split(&rest, '#');
	/* whose name and password stand before it is no part of it */
	at = at && server.size ? memrchr(server.bytes, '@', server.size) : NULL;
	if (at)
		server = view_skip(server, (size_t)(at - server.bytes) + 1);
	if (server.size == 0 || is_of_this_machine(server))
		return;
	scan_tell_resolver(s, f, "asks " VIEW_FMT, VIEW_ARG(server));
	if (!(rest.size && scan_meet_host(s, f, "resolver", rest)))
		(void)scan_meet_host(s, f, "resolver", server);
}

static void put_servers(struct scan *s, const struct scan_file *f, struct view list)
{
	while (list.size) {
		size_t size = scan_text_until(list, " \t,;\"'");
		put_server(s, f, view_of(list.bytes, size));
		list = view_skip(list, size + 1);
	}
}

static bool is_any(struct view key, const char *const *names)
{
	for (; *names; names++) {
		if (view_is(key, *names))
			return true;
	}
	return false;
}

/* `dns=default` of NetworkManager says how it is done, and not whom to ask. */
static bool is_address(struct view value)
{
	struct address a;
	value = view_of(value.bytes, scan_text_until(value, " ,;#"));
	return (value.size && memmem(value.bytes, value.size, "://", 3)) ||
	       address_parse(value, &a) == OK;
}

/* resolv.conf: `nameserver ADDRESS`; ifupdown: `dns-nameservers ADDRESS ...`; resolved.conf and units of networkd: `DNS=`,
 * `DNSOverTLS=`; NetworkManager: `dns=1.1.1.1;` of a connection, `servers=` of all; ifcfg: `DNS1=`. */
static void read_line(struct scan *s, struct scan_file *f, struct view line)
{
	static const char *const words[] = {"nameserver", "dns-nameserver", "dns-nameservers",
	                                    NULL};
	static const char *const keys[] = {"DNS",  "FallbackDNS", "servers", "DNS1",
	                                   "DNS2", "DNS3",        NULL};
	struct view rest = line, first = view_of(rest.bytes, scan_text_until(rest, " \t"));
	struct view value = line, key = view_trim(view_split(&value, '='));
	value = view_trim(value);
	if (is_any(first, words))
		put_servers(s, f, view_skip(rest, first.size));
	else if (is_any(key, keys) || (view_is(key, "dns") && is_address(value)))
		put_servers(s, f, value);
	else if (view_is(key, "DNSOverTLS") && !view_is_nocase(value, "no"))
		scan_tell_resolver(s, f, "DNS over TLS is %s",
		                   view_is_nocase(value, "opportunistic") ? "used where possible"
		                                                          : "always used");
}

/* The addresses of a line of YAML. */
static void put_addresses(struct scan *s, const struct scan_file *f, struct view line)
{
	struct address a;
	while (line.size && line.bytes[0] != '#') {
		struct view word = view_of(line.bytes, scan_text_until(line, " \t,[]\"'"));
		if (address_parse(word, &a) == OK)
			put_server(s, f, word);
		line = view_skip(line, word.size + 1);
	}
}

/* netplan: `nameservers:`, and below it `addresses: [ADDRESS, ...]` in any form. */
static void read_netplan(struct scan *s, struct scan_file *f)
{
	static const char servers[] = "nameservers:";
	struct view rest = f->bytes, line;
	size_t column = SIZE_MAX;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		struct view text = view_trim(line);
		size_t indent = text.size ? (size_t)(text.bytes - line.bytes) : SIZE_MAX;
		if (view_starts_with(text, view_text(servers)))
			column = indent;
		else if (indent <= column)
			column = SIZE_MAX;
		if (column != SIZE_MAX)
			put_addresses(s, f, text);
	}
}

void find_resolver(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	uint64_t number = 0;
	bool is_simple = strstr(f->name, ".toml") || strstr(f->name, ".y") ||
	                 strcmp(f->name, "dnscrypt-proxy") == 0;
	if (strstr(f->path, "/netplan/")) {
		read_netplan(s, f);
		return;
	}
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
