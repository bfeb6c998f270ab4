#include "base/clock.h"
#include "daemon/lists.h"
#include "daemon/parent.h"

/* A copy that was not confirmed for so many times `refresh`. */
enum { STALE_REFRESHES = 2 };

static bool is_stale(const struct loaded_list *l, const struct list_state *s)
{
	return !l->pin && !l->is_missing &&
	       (s->checked_us == SCHEMA_ABSENT ||
	        clock_now_us() - s->checked_us > STALE_REFRESHES * l->refresh_us);
}

/* The worst that is true of it. */
static const char *state_of(const struct loaded_list *l, const struct list_state *s)
{
	if (l->is_missing)
		return "missing";
	if (s->held.sha256)
		return "held";
	if (is_stale(l, s))
		return "stale";
	return s->failures ? "failing" : "current";
}

static void write_version(struct json_writer *j, const char *key, const struct list_version *v)
{
	if (!v->sha256)
		return;
	json_object_begin(j, key);
	json_text(j, "sha256", v->sha256);
	json_int(j, "names", v->names);
	json_time(j, "fetched_at", v->fetched_us);
	json_object_end(j);
}

static void write_fetched(const struct parent *p, const struct loaded_list *l,
                          struct json_writer *j)
{
	struct arena arena;
	struct list_state s = list_state_none;
	arena_init(&arena, 0);
	int code = list_state_read(p->options->daemon.lists_directory, l->id, &arena, &s);
	json_text(j, "url", l->url);
	json_text(j, "state", state_of(l, &s));
	json_time(j, "checked_at", s.checked_us);
	json_time(j, "tried_at", s.tried_us);
	json_int(j, "failures", s.failures);
	json_text(j, "problem", code < 0 ? err_text(code) : s.problem);
	write_version(j, "copy", &s.copy);
	write_version(j, "held", &s.held);
	arena_done(&arena);
}

static void write_list(const struct parent *p, const struct loaded_list *l, struct json_writer *j)
{
	json_object_begin(j, NULL);
	json_text(j, "id", l->id);
	json_bool(j, "in_force", !l->is_missing);
	json_int(j, "names", (int64_t)l->counts.names);
	json_int(j, "bad_lines", (int64_t)l->counts.problems);
	if (l->url) {
		write_fetched(p, l, j);
	} else {
		json_text(j, "file", l->file);
		json_text(j, "state", "current");
	}
	json_object_end(j);
}

void lists_write(const struct parent *p, struct json_writer *j)
{
	json_array_begin(j, "lists");
	for (size_t i = 0; i < p->adopted.lists.count; i++)
		write_list(p, &p->adopted.lists.items[i], j);
	json_array_end(j);
}
