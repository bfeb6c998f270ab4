#include "daemon/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/anchor_file.h"
#include "daemon/log_line.h"
#include "gate/dns/zones.h"
#include "record/ring.h"
#include "source/file.h"

enum { SETTINGS_SIZE_MAX = 1 << 20 };

static int check_power_of_two(const void *value, const char **ret_expected)
{
	int64_t n = *(const int64_t *)value;
	if ((n & (n - 1)) == 0)
		return OK;
	*ret_expected = "a power of two";
	return ERR_INVALID;
}

/* clang-format off */
#define AT(member) .offset = offsetof(struct policy_options, member)
static const struct schema_field policy_fields[] = {
	{.name = "image", .type = SCHEMA_TEXT, AT(image), .min = 1, .max = 4000,
	 .default_text = "policy.image",
	 .help = "The compiled policy. It is written here; without `organisation` it is only read."},
	{.name = "key", .type = SCHEMA_TEXT, AT(key), .min = 1, .max = 400,
	 .help = "Public key (name+hash+base64) that must have signed the image."},
	{.name = NULL},
};
#undef AT
static const struct schema policy_schema = {.name = "policy", .size = sizeof(struct policy_options),
	.fields = policy_fields, .help = "The compiled policy.",
	.place_offset = offsetof(struct policy_options, place)};

#define AT(member) .offset = offsetof(struct metrics_options, member)
static const struct schema_field metrics_fields[] = {
	{.name = "listen", .type = SCHEMA_ENDPOINT, AT(listen),
	 .help = "Address and port on which GET /metrics is answered, in the text format of Prometheus, to "
		 "everybody who reaches it. Without it nothing listens; `writ metrics` prints the same."},
	{.name = NULL},
};
#undef AT
static const struct schema metrics_schema = {.name = "metrics",
	.size = sizeof(struct metrics_options), .fields = metrics_fields,
	.help = "What is counted, for a scraper.",
	.place_offset = offsetof(struct metrics_options, place)};

#define AT(member) .offset = offsetof(struct daemon_options, member)
static const struct schema_field daemon_fields[] = {
	{.name = "run_directory", .type = SCHEMA_TEXT, AT(run_directory), .min = 1, .max = 90,
	 .default_text = "/run/writ",
	 .help = "Holds the control socket and the lock; one for each instance."},
	{.name = "pid_file", .type = SCHEMA_TEXT, AT(pid_file), .min = 1, .max = 4000,
	 .help = "Gets the process id; systemd does not need it."},
	{.name = "lists_directory", .type = SCHEMA_TEXT, AT(lists_directory), .min = 1, .max = 4000,
	 .default_text = "/var/lib/writ-lists",
	 .help = "Holds the copies of lists that are fetched from their `url`."},
	{.name = "watch_lists", .type = SCHEMA_BOOL, AT(watch_lists), .default_text = "yes",
	 .help = "Reload when the `file` of a list changes."},
	{.name = "fetch_timeout", .type = SCHEMA_DURATION, AT(fetch_timeout_us), .min = SECOND_US,
	 .max = 3600 * SECOND_US, .default_text = "5 min",
	 .help = "A list that takes longer to fetch is given up, and tried again later."},
	{.name = "log_level", .type = SCHEMA_CHOICE, AT(log_level), .choices = log_level_names,
	 .default_text = "info", .help = "The least urgent lines that are still logged."},
	{.name = "stop_timeout", .type = SCHEMA_DURATION, AT(stop_timeout_us), .min = SECOND_US,
	 .max = 600 * SECOND_US, .default_text = "20 s",
	 .help = "A role that has not stopped after so long is killed."},
	{.name = "metrics", .type = SCHEMA_STRUCT, AT(metrics), .child = &metrics_schema,
	 .help = "What is counted, for a scraper."},
	{.name = NULL},
};
#undef AT
static const struct schema daemon_schema = {.name = "daemon", .size = sizeof(struct daemon_options),
	.fields = daemon_fields, .help = "The parent process.",
	.place_offset = offsetof(struct daemon_options, place)};

