#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "scan/collected.h"
#include "scan/collected_purl.h"
#include "scan/json_record.h"

enum { MODEL_SIZE = 512 };

/* A reader of any of these formats: what it makes of a record is the function. */
struct reader {
	struct json_records *records;
	int (*on_record)(struct reader *r, const struct json_records *j);
	collected_on *on;
	void *context;
	uint64_t items;
	char told[MODEL_SIZE]; /* of SPDX: the package whose references told it already */
};

static int give(struct reader *r, const struct collected_item *item)
{
	struct collected_item own = *item;
	own.number = ++r->items;
	return r->on(r->context, &own);
}

/* The first of these members that there is; the list ends with NULL. */
static struct view any_of(const struct json_records *j, const char *const *paths)
{
	struct view text = {0};
	for (; *paths && text.size == 0; paths++)
		text = json_record_text(j, *paths);
	return text;
}

static struct view any_outer(const struct json_records *j, const char *const *paths)
{
	struct view text = any_of(j, paths);
	for (; *paths && text.size == 0; paths++)
		text = json_record_outer_text(j, *paths);
	return text;
}

static bool has_part(struct view text, const char *part)
{
	return text.size && memmem(text.bytes, text.size, part, strlen(part));
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
		if (has_part(query, t->name))
			return t;
	}
	struct view path = column(j, "path");
	for (t = osquery_tables; t < osquery_tables + OSQUERY_TABLES; t++) {
		if ((t->column && column(j, t->column).size) ||
		    (t->path_part && has_part(path, t->path_part)))
			return t;
	}
	return NULL;
}

static int on_osquery(struct reader *r, const struct json_records *j)
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
	return item.id.size || item.path.size ? give(r, &item) : OK;
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

static int on_wazuh(struct reader *r, const struct json_records *j)
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
		return give(r, &item);
	}
	return OK;
}

/* CycloneDX */

/* GROUP/NAME */
static struct view join(struct view group, struct view name, char room[static MODEL_SIZE])
{
	int size = snprintf(room, MODEL_SIZE, "%.*s/%.*s", group.size < 200 ? (int)group.size : 200,
	                    (const char *)group.bytes, name.size < 200 ? (int)name.size : 200,
	                    (const char *)name.bytes);
	return view_of(room, size > 0 ? (size_t)size : 0);
}

static int give_component(struct reader *r, const struct json_records *j, const char *name_path,
                          const char *purl_path, const char *type_path)
{
	struct collected_purl room;
	struct view purl = json_record_text(j, purl_path), type = json_record_text(j, type_path);
	struct collected_item item = {.kind = COLLECTED_APPLICATION,
	                              .name = json_record_text(j, name_path),
	                              .machine =
	                                      json_record_outer_text(j, "metadata.component.name")};
	struct view group = json_record_text(j, "group");
	char model[MODEL_SIZE];
	item.id = item.name;
	if (collected_purl_read(purl, &room, &item) == OK)
		return give(r, &item);
	item.version = json_record_text(j, "version");
	if (view_is(type, "machine-learning-model")) {
		item.kind = COLLECTED_MODEL;
		if (group.size)
			item.id = join(group, item.name, model);
	} else if (view_is(type, "library") || view_is(type, "framework")) {
		item.kind = COLLECTED_PACKAGE;
	}
	return item.id.size ? give(r, &item) : OK;
}

static int give_service(struct reader *r, const struct json_records *j)
{
	struct collected_item item = {.kind = COLLECTED_ADDRESS,
	                              .name = json_record_text(j, "name"),
	                              .machine =
	                                      json_record_outer_text(j, "metadata.component.name")};
	int code = OK;
	for (size_t i = 0; code >= 0 && (item.id = json_record_text_at(j, "endpoints", i)).size;
	     i++)
		code = give(r, &item);
	return code;
}

static int on_cyclonedx(struct reader *r, const struct json_records *j)
{
	struct view key = json_record_key(j);
	if (view_is(key, "components"))
		return give_component(r, j, "name", "purl", "type");
	if (view_is(key, "services"))
		return give_service(r, j);
	return key.size == 0 ? give_component(r, j, "metadata.component.name",
	                                      "metadata.component.purl", "metadata.component.type")
	                     : OK;
}

/* SPDX */

/* A package comes behind its references: of one that they call by its own name nothing is left to tell. */
static void keep_told(struct reader *r, const struct collected_item *item)
{
	bool is_told = view_equal(item->name, item->id) && item->name.size < sizeof(r->told);
	(void)snprintf(r->told, sizeof(r->told), "%.*s", is_told ? (int)item->name.size : 0,
	               (const char *)item->name.bytes);
}

