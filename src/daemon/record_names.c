#include "daemon/record_names.h"

#include <string.h>

#include "base/address.h"
#include "daemon/log_line.h"

static const struct policy *find_policy(const struct record_names *n, uint64_t version)
{
	for (size_t i = 0; i < n->count; i++) {
		if (policy_version(&n->policies[i].policy) == version)
			return &n->policies[i].policy;
	}
	return NULL;
}

/* Absent texts are NULL in an event and 0 in an image. */
static const char *text_of(const struct policy *p, uint32_t text)
{
	return text ? policy_text(p, text) : NULL;
}

/* Of several facets the first that the obligation covers names the event. */
static const char *facet_of(const struct image_identifier *id, const struct image_obligation *o)
{
	unsigned both = o && o->facets & id->facets ? o->facets & id->facets : id->facets;
	for (unsigned i = 0; i < FACET_COUNT; i++) {
		if (both >> i & 1)
			return facet_names[i];
	}
	return NULL;
}

/* An index of a gate that may be compromised: none is trusted. */
static bool rows_exist(const struct policy *p, const struct event_record *r)
{
	return (r->identifier == EVENT_NONE || r->identifier < p->identifier_count) &&
	       (r->obligation == EVENT_NONE || r->obligation < p->obligation_count) &&
	       (r->exemption == EVENT_NONE || r->exemption < p->exemption_count) &&
	       (r->unit == EVENT_NONE || r->unit < p->unit_count);
}

static void resolve_rows(const struct policy *p, const struct event_record *r, struct arena *arena,
                         struct event_texts *ret)
{
	const struct image_identifier *id = policy_identifier(p, r->identifier);
	const struct image_obligation *o = policy_obligation(p, r->obligation);
	const struct image_exemption *e = policy_exemption(p, r->exemption);
	const struct image_unit *u = policy_unit(p, r->unit);
	if (id) {
		ret->identifier = text_of(p, id->id);
		ret->product = text_of(p, policy_product(p, id->product)->id);
		ret->facet = facet_of(id, o);
	}
	if (o) {
		ret->order = text_of(p, policy_order(p, o->order)->id);
		ret->obligation = arena_printf(arena, "%u", (unsigned)o->number);
	}
	ret->exemption = e ? text_of(p, e->id) : NULL;
	ret->unit = u ? text_of(p, u->id) : NULL;
	ret->reason = r->reason < REASON_COUNT ? reason_name((enum reason)r->reason) : NULL;
}

static void resolve(void *context, const struct event_record *r, struct arena *arena,
                    struct event_texts *ret)
{
	const struct record_names *n = context;
	const struct policy *p = find_policy(n, r->policy_version);
	if (p && rows_exist(p, r))
		resolve_rows(p, r, arena, ret);
	struct address to = event_address(r->destination_family, r->destination);
	if (to.size) {
		ret->country = places_text(&n->places, PLACES_COUNTRY, &to, arena);
		ret->network = places_text(&n->places, PLACES_NETWORK, &to, arena);
	}
}

static const char *subject(void *context, const struct event_record *r, struct arena *arena)
{
	struct record_names *n = context;
	char address[ADDRESS_TEXT_SIZE], pseudonym[PSEUDONYM_TEXT_SIZE];
	struct address client = event_address(r->family, r->address);
	if (client.size == 0)
		return NULL;
	struct view who = view_text(address_print(&client, address));
	int code = pseudonym_of(&n->keys, r->time_us, who, pseudonym);
	/* without a key nothing of the person is written: the event stays, its subject is absent */
	return code < 0 ? NULL : arena_text(arena, view_text(pseudonym));
}

int record_names_open(struct record_names *n, const char *subjects_directory)
{
	*n = (struct record_names){
		.callbacks = {.resolve = resolve, .subject = subject, .context = n},
		.places = places_none()};
	int code = pseudonym_keys_open(subjects_directory, &n->keys);
	n->has_keys = code == OK;
	return code;
}

void record_names_close(struct record_names *n)
{
	for (size_t i = 0; i < n->count; i++)
		adopted_done(&n->policies[i]);
	n->count = 0;
	places_done(&n->places);
	if (n->has_keys)
		pseudonym_keys_done(&n->keys);
	n->has_keys = false;
}

void record_names_add(struct record_names *n, const struct adopted *policy, int64_t now_us)
{
	if (n->count == RECORD_POLICIES_MAX)
		adopted_done(&n->policies[--n->count]);
	memmove(n->policies + 1, n->policies, n->count * sizeof(*n->policies));
	n->policies[0] = *policy;
	n->policies[0].at_us = now_us;
	n->count++;
}

/* The one before the newest was replaced when the newest came, and so on. */
void record_names_forget(struct record_names *n, int64_t before_us)
{
	while (n->count > 1 && n->policies[n->count - 2].at_us < before_us)
		adopted_done(&n->policies[--n->count]);
}
