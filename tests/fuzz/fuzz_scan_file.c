#include <stdlib.h>

#include "tests/fuzz/check.h"
#include "tests/scan_world.h"

/* The name that the file has where its finder looks: its patterns decide what may be asked of it. */
static const struct {
	const char *finder, *path;
} places[] = {
	{"dpkg", "/var/lib/dpkg/status"},
	{"apk", "/lib/apk/db/installed"},
	{"pacman", "/var/lib/pacman/local/x/desc"},
	{"npm", "/a/package.json"},
	{"npm-lock", "/a/package-lock.json"},
	{"npm-lock", "/a/yarn.lock"},
	{"pip", "/a/METADATA"},
	{"pip-lock", "/a/requirements.txt"},
	{"pip-lock", "/a/pyproject.toml"},
	{"pip-lock", "/a/Pipfile.lock"},
	{"cargo", "/a/Cargo.lock"},
	{"cargo", "/a/.crates.toml"},
	{"go", "/a/go.sum"},
	{"editors", "/a/extensions/x/package.json"},
	{"chromium", "/a/Extensions/abc/1/manifest.json"},
	{"chromium", "/a/Preferences"},
	{"chromium", "/a/Local State"},
	{"firefox", "/a/extensions.json"},
	{"firefox", "/a/prefs.js"},
	{"browser-policies", "/a/policies/managed/x.json"},
	{"desktop", "/a/x.desktop"},
	{"bundles", "/a/x.app/Contents/Info.plist"},
	{"registry", "/a/x.reg"},
	{"configuration", "/a/.env"},
	{"configuration", "/a/config.json"},
	{"resolver", "/etc/resolv.conf"},
	{"homes", "/etc/passwd"},
	{"preferences", "/Library/Managed Preferences/x.plist"},
	{"modelfiles", "/a/Modelfile"},
	{"npm-lock", "/a/pnpm-lock.yaml"},
	{"npm-lock", "/a/bun.lock"},
	{"npm-lock", "/a/deno.lock"},
	{"npm", "/a/deno.json"},
	{"git", "/a/.git/config"},
	{"git", "/a/x.dist-info/direct_url.json"},
	{"pip-lock", "/a/pylock.toml"},
	{"pip-lock", "/a/Pipfile"},
	{"configuration", "/a/config.yaml"},
	{"configuration", "/a/config.toml"},
	{"resolver", "/etc/netplan/x.yaml"},
};
enum { PLACES = sizeof(places) / sizeof(*places) };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The first byte says which file it is, from `!` on. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* one for all runs: to make it takes most of the time, and all that it keeps is bounded */
	static struct scan_world w;
	if (size == 0 || bytes[0] < '!' || bytes[0] - '!' >= PLACES)
		return 0;
	size_t place = (size_t)(bytes[0] - '!');
	/* a copy of its own, so that nothing is read beside it */
	uint8_t *copy = malloc(size);
	CHECK(copy);
	memcpy(copy, bytes + 1, size - 1);
	if (!w.scan)
		scan_world_open(&w);
	scan_world_look(&w, places[place].finder, places[place].path, view_of(copy, size - 1));
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		CHECK(findings_at(w.findings, i)->what.size < SCAN_TEXT_MAX);
		CHECK(findings_at(w.findings, i)->identifier != NONE);
	}
	free(copy);
	return 0;
}
