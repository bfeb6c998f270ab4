/* judge.h - what one rule says of one identifier: the step that decision and explanation share. */
#pragma once

#include "policy/policy.h"

struct outcome {
	enum verdict_action action;
	enum reason reason;
	uint32_t exemption;
};

/* The identifiers that facts lead to, most specific name first. */
struct matches {
	struct {
		uint32_t identifier;
		uint8_t labels; /* 0 when not by name */
		bool gives_way; /* a more specific name of the same product decides */
	} items[DECISION_MATCHES_MAX];
	size_t count;
};

void judge_matches(const struct policy *p, const struct facts *f, struct matches *ret);
/* The same where somebody else has found them. */
void judge_given(const struct policy *p, const uint32_t *identifiers, size_t count,
                 struct matches *ret);

/* Judges one rule, exemptions included. */
struct outcome judge_rule(const struct policy *p, const struct facts *f,
                          const struct image_identifier *i, const struct image_rule *rule);

/* True when `a` decides over `b`: stricter, or as strict and a better reason. */
bool outcome_outweighs(const struct outcome *a, const struct outcome *b);
