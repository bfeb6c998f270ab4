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
/* How sure it is that a text is a model id. */
enum scan_model {
	SCAN_MODEL_PERHAPS, /* it may be a host as well: only the whole counts */
	SCAN_MODEL_LIKELY,  /* it must match from its begin: a part of a text is met in much else */
	SCAN_MODEL_CERTAIN,
};
bool scan_meet_model(struct scan *s, const struct scan_file *f, struct view id,
                     enum scan_model sure);
/* The host of an address with a scheme, without user and port; empty when there is none. */
struct view scan_url_host(struct view url);
