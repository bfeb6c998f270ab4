/* open_catalogue.h - the catalogue that a command's --catalogue names, else the one built in. */
#pragma once

#include "cmd/args.h"
#include "source/catalogue.h"

#define OPTION_CATALOGUE                                                                          \
	{                                                                                         \
		"--catalogue", "FOLDER", "Read this catalogue and not the one that was built in." \
	}

/* Returns 0, or an exit status after every problem was printed. */
int open_catalogue(const struct args *a, struct catalogue *ret);

/* Most commands on the catalogue: parses, opens, calls `work`, closes; returns its exit status. */
typedef int catalogue_work(const struct args *a, const struct catalogue *c);
int with_catalogue(const struct command *c, int argc, char **argv, catalogue_work *work);
