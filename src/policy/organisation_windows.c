#include "policy/organisation_windows.h"

#include <errno.h>
#include <string.h>

#include "policy/organisation_schema.h"

/* Every list of the file whose items have windows. */
#define HAS_WINDOWS(list, struct_)                                           \
	{                                                                    \
		offsetof(struct organisation, list), sizeof(struct struct_), \
			offsetof(struct struct_, windows)                    \
	}
static const struct {
	size_t list, item_size, windows;
} holders[] = {HAS_WINDOWS(adoptions, adoption), HAS_WINDOWS(exemptions, exemption),
               HAS_WINDOWS(rules, own_rule), HAS_WINDOWS(lists, list_product)};

/* `Asia/Taipei`, `Etc/GMT+8`: the name of a file below one folder, and of none elsewhere. */
static bool is_zone_name(const char *name)
{
	bool is_start = true;
	for (; *name; name++) {
		bool is_letter = (*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z');
		if (is_start ? !is_letter : !is_letter && !strchr("0123456789/+-_", *name))
			return false;
		is_start = *name == '/';
	}
	return !is_start;
}

static void add_zone(struct organisation *o, const char *name, struct config_place at,
                     struct problems *p)
{
	if (strcmp(name, ORGANISATION_ZONE_UTC) == 0)
		return;
	for (size_t i = 0; i < o->zone_count; i++) {
		if (strcmp(o->zones[i].name, name) == 0)
			return;
	}
	if (!is_zone_name(name))
		problem_add(p, at.file, at.line, at.column,
		            "time_zone \"%s\", expected UTC or a name such as Asia/Taipei", name);
	o->zones[o->zone_count++] = (struct organisation_zone){name, at};
}

static void take_windows(struct organisation *o, const struct schema_list *windows,
                         struct problems *p)
{
	struct window *all = windows->items;
	for (size_t i = 0; i < windows->count; i++) {
		struct config_place at = config_place_of(&window_schema, &all[i], "time_zone");
		if (!all[i].time_zone) {
			all[i].time_zone = o->time_zone;
			at = config_place_of(&organisation_schema, o, "time_zone");
		}
		add_zone(o, all[i].time_zone, at, p);
	}
}

static const struct schema_list *holder_list(const struct organisation *o, size_t holder)
{
	return (const void *)((const char *)o + holders[holder].list);
}

static const struct schema_list *windows_of(const struct organisation *o, size_t holder,
                                            size_t item)
{
	const char *items = holder_list(o, holder)->items;
	return (const void *)(items + item * holders[holder].item_size + holders[holder].windows);
}

int organisation_find_zones(struct organisation *o, struct arena *a, struct problems *p)
{
	enum { HOLDERS = sizeof(holders) / sizeof(*holders) };
	size_t most = 1;
	for (size_t h = 0; h < HOLDERS; h++) {
		for (size_t i = 0; i < holder_list(o, h)->count; i++)
			most += windows_of(o, h, i)->count;
	}
	o->zone_count = 0;
	o->zones = arena_alloc(a, most * sizeof(*o->zones));
	if (!o->zones)
		return -ENOMEM;
	for (size_t h = 0; h < HOLDERS; h++) {
		for (size_t i = 0; i < holder_list(o, h)->count; i++)
			take_windows(o, windows_of(o, h, i), p);
	}
	return OK;
}
