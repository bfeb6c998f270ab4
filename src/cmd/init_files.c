#include "cmd/init_files.h"

#include <ctype.h>
#include <string.h>

#include "config/schema.h"
#include "daemon/options.h"

/* A double-quoted YAML scalar: whatever a flag holds stays one value. */
static void add_quoted(struct buffer *out, const char *text)
{
	buffer_add(out, "\"", 1);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer_add(out, "\\", 1);
		if (*text == '\n')
			buffer_add_text(out, "\\n");
		else
			buffer_add(out, text, 1);
	}
	buffer_add(out, "\"", 1);
}

/* An id from a name: letters and digits in lower case, the rest as single hyphens. */
static void add_id(struct buffer *out, const char *name)
{
	size_t before = out->size;
	bool gap = false;
	for (; *name && out->size - before < SCHEMA_ID_MAX - 1; name++) {
		bool is_word = isascii(*name) && isalnum((unsigned char)*name);
		if (is_word && gap && out->size > before)
			buffer_add(out, "-", 1);
		if (is_word)
			buffer_printf(out, "%c", tolower((unsigned char)*name));
		gap = !is_word;
	}
	if (out->size == before)
		buffer_add_text(out, "organisation");
}

static const char *or_default(const char *value, const char *otherwise)
{
	return value ? value : otherwise;
}

static void add_head(const struct args *a, struct buffer *out)
{
	const char *name = or_default(args_value(a, "--name"), "Example Agency");
	buffer_add_text(
		out,
		"# The body that adopts orders. `writ check` and `writ reload` say at once what is wrong here.\n"
		"organisation: ");
	if (args_has(a, "--id"))
		add_quoted(out, args_value(a, "--id"));
	else
		add_id(out, name);
	buffer_add_text(out, "\nname: ");
	add_quoted(out, name);
	buffer_add_text(
		out,
		"\n\n# Country or state, and what kind of body it is: orders bind by these two.\njurisdiction: ");
	add_quoted(out, or_default(args_value(a, "--jurisdiction"), "TW"));
	buffer_add_text(out, "\nclasses: [");
	size_t at = 0;
	const char *class = args_next(a, "--class", &at);
	for (int i = 0; class || i == 0; i++) {
		buffer_printf(out, "%s%s", i ? ", " : "", or_default(class, "central-agency"));
		class = args_next(a, "--class", &at);
	}
	buffer_add_text(
		out,
		"]\n\n# Whom people ask who meet a block; it stands in every refusal.\ncontact: ");
	add_quoted(out, or_default(args_value(a, "--contact"), "it-security@agency.example"));
	buffer_printf(out, "\nlanguage: %s\n", or_default(args_value(a, "--language"), "en"));
}

static void add_networks(const struct args *a, struct buffer *out)
{
	buffer_add_text(out,
	                "\n# Clients are served from these networks only; all others get REFUSED.\n"
	                "# class: official (default), public-venue, guest, sensitive.\nnetworks:\n"
	                "  - prefix: 127.0.0.0/8 # this machine itself\n  - prefix: ::1\n");
	size_t at = 0;
	for (const char *p; (p = args_next(a, "--network", &at));)
		buffer_printf(out, "  - prefix: %s\n", p);
	buffer_add_text(
		out,
		"\n# Parts of the organisation with networks, classes or exemptions of their own.\n"
		"#units:\n#  - id: laboratory\n#    name: Research laboratory\n#    networks:\n"
		"#      - prefix: 10.20.0.0/16\n");
}

static void add_adoptions(const struct args *a, struct buffer *out)
{
	size_t at = 0;
	const char *order = args_next(a, "--order", &at);
	if (!order && !args_has(a, "--jurisdiction") && !args_has(a, "--class"))
		order = "tw-csma-2025";
	buffer_add_text(
		out,
		"\n# Orders in force here: `writ orders list` names them, `writ orders show ORDER` says what\n"
		"# each demands. mode: enforce (default) or observe (record, block nothing).\n");
	buffer_add_text(out, order ? "adoptions:\n"
	                           : "#adoptions:\n#  - order: tw-csma-2025\n#    mode: observe\n");
	for (; order; order = args_next(a, "--order", &at))
		buffer_printf(out, "  - order: %s\n    mode: enforce\n", order);
	buffer_add_text(
		out,
		"#    from: 2026-01-15        # left out: when the order takes effect\n"
		"#    voluntary: yes          # adopt an order that does not bind this organisation\n"
		"#    raise_should: yes       # treat its recommendations as demands\n"
		"#    units: [laboratory]     # left out: all\n"
		"#    decisions:              # where the order is silent\n"
		"#      - facet: hosted\n#        verdict: block\n#        reason: Decided by the security board.\n"
		"#    windows:                # left out: always\n"
		"#      - {days: [mon, tue, wed, thu, fri], from: 08:00, until: 18:00, time_zone: Asia/Taipei}\n"
		"#    answer: {cname: portal.agency.example} # left out: dns.block in writ.yaml\n");
}

