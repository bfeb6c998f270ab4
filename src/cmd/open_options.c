#include "cmd/open_options.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd/problems.h"
#include "daemon/exit_status.h"

const char *config_path(const struct args *a)
{
	static const char *const defaults[] = {"writ.yaml", "/etc/writ/writ.yaml"};
	const char *given = args_value(a, "--config");
	if (given)
		return given;
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
		if (access(defaults[i], F_OK) == 0)
			return defaults[i];
	}
	return NULL;
}

int open_options(const struct args *a, struct arena *arena, struct writ_options *ret)
{
	struct problems problems = {0};
	const char *config = config_path(a);
	if (!config) {
		fprintf(stderr,
		        "writ: no writ.yaml here or in /etc/writ, expected one, or --config\n");
		return EXIT_STATUS_USAGE;
	}
	int r = options_load(config, arena, &problems, ret);
	problems_print(&problems, "");
	return (int)exit_status_of(r);
}

bool open_options_quietly(const struct args *a, struct arena *arena, struct writ_options *ret)
{
	struct problems problems = {0};
	const char *config = config_path(a);
	bool is_good = config && options_load(config, arena, &problems, ret) == OK;
	problems_done(&problems);
	return is_good;
}
