#include "cmd/scan_confine.h"

#include <sys/prctl.h>

#include "cmd/open_options.h"
#include "daemon/landlock.h"

int scan_confine(const struct args *a)
{
	struct landlock_path paths[] = {{"/", PATH_READ}, {"/dev/null", PATH_WRITE}, {0}, {0}};
	size_t count = 2;
	struct arena arena;
	struct writ_options options;
	arena_init(&arena, 0);
	/* what is wrong with the settings is said by who needs them */
	if (args_has(a, "--record") && open_options_quietly(a, &arena, &options)) {
		paths[count++] =
			(struct landlock_path){options.record.evidence_directory, PATH_WRITE};
		paths[count++] = (struct landlock_path){options.daemon.run_directory, PATH_WRITE};
	}
	/* Landlock wants it, and no program is started from here on */
	bool is_possible = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
	int version = is_possible ? landlock_enter(paths, count) : 0;
	arena_done(&arena);
	return version > 0 ? version : 0;
}
