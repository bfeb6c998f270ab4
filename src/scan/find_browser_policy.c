/* What an administrator tells browsers to do: extensions and web applications that are installed by force, pages that
 * are opened, and DNS over HTTPS. What is forbidden there is no use. */
#include "scan/find.h"
#include "scan/json.h"
#include "scan/meet.h"
#include "scan/text.h"

struct policy_file {
	struct scan *scan;
	const struct scan_file *file;
};

/* Extensions stand as `ID;URL`. */
void find_browser_policy_text(struct scan *s, const struct scan_file *f, struct view text)
{
	struct view id = view_split(&text, ';');
	if (memmem(id.bytes, id.size, "://", 3))
		(void)scan_meet_url(s, f, "browser policy", id);
	else
		(void)scan_meet_app(s, f, "browser policy", id, (struct view){0});
}

static void on_text(void *context, const char *key, struct view text)
{
	const struct policy_file *p = context;
	(void)key;
	find_browser_policy_text(p->scan, p->file, text);
}

static void read_keys(const struct policy_file *p, const json_t *root)
{
	const char *id;
	json_t *item;
	json_object_foreach(json_object_get(root, "ExtensionSettings"), id, item)
	{
		struct view mode = scan_json_text(item, "installation_mode");
		if (!scan_text_forbids(mode) && !view_is(mode, "removed"))
			(void)scan_meet_app(p->scan, p->file, "browser policy", view_text(id),
			                    (struct view){0});
	}
	struct view mode = scan_json_text(root, "DnsOverHttpsMode");
	const json_t *doh = json_object_get(root, "DNSOverHTTPS");
	if ((mode.size && !view_is(mode, "off")) || json_is_true(json_object_get(doh, "Enabled")))
		scan_tell_resolver(p->scan, p->file, "DNS over HTTPS is %s",
		                   view_is(mode, "automatic") ? "used where possible"
		                                              : "switched on by policy");
}

void find_browser_policy(struct scan *s, struct scan_file *f)
{
	struct policy_file p = {s, f};
	cleanup(scan_json) json_t *root = scan_json_read(s, f, true);
	if (!json_is_object(root))
		return;
	const json_t *own = json_object_get(root, "policies"); /* Firefox */
	read_keys(&p, own ? own : root);
	scan_json_each_text(root, "", on_text, &p);
}
