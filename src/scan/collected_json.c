#include "scan/collected_record.h"

static struct view any_outer(const struct json_records *j, const char *const *paths)
{
	struct view text = collected_records_any(j, paths);
	for (; *paths && text.size == 0; paths++)
		text = json_record_outer_text(j, *paths);
	return text;
}

/* osquery */

static struct view column(const struct json_records *j, const char *name)
{
	char path[64] = "columns.";
	struct view text = json_record_text(j, strncat(path, name, sizeof(path) - 9));
	return text.size ? text : json_record_text(j, name);
}

/* Which table a row is of: by the query's name, as "pack_inventory_npm_packages", else by a column that it has. */
static const struct osquery_table {
	const char *name, *column, *path_part;
	enum collected_kind kind;
	const char *registry, *id;
} osquery_tables[] = {
	{"npm_packages", NULL, "node_modules", COLLECTED_PACKAGE, "npm", "name"},
	{"python_packages", NULL, "-packages", COLLECTED_PACKAGE, "pypi", "name"},
	{"vscode_extensions", "publisher_id", NULL, COLLECTED_EXTENSION, "", "name"},
	{"chrome_extensions", "browser_type", NULL, COLLECTED_EXTENSION, "", "identifier"},
	{"firefox_addons", "identifier", NULL, COLLECTED_EXTENSION, "", "identifier"},
	{"processes", "cmdline", NULL, COLLECTED_PROCESS, "", "name"},
	{"apps", "bundle_identifier", NULL, COLLECTED_APPLICATION, "", "bundle_identifier"},
	{"programs", "install_location", NULL, COLLECTED_APPLICATION, "", "name"},
	{"rpm_packages", "package_group", NULL, COLLECTED_PACKAGE, "rpm", "name"},
	{"deb_packages", "version", NULL, COLLECTED_PACKAGE, "deb", "name"},
};
enum { OSQUERY_TABLES = sizeof(osquery_tables) / sizeof(*osquery_tables) };

static const struct osquery_table *osquery_table(const struct json_records *j, struct view query)
{
	const struct osquery_table *t = osquery_tables;
	for (; query.size && t < osquery_tables + OSQUERY_TABLES; t++) {
		if (collected_has_part(query, t->name))
			return t;
	}
	struct view path = column(j, "path");
	for (t = osquery_tables; t < osquery_tables + OSQUERY_TABLES; t++) {
		if ((t->column && column(j, t->column).size) ||
		    (t->path_part && collected_has_part(path, t->path_part)))
			return t;
	}
	return NULL;
}

static int on_osquery(struct collected_records *r, const struct json_records *j)
{
	static const char *const machines[] = {"hostIdentifier", "decorations.hostname",
	                                       "host_identifier", "hostname", NULL};
	bool is_snapshot = view_is(json_record_key(j), "snapshot");
	bool is_event = json_record_text(j, "hostIdentifier").size > 0;
	struct view query = is_snapshot ? json_record_outer_text(j, "name")
	                    : is_event  ? json_record_text(j, "name")
	                                : (struct view){0};
	const struct osquery_table *t = osquery_table(j, query);
	struct view name = is_event ? json_record_text(j, "columns.name") : column(j, "name");
	if (!t || view_is(json_record_text(j, "action"), "removed"))
		return OK;
	struct collected_item item = {.kind = t->kind,
	                              .registry = view_text(t->registry),
	                              .id = strcmp(t->id, "name") == 0 ? name : column(j, t->id),
	                              .name = name,
	                              .version = column(j, "version"),
	                              .path = column(j, "path"),
	                              .publisher = column(j, "publisher"),
	                              .machine = any_outer(j, machines)};
	if (item.path.size == 0)
		item.path = column(j, "install_location");
	if (item.version.size == 0)
		item.version = column(j, "bundle_short_version");
	return item.id.size || item.path.size ? collected_give(&r->out, &item) : OK;
}

