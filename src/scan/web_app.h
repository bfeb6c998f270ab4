/* web_app.h - which web applications of browsers are of listed hosts.
 *
 * What:    a Chromium browser names an installed web application by 32 letters that are made of the address where it
 *          starts, and keeps the address itself in a database. So the letters are made of each listed host, for the
 *          addresses where applications start.
 * Limits:  SCAN_WEB_APPS_MAX hosts of a policy; the rest is not known.
 * Source:  Chromium, web_applications/web_app_helpers.cc, which hashes the address, and components/crx_file/id_util.cc,
 *          which hashes that again: the first 16 bytes of SHA-256, each half byte a letter from `a`. */
#pragma once

#include "base/err.h"
#include "policy/policy.h"

enum { SCAN_WEB_APPS_MAX = 4096, SCAN_WEB_APP_ID_SIZE = 32 };

struct scan_web_app {
	char id[SCAN_WEB_APP_ID_SIZE];
	uint32_t identifier;
};

struct scan_web_apps {
	struct scan_web_app *rows; /* in order of id */
	size_t count;
};

int scan_web_apps_make(const struct policy *p, struct scan_web_apps *ret) must_check;
void scan_web_apps_done(struct scan_web_apps *apps);
/* The host of the application of that id; empty when none is known. */
struct view scan_web_apps_find(const struct scan_web_apps *apps, const struct policy *p,
                               struct view id);
/* Whether a text has the form of such an id. */
bool scan_web_app_is_id(struct view text);
