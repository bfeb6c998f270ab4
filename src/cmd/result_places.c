#include "cmd/result_places.h"

#include <stdio.h>

static struct result_destination locate(void *context, const struct address *destination)
{
	struct result_places *p = context;
	return (struct result_destination){
		.country = places_text(&p->places, PLACES_COUNTRY, destination, &p->texts),
		.network = places_text(&p->places, PLACES_NETWORK, destination, &p->texts)};
}

void result_places_open(struct result_places *p, const struct packet_places_options *o)
{
	struct places_files files;
	const char *bad = NULL;
	*p = (struct result_places){.places = places_none()};
	arena_init(&p->texts, 0);
	int code = o ? places_files_read(o, &files, &bad) : ERR_MISSING;
	for (int i = 0; code == OK && i < PLACES_KINDS; i++) {
		if (!files.databases[i].bytes)
			continue;
		code = places_use(&p->places, (enum places_kind)i, &files.databases[i]);
		p->is_known |= code == OK;
	}
	if (o && code < 0)
		fprintf(stderr, "writ: where destinations are is not told: cannot read %s: %s\n",
		        bad ? bad : "a database of places", err_text(code));
}

void result_places_use(struct result_places *p, struct result *r)
{
	if (!p->is_known)
		return;
	r->locate = locate;
	r->locate_context = p;
}

void result_places_close(struct result_places *p)
{
	places_done(&p->places);
	arena_done(&p->texts);
}
