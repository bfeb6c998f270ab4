/* zones.h - the files of the system's time zones that an organisation's windows name. */
#pragma once

#include "base/err.h"
#include "base/view.h"
#include "policy/organisation.h"

#define ZONES_DIRECTORY "/usr/share/zoneinfo"

struct zones {
	struct view *files; /* of each of organisation->zones, in its order */
	size_t count;
};

/* A problem for each that cannot be read. -ENOMEM. */
int zones_load(const struct organisation *o, struct zones *ret, struct problems *p) must_check;
void zones_done(struct zones *z);
