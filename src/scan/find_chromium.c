/* Browsers of the Chromium family, whichever: they are told by how their profiles look. */

#include "scan/find.h"
#include "scan/json.h"
#include "scan/meet.h"
#include "scan/scan_private.h"

struct site {
	struct scan *scan;
	const struct scan_file *file;
	const char *label;
};

static void on_site(void *context, const char *key, struct view text)
{
	const struct site *site = context;
	(void)key;
	if (memmem(text.bytes, text.size, "://", 3))
		(void)scan_meet_url(site->scan, site->file, site->label, text);
}

static void put_extension(struct scan *s, const struct scan_file *f, struct view id,
                          const json_t *manifest)
{
	static const char *const members[] = {"host_permissions",
	                                      "optional_host_permissions",
	                                      "permissions",
	                                      "content_scripts",
	                                      "externally_connectable",
	                                      "chrome_url_overrides",
	                                      "chrome_settings_overrides",
	                                      NULL};
	struct site site = {s, f, "browser extension for"};
	struct view version = scan_json_text(manifest, "version");
	if (!scan_meet_app(s, f, "browser extension", id, version))
		(void)scan_meet_package(s, f, "browser-extension", scan_json_text(manifest, "name"),
		                        version);
	for (size_t i = 0; members[i]; i++)
		scan_json_each_text(json_object_get(manifest, members[i]), members[i], on_site,
		                    &site);
}

/* .../Extensions/ID/VERSION/manifest.json */
static void read_manifest(struct scan *s, struct scan_file *f)
{
	struct view path = view_text(f->path), part[3] = {{0}};
	while (path.bytes) {
		part[0] = part[1];
		part[1] = part[2];
		part[2] = view_split(&path, '/');
	}
	cleanup(scan_json) json_t *root = scan_json_read(s, f, true);
	if (json_is_object(root))
		put_extension(s, f, part[0], root);
}

/* Extensions by the profile's own list, which also has those that were loaded from a folder, and where installed web
 * applications start. */
static void read_preferences(struct scan *s, struct scan_file *f)
{
	const char *id;
	json_t *item;
	struct site site = {s, f, "web app"};
	cleanup(scan_json) json_t *root = scan_json_read(s, f, false);
	json_t *extensions = json_object_get(json_object_get(root, "extensions"), "settings");
	json_t *apps = json_object_get(root, "web_apps");
	json_object_foreach(extensions, id, item)
		put_extension(s, f, view_text(id), json_object_get(item, "manifest"));
	scan_json_each_text(apps, "", on_site, &site);
	json_object_foreach(json_object_get(apps, "daily_metrics"), id, item)(void)
		scan_meet_url(s, f, "web app", view_text(id));
}

/* How the browser itself resolves names. */
static void read_state(struct scan *s, struct scan_file *f)
{
	cleanup(scan_json) json_t *root = scan_json_read(s, f, false);
	json_t *doh = json_object_get(root, "dns_over_https");
	struct view mode = scan_json_text(doh, "mode"), servers = scan_json_text(doh, "templates");
	struct view host = scan_url_host(servers);
	if (mode.size && !view_is(mode, "off"))
		scan_tell_resolver(s, f, "DNS over HTTPS is %s%s" VIEW_FMT,
		                   view_is(mode, "secure") ? "always used" : "used where possible",
		                   host.size ? ", by " : "", VIEW_ARG(host));
	while (servers.size)
		(void)scan_meet_url(s, f, "resolver", view_split(&servers, ' '));
}

void find_chromium(struct scan *s, struct scan_file *f)
{
	if (strcmp(f->name, "manifest.json") == 0)
		read_manifest(s, f);
	else if (strcmp(f->name, "Local State") == 0)
		read_state(s, f);
	else
		read_preferences(s, f);
}

/* `Web Applications/Manifest Resources/ID/`, `Web Applications/_crx_ID/` */
void find_web_app(struct scan *s, struct scan_file *f)
{
	struct view id = view_text(f->name);
	if (view_starts_with(id, view_text("_crx_")))
		id = view_skip(id, 5);
	while (id.size && id.bytes[0] == '_')
		id = view_skip(id, 1);
	struct view host = scan_web_apps_find(&s->web_apps, s->settings.policy, id);
	if (host.size)
		(void)scan_meet_host(s, f, "web app", host);
	else if (scan_web_app_is_id(id))
		(void)scan_meet_app(s, f, "web app", id, (struct view){0});
}
