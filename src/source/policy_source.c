#include "source/policy_source.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "source/file.h"
#include "source/zones.h"

enum { ORGANISATION_SIZE_MAX = 64 << 20 };

static int read_organisation(const char *path, struct arena *a, struct problems *p,
                             struct organisation *ret)
{
	struct buffer text = {0};
	int r = file_read(path, ORGANISATION_SIZE_MAX, &text);
	if (r < 0) {
		problem_add(p, path, 0, 0, "cannot read the file: %s", err_text(r));
		return ERR_INVALID;
	}
	r = organisation_read(path, buffer_view(&text), a, p, ret);
	buffer_done(&text);
	return r;
}

static int compile(const struct policy_source *s, const struct catalogue *c,
                   const struct organisation *o, struct policy_result *ret,
                   struct problems *warnings, struct problems *p)
{
	struct list_texts texts = {0};
	struct zones zones = {0};
	struct list_reading reading = {.organisation_file = s->organisation,
	                               .organisation = o,
	                               .folder = s->lists,
	                               .take_offers = s->take_offers,
	                               .before = s->lists_before};
	size_t before = p->count;
	int r = list_set_load(&reading, &ret->lists, &texts, warnings, p);
	if (r < 0)
		return r;
	cleanup(free) struct name_list_counts *counts = calloc(texts.count + 1, sizeof(*counts));
	r = counts ? zones_load(o, &zones, p) : -ENOMEM;
	if (r == OK && p->count != before)
		r = ERR_INVALID;
	struct policy_sources from = {
		.products = c->products,
		.product_count = c->product_count,
		.orders = c->orders,
		.order_count = c->order_count,
		.organisation = o,
		.lists = texts.views,
		.list_files = texts.names,
		.list_counts = counts,
		.zones = zones.files,
	};
	if (r == OK)
		r = policy_compile(&from, &ret->image, &ret->counts, warnings, p);
	for (size_t i = 0; r == OK && i < texts.count; i++)
		ret->lists.items[i].counts = counts[i];
	zones_done(&zones);
	list_texts_done(&texts);
	return r;
}

int policy_source_compile(const struct policy_source *s, struct policy_result *ret,
                          struct problems *warnings, struct problems *p)
{
	struct catalogue c = {0};
	struct organisation o;
	struct arena arena;
	struct policy_result result = {0};
	arena_init(&arena, 0);
	int loaded = catalogue_load(s->catalogue, &c, p);
	int r = read_organisation(s->organisation, &arena, p, &o);
	if (loaded < 0)
		r = loaded;
	if (r == OK)
		r = compile(s, &c, &o, &result, warnings, p);
	if (loaded == OK)
		catalogue_done(&c);
	arena_done(&arena);
	if (r < 0)
		policy_result_done(&result);
	else
		*ret = result;
	return r;
}

void policy_result_done(struct policy_result *r)
{
	buffer_done(&r->image);
	list_set_done(&r->lists);
}
