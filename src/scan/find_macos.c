/* Applications of a mounted macOS: bundles, and preferences, which also say what an administrator manages. */
#include <string.h>

#include "scan/find.h"
#include "scan/meet.h"
#include "scan/plist.h"
#include "scan/scan_private.h"
#include "scan/text.h"

enum { VALUE_SIZE = 256 };

/* The first that there is counts. */
static const char *const bundle_keys[] = {"CFBundleIdentifier", "CFBundleName",
                                          "CFBundleDisplayName", "CFBundleExecutable",
                                          "CFBundleShortVersionString"};
enum { BUNDLE_KEYS = sizeof(bundle_keys) / sizeof(*bundle_keys), BUNDLE_VERSION = 4 };

struct bundle {
	struct {
		size_t size;
		char bytes[VALUE_SIZE];
	} values[BUNDLE_KEYS];
};

static int on_bundle_text(void *context, struct view key, struct view text)
{
	struct bundle *b = context;
	for (size_t i = 0; i < BUNDLE_KEYS; i++) {
		if (!view_is(key, bundle_keys[i]) || b->values[i].size || text.size >= VALUE_SIZE)
			continue;
		memcpy(b->values[i].bytes, text.bytes, text.size);
		b->values[i].size = text.size;
	}
	return OK;
}

static struct view value_of(const struct bundle *b, size_t i)
{
	return view_of(b->values[i].bytes, b->values[i].size);
}

/* Tells a list that could not be read to its end. */
static void read_list(struct scan *s, struct scan_file *f, const struct plist_reader *r)
{
	int code = plist_read(f->bytes, r);
	if (code == ERR_LIMIT)
		scan_unread(s, f->path, "a property list that goes on too long");
	else if (code < 0 && s->error == OK)
		scan_not_understood(s, f, "no property list, or one that is damaged");
}

void find_bundle(struct scan *s, struct scan_file *f)
{
	struct bundle b = {0};
	struct plist_reader r = {.on_text = on_bundle_text, .context = &b};
	read_list(s, f, &r);
	for (size_t i = 0; i < BUNDLE_VERSION; i++) {
		if (scan_meet_app(s, f, "application", value_of(&b, i),
		                  value_of(&b, BUNDLE_VERSION)))
			return;
	}
}

struct preferences {
	struct scan *scan;
	struct scan_file *file;
};

static bool enters(void *context, struct view key)
{
	(void)context;
	return !scan_text_forbids(key);
}

static int on_managed_text(void *context, struct view key, struct view text)
{
	struct preferences *p = context;
	(void)scan_meet_secret(p->scan, p->file, key, text, text);
	if (!scan_text_hides(key))
		find_browser_policy_text(p->scan, p->file, text);
	if (view_is(key, "DnsOverHttpsMode") && !view_is(text, "off"))
		scan_tell_resolver(p->scan, p->file, "DNS over HTTPS is %s",
		                   view_is(text, "automatic") ? "used where possible"
		                                              : "switched on by policy");
	return p->scan->error;
}

/* .../Preferences/BUNDLE.plist says that the application was started; what is managed says what it is told. */
void find_preferences(struct scan *s, struct scan_file *f)
{
	struct preferences p = {s, f};
	struct plist_reader r = {.on_text = on_managed_text, .enters = enters, .context = &p};
	struct view bundle = view_text(f->name);
	bundle.size -= strlen(".plist");
	(void)scan_meet_app(s, f, "preferences of", bundle, (struct view){0});
	if (strstr(f->path, "/Managed Preferences/"))
		read_list(s, f, &r);
}
