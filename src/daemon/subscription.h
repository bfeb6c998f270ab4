/* subscription.h - which lists the fetch role keeps current: what the parent tells it.
 *
 * A text by rows of a schema, like the settings; it travels as a descriptor. */
#pragma once

#include "config/schema.h"
#include "source/list_set.h"

struct subscription {
	const char *id, *url, *pin, *ca;
	int64_t format, refresh_us, size_max;
	struct config_place place;
};

struct subscriptions {
	struct schema_list lists; /* of struct subscription */
	struct config_place place;
};

/* Those lists of the set that are fetched. */
void subscriptions_print(const struct list_set *set, struct buffer *out);
/* ERR_INVALID, ERR_LIMIT, -ENOMEM. Everything lives in the arena. */
int subscriptions_parse(struct view text, struct arena *a, struct subscriptions *ret) must_check;
