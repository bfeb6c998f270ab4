/* Browsers of the Chromium family, whichever: they are told by how their profiles look. */

#include <stdio.h>

#include "scan/find.h"
#include "scan/json.h"
#include "scan/meet.h"
#include "scan/scan_private.h"
#include "scan/url.h"
#include "source/file.h"

enum { MANIFEST_MAX = 1 << 20, UNPACKED_MAX = 256 };

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

static int open_manifest(const struct scan *s, const struct scan_file *f, struct view folder,
                         char path[static PATH_MAX], struct stat *ret)
{
	if (f->member || folder.size < 2 || folder.size > PATH_MAX - 32 || folder.bytes[0] != '/')
		return ERR_MISSING;
	(void)snprintf(path, PATH_MAX, VIEW_FMT "/manifest.json", VIEW_ARG(folder));
	int fd = scan_root_open_path(&s->root, path, ret);
	if (fd >= 0 && ret->st_size > MANIFEST_MAX) {
		close(fd);
		fd = ERR_LIMIT;
	}
	return fd;
}

/* The manifest of an extension that was loaded from a folder: it is kept there only. NULL: it cannot be had. */
static json_t *read_unpacked(struct scan *s, const struct scan_file *f, struct view folder)
{
	struct stat st;
	char path[PATH_MAX];
	struct scan_file manifest = {.path = path, .name = "manifest.json", .folder = -1};
	cleanup(fd) int fd = open_manifest(s, f, folder, path, &st);
	cleanup(free) uint8_t *bytes = fd < 0 ? NULL : malloc((size_t)st.st_size + 1);
	ssize_t size = bytes ? file_fill(fd, bytes, (size_t)st.st_size) : -1;
	if (size <= 0)
		return NULL;
	manifest.bytes = view_of(bytes, (size_t)size);
	s->coverage[s->current].bytes += (uint64_t)size;
	json_t *root = scan_json_read(s, &manifest, true);
	explicit_bzero(bytes, (size_t)size);
	return root;
}

/* Without a manifest the profile still says where it may act. */
static void put_unpacked(struct scan *s, const struct scan_file *f, struct view id,
                         const json_t *item)
{
	struct site site = {s, f, "browser extension for"};
	cleanup(scan_json) json_t *manifest = read_unpacked(s, f, scan_json_text(item, "path"));
	put_extension(s, f, id, manifest);
	if (!manifest)
		scan_json_each_text(json_object_get(item, "active_permissions"), "", on_site,
		                    &site);
}

/* Extensions by the profile's own list, and where installed web applications start. */
static void read_preferences(struct scan *s, struct scan_file *f)
{
	const char *id;
	json_t *item;
	size_t unpacked = 0;
	struct site site = {s, f, "web app"};
	cleanup(scan_json) json_t *root = scan_json_read(s, f, false);
	json_t *extensions = json_object_get(json_object_get(root, "extensions"), "settings");
	json_t *apps = json_object_get(root, "web_apps");
	json_object_foreach(extensions, id, item)
	{
		const json_t *manifest = json_object_get(item, "manifest");
		if (manifest || unpacked++ >= UNPACKED_MAX)
			put_extension(s, f, view_text(id), manifest);
		else
			put_unpacked(s, f, view_text(id), item);
	}
	if (unpacked > UNPACKED_MAX)
		scan_not_understood(s, f, "more extensions without a manifest than are looked for");
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
	struct view host = scan_url_read(servers).host;
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
