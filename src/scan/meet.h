/* meet.h - from what a finder found to facts, to the policy's verdict, to a finding.
 *
 * Each asks policy_decide() and, where an identifier matches, adds a sighting with the file, its owner and words that
 * say what it is. They return whether one matched. What is shown has no secret: of an address no user, query or
 * fragment, and long runs of letters and digits, as keys are, are cut. */
#pragma once

#include "policy/vocabulary.h"
#include "scan/scan.h"

/* The whole form: `text` is asked (as struct facts has it), `what` is shown. */
bool scan_meet(struct scan *s, const struct scan_file *f, enum kind_group group, struct view text,
               struct view what);
/* A package of a registry: `npm`, `pypi`, `deb` ... Version may be empty. */
bool scan_meet_package(struct scan *s, const struct scan_file *f, const char *registry,
                       struct view name, struct view version);
/* An application, extension or bundle by its id or name; `label` is what it is: "browser extension". */
bool scan_meet_app(struct scan *s, const struct scan_file *f, const char *label, struct view id,
                   struct view version);
/* A field of that kind: `environment`, `path`, `process`, `config-architecture` ... */
bool scan_meet_field(struct scan *s, const struct scan_file *f, const char *kind,
                     struct view value);
/* A host name, or an address. */
bool scan_meet_host(struct scan *s, const struct scan_file *f, const char *label, struct view host);
/* An address with a scheme: its URL and its host; the stricter one counts. */
bool scan_meet_url(struct scan *s, const struct scan_file *f, const char *label, struct view url);
/* How sure it is that a text is a model id, and so which of a model's identifiers it may match. */
enum scan_model {
	SCAN_MODEL_PERHAPS, /* it may be a host or a path as well: only those that are the whole */
	SCAN_MODEL_LIKELY, /* also those that end with its owner, "OWNER/": words begin like products */
	SCAN_MODEL_NAMED,   /* a model's file or store calls it so: also any that it begins with */
	SCAN_MODEL_CERTAIN, /* a client is told to use it: also those that are a part of it */
};
bool scan_meet_model(struct scan *s, const struct scan_file *f, struct view id,
                     enum scan_model sure);
/* A word with the form of a secret key, near enough to other words of the product where keys of others have that form,
 * too; `around` is what stands about it. Told by the key's name `key`, which may be empty, and never by the word. */
bool scan_meet_secret(struct scan *s, const struct scan_file *f, struct view key, struct view word,
                      struct view around);
