/* organisation_windows.h - what windows of time say beyond their rows. */
#pragma once

#include "policy/organisation.h"

/* Gives every window its time zone, and the organisation the list of all. A problem for a name that can be
 * no zone's. -ENOMEM. */
int organisation_find_zones(struct organisation *o, struct arena *a, struct problems *p) must_check;
