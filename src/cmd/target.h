/* target.h - what a person asks about, as facts: a name, URL, address, model, application, package, file.
 *
 *	chat.deepseek.com   https://host/path   192.0.2.1   model:ID   app:ID   package:npm/NAME
 *	file:PATH (header of a GGUF, safetensors or config.json file)   KIND=VALUE of a file or request field */
#pragma once

#include "base/arena.h"
#include "policy/facts.h"

enum { TARGET_FACTS_MAX = 64 };

/* One target can be several acts: a file has many fields, a URL a host and a path. */
struct target {
	const char *text; /* as given */
	struct {
		const char *what; /* "name chat.deepseek.com", "gguf-architecture=deepseek2" */
		struct facts facts;
		struct dname name; /* what facts.name points to */
	} items[TARGET_FACTS_MAX];
	size_t count;
};

/* `at_us`, `place` and `client` are left for the caller. ERR_INVALID with *ret_problem: what was
 * expected. Texts lie in the arena. */
int target_parse(const char *text, struct arena *a, struct target *ret,
                 const char **ret_problem) must_check;
