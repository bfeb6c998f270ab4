/* Firefox and its forks: extensions, web applications, and how they resolve names. */

#include "scan/find.h"
#include "scan/find_archive.h"
#include "scan/json.h"
#include "scan/meet.h"
#include "scan/text.h"
#include "scan/url.h"

struct site {
	struct scan *scan;
	const struct scan_file *file;
};

static void on_site(void *context, const char *key, struct view text)
{
	const struct site *site = context;
	(void)key;
	if (memmem(text.bytes, text.size, "://", 3))
		(void)scan_meet_url(site->scan, site->file, "browser extension for", text);
}

static void put(struct scan *s, const struct scan_file *f, struct view id, struct view name,
                struct view version)
{
	if (!scan_meet_app(s, f, "browser extension", id, version) &&
	    !scan_meet_package(s, f, "browser-extension", id, version))
		(void)scan_meet_package(s, f, "browser-extension", name, version);
}

/* extensions.json: {"addons": [{"id", "version", "defaultLocale": {"name"}, "userPermissions": {"origins"}}]} */
static void read_list(struct scan *s, struct scan_file *f)
{
	size_t i;
	json_t *addon;
	struct site site = {s, f};
	cleanup(scan_json) json_t *root = scan_json_read(s, f, false);
	json_array_foreach(json_object_get(root, "addons"), i, addon)
	{
		put(s, f, scan_json_text(addon, "id"),
		    scan_json_text(json_object_get(addon, "defaultLocale"), "name"),
		    scan_json_text(addon, "version"));
		scan_json_each_text(json_object_get(addon, "userPermissions"), "", on_site, &site);
	}
}

/* The value of `user_pref("NAME", VALUE);` without quotes. */
static bool has_pref(struct view line, const char *name, struct view *ret)
{
	struct view rest = line;
	(void)view_split(&rest, '"');
	if (!view_is(view_split(&rest, '"'), name))
		return false;
	rest = view_trim(rest);
	while (rest.size && strchr(", \"", rest.bytes[0]))
		rest = view_skip(rest, 1);
	while (rest.size && strchr(");\" ", rest.bytes[rest.size - 1]))
		rest.size--;
	*ret = rest;
	return true;
}

/* network.trr.mode: 2 is DNS over HTTPS first, 3 only. */
static void read_prefs(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line, value;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		if (has_pref(line, "network.trr.mode", &value)) {
			if (view_is(value, "2") || view_is(value, "3"))
				scan_tell_resolver(s, f, "DNS over HTTPS is %s",
				                   view_is(value, "3") ? "always used"
				                                       : "used where possible");
		} else if (has_pref(line, "network.trr.uri", &value) ||
		           has_pref(line, "network.trr.custom_uri", &value)) {
			struct view host = scan_url_read(value).host;
			scan_tell_resolver(s, f, "DNS over HTTPS asks " VIEW_FMT, VIEW_ARG(host));
			(void)scan_meet_url(s, f, "resolver", value);
		} else if (has_pref(line, "browser.startup.homepage", &value)) {
			(void)scan_meet_url(s, f, "start page", value);
		}
	}
}

void find_firefox(struct scan *s, struct scan_file *f)
{
	if (strcmp(f->name, "extensions.json") == 0)
		read_list(s, f);
	else if (strcmp(f->name, "prefs.js") == 0 || strcmp(f->name, "user.js") == 0)
		read_prefs(s, f);
	else /* web applications: taskbartabs.json, and firefoxpwa's config.json */
		scan_text(s, f);
}

static const json_t *gecko_of(const json_t *manifest)
{
	const json_t *settings = json_object_get(manifest, "browser_specific_settings");
	if (!settings)
		settings = json_object_get(manifest, "applications");
	return json_object_get(settings, "gecko");
}

void find_xpi(struct scan *s, struct scan_file *f)
{
	struct buffer bytes = {0};
	struct site site = {s, f};
	if (find_archive_member(s, f, "manifest.json", &bytes)) {
		struct scan_file member = *f;
		member.bytes = buffer_view(&bytes);
		cleanup(scan_json) json_t *root = scan_json_read(s, &member, true);
		put(s, f, scan_json_text(gecko_of(root), "id"), scan_json_text(root, "name"),
		    scan_json_text(root, "version"));
		scan_json_each_text(json_object_get(root, "permissions"), "", on_site, &site);
		scan_json_each_text(json_object_get(root, "host_permissions"), "", on_site, &site);
		scan_json_each_text(json_object_get(root, "content_scripts"), "", on_site, &site);
	}
	archive_member_done(&bytes);
}
