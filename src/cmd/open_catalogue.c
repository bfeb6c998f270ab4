#include "cmd/open_catalogue.h"

#include <stdio.h>

#include "cmd/problems.h"
#include "daemon/exit_status.h"

int open_catalogue(const struct args *a, struct catalogue *ret)
{
	struct problems problems = {0};
	const char *folder = args_value(a, "--catalogue");
	int r = catalogue_load(folder, ret, &problems);
	problems_print(&problems, "");
	if (r < 0) {
		fprintf(stderr, "writ: catalogue %s cannot be used: %s\n",
		        folder ? folder : "(built in)", err_text(r));
		return (int)exit_status_of(r);
	}
	return EXIT_STATUS_OK;
}

int with_catalogue(const struct command *c, int argc, char **argv, catalogue_work *work)
{
	struct args a;
	struct catalogue catalogue;
	int r = args_parse(c, argc, argv, &a);
	if (r == 0)
		r = open_catalogue(&a, &catalogue);
	if (r)
		return r;
	r = work(&a, &catalogue);
	catalogue_done(&catalogue);
	return r;
}
