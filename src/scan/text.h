/* text.h - hosts, addresses, model ids and names of variables in any text that configures something.
 *
 * What:    one reader for shell profiles, .env files, units, YAML, TOML, JSON and INI: it looks at words, at the key
 *          before them, and at nothing else. Comments are left out, so is what stands in a setting that says that it forbids
 *          (scan/forbidden.h), and hosts that are led nowhere. A word behind a key that names a secret is not looked
 *          at unless it is a URL.
 * Limits:  a word over SCAN_TEXT_MAX is none. */
#pragma once

#include "scan/scan.h"

void scan_text(struct scan *s, struct scan_file *f);
/* Whether a key says that what follows is forbidden: "URLBlocklist", "deny". */
bool scan_text_forbids(struct view key);
/* Whether a key says that what follows is secret: "api_key", "Authorization". */
bool scan_text_hides(struct view key);
/* The next line, without its end; `rest` moves past it. False at the end. */
bool scan_text_line(struct view *rest, struct view *ret);
/* Without blanks around it, and without any quotes then. */
struct view scan_text_unquote(struct view v);
/* How many bytes there are before the first of `ends`. */
size_t scan_text_until(struct view v, const char *ends);
/* Of a file's name. */
bool scan_text_ends_with(const char *name, const char *end);