/* Wazuh */

/* Where in a record an inventory's fields stand: in its API's answers, its index, its events. */
static const struct wazuh_form {
	const char *name, *version, *format, *path, *publisher;
	enum collected_kind kind;
} wazuh_forms[] = {
	{"_source.package.name", "_source.package.version", "_source.package.type",
         "_source.package.path", "_source.package.vendor", COLLECTED_PACKAGE},
	{"package.name", "package.version", "package.type", "package.path", "package.vendor",
         COLLECTED_PACKAGE},
	{"data.program.name", "data.program.version", "data.program.format",
         "data.program.location", "data.program.vendor", COLLECTED_PACKAGE},
	{"_source.process.name", NULL, NULL, "_source.process.executable", NULL, COLLECTED_PROCESS},
	{"data.process.name", NULL, NULL, "data.process.cmd", NULL, COLLECTED_PROCESS},
	{"data.name", "data.version", "data.format", "data.location", "data.vendor",
         COLLECTED_PACKAGE},
	{"name", "version", "format", "location", "vendor", COLLECTED_PACKAGE},
};

static struct view optional(const struct json_records *j, const char *path)
{
	return path ? json_record_text(j, path) : (struct view){0};
}

static int on_wazuh(struct collected_records *r, const struct json_records *j)
{
	static const char *const machines[] = {"_source.agent.name",    "agent.name", "agent_name",
	                                       "_source.agent.id",      "agent_id",   "agent.id",
	                                       "agent_info.agent_name", NULL};
	for (size_t i = 0; i < sizeof(wazuh_forms) / sizeof(*wazuh_forms); i++) {
		const struct wazuh_form *f = &wazuh_forms[i];
		struct view name = json_record_text(j, f->name);
		if (name.size == 0)
			continue;
		struct view format = optional(j, f->format);
		/* processes of the API have a name and no format */
		bool is_process = f->kind == COLLECTED_PROCESS ||
		                  (format.size == 0 && json_record_text(j, "pid").size);
		struct collected_item item = {.kind = is_process ? COLLECTED_PROCESS : f->kind,
		                              .registry = format,
		                              .id = name,
		                              .name = name,
		                              .version = optional(j, f->version),
		                              .path = optional(j, f->path),
		                              .publisher = optional(j, f->publisher),
		                              .machine = any_outer(j, machines)};
		return collected_give(&r->out, &item);
	}
	return OK;
}

/* Applications, by the names that members have in many collections. */

static const char *const application_ids[] = {"bundleIdentifier",     "bundleId",    "bundle_id",
                                              "CFBundleIdentifier",   "packageName", "package_name",
                                              "appIdentifier",        "identifier",  "Identifier",
                                              "application.bundleId", NULL};
static const char *const application_names[] = {
	"displayName",         "applicationName", "appName",          "name", "itunesName",
	"CFBundleDisplayName", "title",           "application.name", NULL};
static const char *const application_machines[] = {
	"deviceName", "computerName", "device_name", "general.name",
	"hostname",   "deviceId",     "udid",        NULL};

static int on_applications(struct collected_records *r, const struct json_records *j)
{
	static const char *const versions[] = {"version", "shortVersion", "applicationVersion",
	                                       "CFBundleShortVersionString", NULL};
	static const char *const paths[] = {"path", "installLocation", "bundlePath", NULL};
	struct collected_item item = {.kind = COLLECTED_APPLICATION,
	                              .id = collected_records_any(j, application_ids),
	                              .name = collected_records_any(j, application_names),
	                              .version = collected_records_any(j, versions),
	                              .path = collected_records_any(j, paths),
	                              .publisher = json_record_text(j, "publisher"),
	                              .machine = any_outer(j, application_machines)};
	return item.id.size || item.name.size ? collected_give(&r->out, &item) : OK;
}

/* All of them */

static int feed(void *context, struct view block)
{
	return json_records_feed(context, block);
}

