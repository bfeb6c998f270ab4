/* expression.h - identifiers of a policy that are regular expressions, which no index of the policy finds.
 *
 * What:    PCRE2 compiles them once; it is opened when a policy has any (net/library.h). They are compared with a text as a
 *          finder asks for it: without letters' case, but for the form of a secret. A URL is compared with and without
 *          its scheme, as identifiers are written in both ways.
 * Owns:    scan_expressions_new(), scan_expressions_free(). The policy stays the caller's. Nothing of a text is kept.
 * Fails:   -ENOMEM. An expression that does not compile, or one of a machine without PCRE2, is counted in
 *          scan_expressions_unusable() and matches nothing.
 * Limits:  EXPRESSIONS_MAX; EXPRESSION_TEXT_MAX bytes of a text; EXPRESSION_STEPS and 1 MiB a comparison, so that no
 *          expression and no text takes long: one that was broken off matches nothing and is counted.
 * Threads: one. */
#pragma once

#include "base/cleanup.h"
#include "policy/policy.h"

enum {
	EXPRESSIONS_MAX = 256,
	EXPRESSION_SIZE_MAX = 1024,
	EXPRESSION_TEXT_MAX = 4096,
	EXPRESSION_STEPS = 10000,
	EXPRESSION_WHY_SIZE = 160,
};

struct scan_expressions;

int scan_expressions_new(const struct policy *p, struct scan_expressions **ret) must_check;
void scan_expressions_free(struct scan_expressions *e);
DEFINE_CLEANUP(scan_expressions, struct scan_expressions *, scan_expressions_free);

/* Writes the identifiers of that group that match, at most `max`; forms of secrets are none of them. */
size_t scan_expressions_find(struct scan_expressions *e, enum kind_group group, struct view text,
                             uint32_t *ret, size_t max);
/* What they say of a text that was asked for goes into the verdict, which knows of none, where it is the stricter. */
void scan_expressions_decide(struct scan_expressions *e, const struct policy *p,
                             const struct facts *facts, struct verdict *verdict);
/* Those whose form of a secret is anywhere in the text. */
size_t scan_expressions_find_secret(struct scan_expressions *e, struct view text, uint32_t *ret,
                                    size_t max);
size_t scan_expressions_unusable(const struct scan_expressions *e);
uint64_t scan_expressions_broken_off(const struct scan_expressions *e);
/* What could not be compared, for people. False: all was. */
bool scan_expressions_why(const struct scan_expressions *e, char ret[static EXPRESSION_WHY_SIZE]);
