#include "daemon/subscription.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* clang-format off */
#define AT(member) .offset = offsetof(struct subscription, member)
static const struct schema_field subscription_fields[] = {
	{.name = "id", .type = SCHEMA_ID, AT(id), .flags = SCHEMA_REQUIRED, .help = "Name of the list."},
	{.name = "url", .type = SCHEMA_TEXT, AT(url), .flags = SCHEMA_REQUIRED, .help = "Where it is."},
	{.name = "pin", .type = SCHEMA_TEXT, AT(pin), .help = "SHA-256 that it must have."},
	{.name = "ca", .type = SCHEMA_TEXT, AT(ca), .help = "Certificates to trust, PEM."},
	{.name = "format", .type = SCHEMA_INT, AT(format), .min = 0, .max = NAME_LIST_RPZ,
	 .flags = SCHEMA_REQUIRED, .help = "Number of its format."},
	{.name = "refresh", .type = SCHEMA_DURATION, AT(refresh_us), .flags = SCHEMA_REQUIRED,
	 .help = "How often to ask."},
	{.name = "size_max", .type = SCHEMA_SIZE, AT(size_max), .flags = SCHEMA_REQUIRED,
	 .help = "Most bytes."},
	{.name = NULL},
};
#undef AT
static const struct schema subscription_schema = {.name = "subscription",
	.size = sizeof(struct subscription), .fields = subscription_fields, .help = "A list to fetch.",
	.place_offset = offsetof(struct subscription, place)};

static const struct schema_field fields[] = {
	{.name = "lists", .type = SCHEMA_LIST, .offset = offsetof(struct subscriptions, lists),
	 .child = &subscription_schema, .help = "All of them."},
	{.name = NULL},
};
/* clang-format on */
static const struct schema schema = {.name = "subscriptions",
                                     .size = sizeof(struct subscriptions),
                                     .fields = fields,
                                     .help = "Lists to fetch.",
                                     .place_offset = offsetof(struct subscriptions, place)};

void subscriptions_print(const struct list_set *set, struct buffer *out)
{
	cleanup(free) struct subscription *items = calloc(set->count + 1, sizeof(*items));
	struct subscriptions all = {.lists = {.items = items}};
	if (!items) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		const struct loaded_list *l = &set->items[i];
		if (!l->url)
			continue;
		items[all.lists.count++] = (struct subscription){.id = l->id,
		                                                 .url = l->url,
		                                                 .pin = l->pin,
		                                                 .ca = l->ca,
		                                                 .format = l->format,
		                                                 .refresh_us = l->refresh_us,
		                                                 .size_max = l->size_max};
	}
	schema_print(&schema, &all, 0, out);
}

int subscriptions_parse(struct view text, struct arena *a, struct subscriptions *ret)
{
	struct problems problems = {0};
	int code = schema_read(&schema, "lists", text, a, &problems, ret);
	problems_done(&problems);
	return code;
}
