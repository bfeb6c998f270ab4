/* open_options.h - the settings (writ.yaml) that a command works with.
 *
 * --config names the file; without it ./writ.yaml, then /etc/writ/writ.yaml. */
#pragma once

#include "base/arena.h"
#include "cmd/args.h"
#include "daemon/options.h"

#define OPTION_CONFIG                                                                             \
	{                                                                                         \
		"--config", "FILE", "Settings; without it ./writ.yaml, then /etc/writ/writ.yaml." \
	}

/* Path of writ.yaml for that command: as given, or the first default that exists, or NULL. */
const char *config_path(const struct args *a);

/* Texts live in the arena. Returns 0, or an exit status after everything was said on stderr. */
int open_options(const struct args *a, struct arena *arena, struct writ_options *ret);
/* The same without a word, for who can do without: false when there are none that can be read. */
bool open_options_quietly(const struct args *a, struct arena *arena, struct writ_options *ret);
