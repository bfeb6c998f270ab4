/* compile_windows.c - times of the week, and the clocks by which they are read. */
#include <string.h>

#include "base/timestamp.h"
#include "policy/compile_internal.h"
#include "policy/vocabulary.h"
#include "wire/tzif.h"

enum { CHANGES_MAX = 512 };

static void add_clock(struct compiler *c, const struct tzif_change *change)
{
	struct image_clock row = {.at_s = change->at_s, .offset_s = change->offset_s};
	image_builder_row(&c->image, SECTION_CLOCKS, &row, sizeof(row));
}

static int64_t year_s(int year)
{
	return timestamp_days(year, 1, 1) * (DAY_US / SECOND_US);
}

static void add_zone(struct compiler *c, size_t zone)
{
	struct tzif_change changes[CHANGES_MAX];
	const struct organisation_zone *z = &c->from->organisation->zones[zone];
	int count = tzif_read(c->from->zones ? c->from->zones[zone] : (struct view){0},
	                      year_s(COMPILE_CLOCKS_FROM), year_s(COMPILE_CLOCKS_UNTIL), changes,
	                      CHANGES_MAX);
	if (count < 0)
		problem_add(
			c->problems, z->place.file, z->place.line, z->place.column,
			"time_zone \"%s\": its file is not understood (%s), expected one of the "
			"system's zone database",
			z->name, err_text(count));
	for (int i = 0; i < count; i++)
		add_clock(c, &changes[i]);
}

static uint32_t clocks_so_far(const struct compiler *c)
{
	return (uint32_t)(c->image.sections[SECTION_CLOCKS].size / sizeof(struct image_clock));
}

/* The first row is UTC. */
void compile_clocks(struct compiler *c)
{
	static const struct tzif_change utc = {INT64_MIN, 0};
	size_t count = c->from->organisation->zone_count;
	add_clock(c, &utc);
	for (size_t i = 0; i < count; i++) {
		c->zone_rows[i] = clocks_so_far(c);
		add_zone(c, i);
	}
	c->zone_rows[count] = clocks_so_far(c);
}

static void find_clocks(const struct compiler *c, const char *zone, struct image_window *row)
{
	const struct organisation *o = c->from->organisation;
	row->clocks_count = 1;
	for (size_t i = 0; i < o->zone_count; i++) {
		if (strcmp(o->zones[i].name, zone) != 0)
			continue;
		row->clocks_first = c->zone_rows[i];
		row->clocks_count = c->zone_rows[i + 1] - c->zone_rows[i];
	}
}

/* "Mon-Fri", "Mon, Wed-Thu" */
static void write_days(uint64_t days, struct buffer *out)
{
	const char *before = "";
	for (int i = 0; i < WEEK_DAYS; i++) {
		int last = i;
		if (!(days >> i & 1))
			continue;
		while (last + 1 < WEEK_DAYS && days >> (last + 1) & 1)
			last++;
		buffer_printf(out, "%s%c%s", before, day_names[i][0] - 'a' + 'A', day_names[i] + 1);
		if (last > i)
			buffer_printf(out, "-%c%s", day_names[last][0] - 'a' + 'A',
			              day_names[last] + 1);
		before = ", ";
		i = last;
	}
}

static uint32_t window_text(struct compiler *c, const struct window *w,
                            const struct image_window *row)
{
	struct buffer text = {0};
	write_days(w->days, &text);
	buffer_printf(&text, " %02u:%02u-%02u:%02u %s", row->from_s / 3600, row->from_s / 60 % 60,
	              row->until_s / 3600, row->until_s / 60 % 60, w->time_zone);
	return compiler_take_text(c, &text);
}

uint32_t compile_windows(struct compiler *c, const struct schema_list *windows)
{
	const struct window *all = windows->items;
	uint32_t first =
		(uint32_t)(c->image.sections[SECTION_WINDOWS].size / sizeof(struct image_window));
	for (size_t i = 0; i < windows->count; i++) {
		struct image_window row = {.days = (uint32_t)all[i].days,
		                           .from_s = (uint32_t)(all[i].from_us / SECOND_US),
		                           .until_s = (uint32_t)(all[i].until_us / SECOND_US)};
		find_clocks(c, all[i].time_zone, &row);
		row.text = window_text(c, &all[i], &row);
		image_builder_row(&c->image, SECTION_WINDOWS, &row, sizeof(row));
	}
	return first;
}