#define AT(member) .offset = offsetof(struct record_options, member)
static const struct schema_field record_fields[] = {
	{.name = "evidence_directory", .type = SCHEMA_TEXT, AT(evidence_directory), .min = 1,
	 .max = 4000, .default_text = "/var/lib/writ",
	 .help = "Holds the evidence log, its index and the keys of pseudonyms."},
	{.name = "signing_key", .type = SCHEMA_TEXT, AT(signing_key), .min = 1, .max = 4000,
	 .default_text = "signing.key",
	 .help = "Private key that signs the log; made at the first start, with the public one beside it "
		 "(.pub)."},
	{.name = "origin", .type = SCHEMA_TEXT, AT(origin), .min = 1, .max = 200,
	 .help = "Name of the log and its key; the organisation's id when it is left out."},
	{.name = "checkpoint_interval", .type = SCHEMA_DURATION, AT(checkpoint_interval_us),
	 .min = SECOND_US, .max = 3600 * SECOND_US, .default_text = "60 s",
	 .help = "New entries are put under a signed checkpoint at least so often."},
	{.name = "checkpoint_entries", .type = SCHEMA_INT, AT(checkpoint_entries), .min = 1,
	 .max = 1 << 20, .default_text = "256", .unit = "entries",
	 .help = "And after so many new entries."},
	{.name = "heartbeat_interval", .type = SCHEMA_DURATION, AT(heartbeat_interval_us),
	 .min = SECOND_US, .max = 3600 * SECOND_US, .default_text = "60 s",
	 .help = "How often the log says that recording works, so that silence means something."},
	{.name = "aggregate_window", .type = SCHEMA_DURATION, AT(aggregate_window_us),
	 .min = SECOND_US, .max = 3600 * SECOND_US, .default_text = "60 s",
	 .help = "Events that are alike become one entry with a count in this time."},
	/* all may end at once: their entries have to go into one group of the journal (record/journal.h) */
	{.name = "aggregate_kinds", .type = SCHEMA_INT, AT(aggregate_kinds), .min = 16,
	 .max = 1 << 14, .default_text = "4096", .unit = "kinds",
	 .help = "How many different events are told apart in that time."},
	{.name = "ring_events", .type = SCHEMA_INT, AT(ring_events), .min = 64,
	 .max = RING_CAPACITY_MAX, .default_text = "4096", .unit = "events",
	 .check = check_power_of_two,
	 .help = "Events of one worker that may wait to be written, a power of two; more are lost and counted."},
	{.name = NULL},
};
#undef AT
static const struct schema record_schema = {.name = "record", .size = sizeof(struct record_options),
	.fields = record_fields, .help = "Evidence.",
	.place_offset = offsetof(struct record_options, place)};

#define AT(member) .offset = offsetof(struct writ_options, member)
static const struct schema_field fields[] = {
	{.name = "organisation", .type = SCHEMA_TEXT, AT(organisation), .min = 1, .max = 4000,
	 .help = "What the organisation is and adopts (organisation.yaml). Without it the policy image is "
		 "taken as it is."},
	{.name = "catalogue", .type = SCHEMA_TEXT, AT(catalogue), .min = 1, .max = 4000,
	 .help = "Folder with products/ and orders/; without it the catalogue that was built in."},
	{.name = "policy", .type = SCHEMA_STRUCT, AT(policy), .child = &policy_schema,
	 .help = "The compiled policy."},
	{.name = "daemon", .type = SCHEMA_STRUCT, AT(daemon), .child = &daemon_schema,
	 .help = "The parent process."},
	{.name = "record", .type = SCHEMA_STRUCT, AT(record), .child = &record_schema,
	 .help = "Evidence."},
	{.name = "dns", .type = SCHEMA_STRUCT, AT(dns), .child = &dns_options_schema,
	 .help = "The DNS gate."},
	{.name = "packet", .type = SCHEMA_STRUCT, AT(packet), .child = &packet_options_schema,
	 .help = "The packet gate."},
	{.name = NULL},
};
#undef AT
/* clang-format on */
const struct schema writ_options_schema = {.name = "writ",
                                           .size = sizeof(struct writ_options),
                                           .fields = fields,
                                           .help = "Settings of one installation.",
                                           .place_offset = offsetof(struct writ_options, place)};

static void make_absolute(const char **path, const char *folder, struct arena *a)
{
	if (*path && **path != '/')
		*path = arena_printf(a, "%s/%s", folder, *path);
}

static void make_all_absolute(struct writ_options *o, const char *folder, struct arena *a)
{
	const char **paths[] = {&o->organisation,
	                        &o->catalogue,
	                        &o->policy.image,
	                        &o->daemon.run_directory,
	                        &o->daemon.pid_file,
	                        &o->daemon.lists_directory,
	                        &o->record.evidence_directory,
	                        &o->record.signing_key,
	                        &o->dns.server.authority_directory,
	                        &o->dns.tls.certificate,
	                        &o->dns.tls.key,
	                        &o->dns.https.certificate,
	                        &o->dns.https.key,
	                        &o->dns.upstream.root_hints,
	                        &o->dns.upstream.trust_anchor,
	                        &o->dns.upstream.ca_file,
	                        &o->dns.dnstap.socket,
	                        &o->dns.query_log.socket,
	                        &o->packet.places.country,
	                        &o->packet.places.network};
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		make_absolute(paths[i], folder, a);
	struct dns_zone_options *zones = o->dns.zones.items;
	for (size_t i = 0; i < o->dns.zones.count; i++)
		make_absolute(&zones[i].trust_anchor, folder, a);
	if (o->dns.query_log.file && strcmp(o->dns.query_log.file, "-") != 0)
		make_absolute(&o->dns.query_log.file, folder, a);
}

