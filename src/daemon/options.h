/* options.h - the settings of one installation: writ.yaml.
 *
 * writ_options_schema is the form: reading, printing, sample and manual come from it. What the
 * organisation adopts is not here but in organisation.yaml. Paths are relative to the file's folder. */
#pragma once

#include "base/endpoint.h"
#include "config/schema.h"
#include "gate/dns/options.h"
#include "gate/packet/options.h"

struct policy_options {
	const char *image; /* the compiled policy: written here, or read when nothing is compiled */
	const char *key;   /* when set: the image must carry the signature of this key */
	struct config_place place;
};

struct metrics_options {
	struct endpoint listen; /* family ADDRESS_NONE: nothing is served */
	struct config_place place;
};

struct daemon_options {
	const char *run_directory, *pid_file, *lists_directory;
	bool watch_lists;
	int64_t fetch_timeout_us;
	int log_level; /* index into log_level_names */
	int64_t stop_timeout_us;
	struct metrics_options metrics;
	struct config_place place;
};

struct record_options {
	const char *evidence_directory, *signing_key, *origin;
	int64_t checkpoint_interval_us, checkpoint_entries, heartbeat_interval_us,
		aggregate_window_us;
	int64_t aggregate_kinds, ring_events;
	struct config_place place;
};

struct writ_options {
	const char *organisation, *catalogue;
	struct policy_options policy;
	struct daemon_options daemon;
	struct record_options record;
	struct dns_options dns;
	struct packet_options packet;
	struct config_place place;
};

extern const struct schema writ_options_schema;

/* Reads the file; paths in the result are absolute. Problems say where; -errno when the file itself
 * cannot be read (a problem says that too). */
int options_load(const char *path, struct arena *a, struct problems *p,
                 struct writ_options *ret) must_check;

/* Where things are in the evidence directory. In the arena. */
const char *options_log_directory(const struct writ_options *o, struct arena *a);
const char *options_index_file(const struct writ_options *o, struct arena *a);
const char *options_subjects_directory(const struct writ_options *o, struct arena *a);
