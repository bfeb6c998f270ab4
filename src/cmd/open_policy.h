/* open_policy.h - the policy that a command asks: compiled now from people's files, or a compiled image.
 *
 * --config names writ.yaml (open_options.h); --organisation and
 * --catalogue name the files directly; --policy takes an image as it is. */
#pragma once

#include "base/buffer.h"
#include "cmd/args.h"
#include "cmd/open_options.h"
#include "policy/compile.h"
#include "policy/policy.h"

#define OPTION_ORGANISATION                                                                   \
	{                                                                                     \
		"--organisation", "FILE",                                                     \
			"Read this organisation.yaml and not the one that the settings name." \
	}

#define OPTION_POLICY                                           \
	{                                                       \
		"--policy", "FILE", "Ask this compiled policy." \
	}

struct opened_policy {
	struct policy policy;
	struct buffer image;
	struct policy_counts counts;
};

/* Returns 0, or an exit status after everything was said on stderr. */
int open_policy(const struct args *a, struct opened_policy *ret);
/* The same for a command without --policy. */
int compile_policy(const struct args *a, struct opened_policy *ret);
void close_policy(struct opened_policy *p);