static int on_spdx(struct reader *r, const struct json_records *j)
{
	static const char *const types[] = {"type", "@type", NULL};
	struct collected_purl room;
	struct view key = json_record_key(j), type = any_of(j, types);
	struct collected_item item = {.kind = COLLECTED_PACKAGE,
	                              .name = json_record_text(j, "name")};
	struct view purl = json_record_text(j, "software_packageUrl");
	item.id = item.name;
	item.version = json_record_text(j, "versionInfo");
	if (view_is(key, "externalRefs")) {
		item.name = json_record_outer_text(j, "name");
		purl = json_record_text(j, "referenceLocator");
	} else if (view_is(key, "externalIdentifier")) {
		item.name = json_record_outer_text(j, "name");
		purl = json_record_text(j, "identifier");
	}
	if (collected_purl_read(purl, &room, &item) == OK) {
		keep_told(r, &item);
		return give(r, &item);
	}
	if (item.name.size && view_is(item.name, r->told)) {
		bool is_reference = view_starts_with(key, view_text("external"));
		r->told[0] = is_reference ? r->told[0] : '\0';
		return OK;
	}
	if (view_is(key, "@graph")) {
		bool is_model = has_part(type, "AIPackage");
		item.kind = is_model ? COLLECTED_MODEL : COLLECTED_PACKAGE;
		item.version = json_record_text(j, "software_packageVersion");
		return (is_model || has_part(type, "software_Package")) && item.id.size
		               ? give(r, &item)
		               : OK;
	}
	return view_is(key, "packages") && item.id.size ? give(r, &item) : OK;
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

static int on_applications(struct reader *r, const struct json_records *j)
{
	static const char *const versions[] = {"version", "shortVersion", "applicationVersion",
	                                       "CFBundleShortVersionString", NULL};
	static const char *const paths[] = {"path", "installLocation", "bundlePath", NULL};
	struct collected_item item = {.kind = COLLECTED_APPLICATION,
	                              .id = any_of(j, application_ids),
	                              .name = any_of(j, application_names),
	                              .version = any_of(j, versions),
	                              .path = any_of(j, paths),
	                              .publisher = json_record_text(j, "publisher"),
	                              .machine = any_outer(j, application_machines)};
	return item.id.size || item.name.size ? give(r, &item) : OK;
}

/* All of them */

static int on_record(void *context, const struct json_records *j)
{
	struct reader *r = context;
	return r->on_record(r, j);
}

static int open_reader(int (*on_own)(struct reader *, const struct json_records *),
                       collected_on *on, void *context, void **ret)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->on_record = on_own;
	r->on = on;
	r->context = context;
	int code = json_records_new(on_record, r, &r->records);
	if (code < 0)
		free(r);
	else
		*ret = r;
	return code;
}

int collected_open_osquery(struct view first, collected_on *on, void *context, void **ret)
{
	(void)first;
	return open_reader(on_osquery, on, context, ret);
}

int collected_open_wazuh(struct view first, collected_on *on, void *context, void **ret)
{
	(void)first;
	return open_reader(on_wazuh, on, context, ret);
}

int collected_open_cyclonedx(struct view first, collected_on *on, void *context, void **ret)
{
	(void)first;
	int code = open_reader(on_cyclonedx, on, context, ret);
	if (code == OK)
		json_records_keep(((struct reader *)*ret)->records, "endpoints");
	return code;
}

int collected_open_spdx(struct view first, collected_on *on, void *context, void **ret)
{
	(void)first;
	return open_reader(on_spdx, on, context, ret);
}

int collected_open_applications(struct view first, collected_on *on, void *context, void **ret)
{
	(void)first;
	return open_reader(on_applications, on, context, ret);
}

int collected_json_feed(void *reader, struct view block)
{
	struct reader *r = reader;
	return json_records_feed(r->records, block);
}

int collected_json_finish(void *reader)
{
	struct reader *r = reader;
	return json_records_end(r->records);
}

void collected_json_close(void *reader)
{
	struct reader *r = reader;
	if (!r)
		return;
	json_records_free(r->records);
	free(r);
}

void collected_json_count(const void *reader, uint64_t *ret_items, uint64_t *ret_not_understood)
{
	const struct reader *r = reader;
	*ret_items = r->items;
	*ret_not_understood = json_records_cut(r->records);
}

/* Texts of which any is met in such a file, and in little else. */
static int probe(struct view first, const char *const *marks, int sure)
{
	struct view trimmed = view_trim(first);
	if (trimmed.size == 0 || (trimmed.bytes[0] != '{' && trimmed.bytes[0] != '['))
		return 0;
	for (; *marks; marks++) {
		if (has_part(first, *marks))
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
	bool is_list = trimmed.size && trimmed.bytes[0] == '[' && has_part(first, "\"version\":");
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