/* The folder of the file, without links and dots. */
static const char *folder_of(const char *path, struct arena *a)
{
	cleanup(free) char *real = realpath(path, NULL);
	if (!real)
		return NULL;
	char *slash = strrchr(real, '/');
	return arena_text(a, view_of(real, slash == real ? 1 : (size_t)(slash - real)));
}

/* Files that roles read later, in a sandbox, where nobody could say any more what is wrong. */
static int check_files(const struct writ_options *o, struct problems *p)
{
	const struct {
		const char *path, *section;
	} files[] = {{o->dns.upstream.root_hints, "dns"},
	             {o->dns.upstream.ca_file, "dns"},
	             {o->dns.upstream.trust_anchor, "dns"},
	             {o->packet.places.country, "packet"},
	             {o->packet.places.network, "packet"}};
	int code = OK;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!files[i].path || access(files[i].path, R_OK) == 0)
			continue;
		struct config_place at = config_place_of(&writ_options_schema, o, files[i].section);
		problem_add(p, at.file, at.line, at.column, "cannot read %s: %s, expected a file",
		            files[i].path, strerror(errno));
		code = ERR_INVALID;
	}
	return code;
}

/* Keys of zones likewise. */
static int check_anchors(const struct writ_options *o, struct problems *p)
{
	const struct dns_zone_options *zones = o->dns.zones.items;
	int result = OK;
	for (size_t i = 0; i < o->dns.zones.count; i++) {
		const char *file = zones[i].trust_anchor;
		int code = file ? anchor_file_check(file, zones[i].zone) : OK;
		if (code == OK)
			continue;
		struct config_place at =
			config_place_of(&dns_zone_schema, &zones[i], "trust_anchor");
		if (code == ERR_MISSING)
			problem_add(p, at.file, at.line, at.column,
			            "%s has no key of %s, expected a line that begins with "
			            "this name and has DNSKEY or DS",
			            file, zones[i].zone);
		else
			problem_add(p, at.file, at.line, at.column,
			            "cannot read %s: %s, expected a file with keys", file,
			            err_text(code));
		result = ERR_INVALID;
	}
	return result;
}

/* Made absolute they may have become longer than the system takes. */
static int check_sockets(const struct writ_options *o, struct problems *p)
{
	const char *const sockets[] = {o->dns.dnstap.socket, o->dns.query_log.socket};
	const size_t size_max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	struct config_place at = config_place_of(&writ_options_schema, o, "dns");
	int code = OK;
	for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++) {
		if (!sockets[i] || strlen(sockets[i]) <= size_max)
			continue;
		problem_add(p, at.file, at.line, at.column,
		            "the path of the socket %s is too long, expected at most %zu bytes",
		            sockets[i], size_max);
		code = ERR_INVALID;
	}
	return code;
}

static int check_packet(const struct writ_options *o, struct problems *p)
{
	struct config_place at = config_place_of(&writ_options_schema, o, "packet");
	if (o->packet.mode != PACKET_PASSIVE || o->packet.interfaces.count)
		return OK;
	problem_add(p, at.file, at.line, at.column,
	            "mode is `passive` without `interfaces`, expected where to listen");
	return ERR_INVALID;
}

int options_load(const char *path, struct arena *a, struct problems *p, struct writ_options *ret)
{
	struct buffer text = {0};
	int code = file_read(path, SETTINGS_SIZE_MAX, &text);
	const char *folder = code == OK ? folder_of(path, a) : NULL;
	if (code == OK && !folder)
		code = errno ? -errno : -ENOMEM;
	struct writ_options options;
	if (code < 0)
		problem_add(p, path, 0, 0, "cannot read the settings: %s", err_text(code));
	else
		code = schema_read(&writ_options_schema, path, buffer_view(&text), a, p, &options);
	buffer_done(&text);
	if (code < 0)
		return code;
	make_all_absolute(&options, folder, a);
	if (a->failed)
		return -ENOMEM;
	code = check_files(&options, p);
	if (code == OK)
		code = check_anchors(&options, p);
	if (code == OK)
		code = check_sockets(&options, p);
	if (code == OK)
		code = check_packet(&options, p);
	if (code == OK)
		code = zones_check(&options.dns, p);
	if (code == OK)
		*ret = options;
	return code;
}

const char *options_log_directory(const struct writ_options *o, struct arena *a)
{
	return arena_printf(a, "%s/log", o->record.evidence_directory);
}

const char *options_index_file(const struct writ_options *o, struct arena *a)
{
	return arena_printf(a, "%s/index.sqlite", o->record.evidence_directory);
}

const char *options_subjects_directory(const struct writ_options *o, struct arena *a)
{
	return arena_printf(a, "%s/subjects", o->record.evidence_directory);
}