static void add_rest(struct buffer *out)
{
	buffer_add_text(
		out,
		"\n# Permissions, by the order's own chain of approvals (`writ orders show`). One that lacks an\n"
		"# approval or a condition is not in force, and the compiler says so.\n"
		"#exemptions:\n#  - id: ex-2026-001\n#    order: tw-csma-2025\n#    product: deepseek\n"
		"#    facets: [api]\n#    units: [laboratory]\n#    reason: Security research without an alternative.\n"
		"#    approvals:\n#      - {role: agency-ciso, by: A. Chen, at: 2026-02-01}\n"
		"#    not_before: 2026-02-10\n#    not_after: 2026-12-31\n"
		"\n# Rules of your own on products of the catalogue (`writ products list`), here resolvers elsewhere.\n"
		"#rules:\n#  - id: no-bypass\n#    product: encrypted-dns\n#    facets: [web, api, platform]\n"
		"#    reason: Rule 7 of the house.\n"
		"\n# Public lists of names as products of your own: plain, hosts, adblock, dnsmasq, rpz.\n"
		"#lists:\n#  - id: gambling\n#    file: lists/gambling.txt\n#    reason: Rule 4 of the house.\n"
		"#  - id: malware\n#    url: https://lists.example/malware.txt # kept current by itself\n"
		"#    reason: Rule 5 of the house.\n"
		"\n# Encrypted Client Hello keys in HTTPS records: keep, strip, strip-governed.\n#ech: keep\n");
}

void init_organisation(const struct args *a, struct buffer *out)
{
	add_head(a, out);
	add_networks(a, out);
	add_adoptions(a, out);
	add_rest(out);
}

static void add_list(const struct args *a, const char *option, struct buffer *out)
{
	size_t at = 0;
	for (const char *value; (value = args_next(a, option, &at));)
		buffer_printf(out, "    - \"%s\"\n", value);
}

/* Every option with its help and default, as comments. */
static void add_sample(struct buffer *out)
{
	struct buffer sample = {0};
	schema_sample(&writ_options_schema, &sample);
	struct view rest = buffer_view(&sample);
	while (rest.size) {
		struct view line = view_split(&rest, '\n');
		bool is_comment = line.size && line.bytes[0] == '#';
		buffer_printf(out, "%s" VIEW_FMT "\n", line.size == 0 || is_comment ? "" : "#",
		              VIEW_ARG(line));
	}
	out->failed |= sample.failed;
	buffer_done(&sample);
}

void init_settings(const struct args *a, const char *folder, struct buffer *out)
{
	bool is_system = strncmp(folder, "/etc/", 5) == 0;
	buffer_add_text(
		out,
		"# Settings of this installation. Paths are relative to this file's folder.\n\n"
		"# What the organisation is and adopts.\norganisation: organisation.yaml\n");
	if (args_has(a, "--catalogue")) {
		buffer_add_text(out, "catalogue: ");
		add_quoted(out, args_value(a, "--catalogue"));
		buffer_add_text(out, "\n");
	}
	buffer_printf(out,
	              "\ndaemon:\n  run_directory: %s # control socket and lock\n"
	              "  lists_directory: %s # copies of lists that are fetched\n",
	              is_system ? "/run/writ" : "run",
	              is_system ? "/var/lib/writ-lists" : "fetched-lists");
	buffer_printf(
		out, "\nrecord:\n  evidence_directory: %s # the evidence log, its index, its key\n",
		is_system ? "/var/lib/writ" : "evidence");
	buffer_printf(out, "  signing_key: %s\n",
	              is_system ? "/var/lib/writ/signing.key" : "evidence/signing.key");
	buffer_printf(out, "\ndns:\n  # Port 53 needs root, or CAP_NET_BIND_SERVICE.\n  listen:\n");
	if (args_has(a, "--listen"))
		add_list(a, "--listen", out);
	else
		buffer_add_text(out, "    - 127.0.0.1:5300\n    - \"[::1]:5300\"\n");
	if (args_has(a, "--forward")) {
		buffer_add_text(out, "  upstream:\n    forward:\n");
		size_t at = 0;
		for (const char *value; (value = args_next(a, "--forward", &at));)
			buffer_printf(out, "      - \"%s\"\n", value);
	}
	buffer_add_text(out, "\n# Everything else, with its default:\n");
	add_sample(out);
}