static int feed_all(struct json_records *records, const struct collected_input *in)
{
	int code = collected_feed(in, feed, records);
	return code == OK ? json_records_end(records) : code;
}

static int read_json(const struct collected_form *form, const struct collected_input *in,
                     collected_on *on, void *context, struct collected_count *count)
{
	struct collected_records r;
	int code = collected_records_begin(form, on, context, &r);
	if (code < 0)
		return code;
	code = feed_all(r.records, in);
	collected_records_end(&r, count);
	return code;
}

static const struct collected_form osquery = {on_osquery}, wazuh = {on_wazuh},
				   applications = {on_applications};

int collected_read_osquery(const struct collected_input *in, collected_on *on, void *context,
                           struct collected_count *count)
{
	return read_json(&osquery, in, on, context, count);
}

int collected_read_wazuh(const struct collected_input *in, collected_on *on, void *context,
                         struct collected_count *count)
{
	return read_json(&wazuh, in, on, context, count);
}

int collected_read_applications(const struct collected_input *in, collected_on *on, void *context,
                                struct collected_count *count)
{
	return read_json(&applications, in, on, context, count);
}

int collected_read_cyclonedx(const struct collected_input *in, collected_on *on, void *context,
                             struct collected_count *count)
{
	return read_json(&collected_form_cyclonedx, in, on, context, count);
}

int collected_read_spdx(const struct collected_input *in, collected_on *on, void *context,
                        struct collected_count *count)
{
	return read_json(&collected_form_spdx, in, on, context, count);
}

/* Texts of which any is met in such a file, and in little else. */
static int probe(struct view first, const char *const *marks, int sure)
{
	struct view trimmed = view_trim(first);
	if (trimmed.size == 0 || (trimmed.bytes[0] != '{' && trimmed.bytes[0] != '['))
		return 0;
	for (; *marks; marks++) {
		if (collected_has_part(first, *marks))
			return sure;
	}
	return 0;
}

int collected_probe_osquery(struct view first)
{
	static const char *const sure[] = {"\"hostIdentifier\"", "\"calendarTime\"",
	                                   "\"osquery_version\"", NULL};
	static const char *const rows[] = {"\"bundle_identifier\"",     "\"install_location\"",
	                                   "\"browser_type\"",          "\"pid_with_namespace\"",
	                                   "\"referenced_identifier\"", NULL};
	/* rows of a table as osqueryi prints them have names with underscores and texts only */
	int r = probe(first, sure, 90);
	if (r == 0)
		r = probe(first, rows, 70);
	static const char *const packages[] = {"\"name\":", NULL};
	struct view trimmed = view_trim(first);
	bool is_list = trimmed.size && trimmed.bytes[0] == '[' &&
	               collected_has_part(first, "\"version\":");
	return r || !is_list ? r : probe(first, packages, 20);
}

int collected_probe_wazuh(struct view first)
{
	static const char *const marks[] = {"dbsync_packages",    "dbsync_processes",
	                                    "\"affected_items\"", "wazuh-states-inventory",
	                                    "\"syscollector\"",   NULL};
	return probe(first, marks, 85);
}

int collected_probe_cyclonedx(struct view first)
{
	static const char *const marks[] = {"\"bomFormat\"", "cyclonedx.org/schema", NULL};
	return probe(first, marks, 95);
}

int collected_probe_spdx(struct view first)
{
	static const char *const marks[] = {"\"spdxVersion\"", "spdx.org/rdf/3", "\"SPDXID\"",
	                                    NULL};
	return probe(first, marks, 95);
}

int collected_probe_applications(struct view first)
{
	static const char *const marks[] = {
		"\"bundleIdentifier\"", "\"bundleId\"",      "\"CFBundleIdentifier\"",
		"\"packageName\"",      "\"detectedApps\"",  "\"applicationName\"",
		"\"displayName\"",      "\"installedApps\"", NULL};
	return probe(first, marks, 50);
}
