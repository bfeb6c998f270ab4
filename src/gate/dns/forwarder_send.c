#include <errno.h>
#include <string.h>

#include "gate/dns/forwarder_internal.h"

enum { ID_TRIES = 64 };

void forwarder_question(const struct asked *a, const struct attempt *t,
                        struct upstream_question *ret)
{
	struct dname name;
	*ret = a->question;
	size_t size = ret->size - 4U;
	if (t->is_lower && dname_parse_wire(view_of(ret->bytes, size), &name) == OK)
		memcpy(ret->bytes, name.bytes, size);
}

/* An id that the channel does not use, by chance. */
static int take_id(struct forwarder *f, uint32_t row, uint32_t channel, uint16_t *ret)
{
	for (int i = 0; i < ID_TRIES; i++) {
		*ret = random_pool_u16(&f->random);
		if (upstream_ids_add(f->ids, row, channel, *ret) == OK)
			return OK;
	}
	return ERR_LIMIT;
}

static int send_udp(struct forwarder *f, struct asked *a, struct attempt *t, uint32_t row)
{
	struct forward_udp *udp = f->servers[t->server].udp;
	struct upstream_form form = {.has_edns = t->had_edns, .is_unchecked = a->is_unchecked};
	struct upstream_question question;
	uint16_t id = 0;
	t->port = forward_udp_port(udp, t->sent_us);
	if (!t->port)
		return -EADDRNOTAVAIL;
	t->channel = t->port->channel;
	int r = take_id(f, row, t->channel, &id);
	if (r < 0)
		return r;
	forwarder_question(a, t, &question);
	uint8_t *room = forward_udp_room(udp);
	size_t size = upstream_query_write(&question, id, &form, room);
	forwarder_tell(f, t, view_of(room, size), view_of(NULL, 0));
	forward_udp_add(udp, size);
	return OK;
}

static int send_stream(struct forwarder *f, struct asked *a, struct attempt *t, uint32_t row)
{
	const struct server *s = &f->servers[t->server];
	struct upstream_form form = {.has_edns = t->had_edns,
	                             .is_padded = s->is->transport == UPSTREAM_TLS,
	                             .is_unchecked = a->is_unchecked};
	struct upstream_question question;
	uint8_t room[UPSTREAM_QUERY_SIZE_MAX];
	uint16_t id = 0;
	t->port = NULL;
	int r = forward_stream_channel(s->stream, &t->channel);
	if (r == OK)
		r = take_id(f, row, t->channel, &id);
	if (r < 0)
		return r;
	forwarder_question(a, t, &question);
	size_t size = upstream_query_write(&question, id, &form, room);
	r = forward_stream_add(s->stream, view_of(room, size));
	if (r < 0)
		upstream_ids_remove(f->ids, row);
	else
		forwarder_tell(f, t, view_of(room, size), view_of(NULL, 0));
	return r;
}

bool forwarder_goes_by_stream(const struct asked *a, const struct server *s)
{
	return a->by_stream || s->is->transport != UPSTREAM_UDP;
}

int forwarder_send(struct forwarder *f, struct asked *a, unsigned place, int64_t now_us)
{
	unsigned free_place = 0;
	while (free_place < ATTEMPTS && a->attempts[free_place].is_used)
		free_place++;
	if (free_place == ATTEMPTS || a->sent == FORWARD_TRIES_MAX)
		return ERR_LIMIT;
	struct attempt *t = &a->attempts[free_place];
	uint16_t server = f->setup.groups[a->group].members[place];
	const struct server *s = &f->servers[server];
	*t = (struct attempt){.place = (uint8_t)place,
	                      .server = server,
	                      .had_edns = !(a->plain >> place & 1) && now_us >= s->no_edns_until_us,
	                      .is_lower = now_us < s->lower_until_us,
	                      .sent_us = now_us};
	uint32_t row = forwarder_row(f, a, free_place);
	int r = forwarder_goes_by_stream(a, s) ? send_stream(f, a, t, row) : send_udp(f, a, t, row);
	a->tried |= 1U << place;
	if (r < 0)
		return r;
	t->is_used = true;
	a->sent++;
	forwarder_count(f, server, FORWARD_ASKED, now_us, 0);
	dns_count(f->setup.stats, t->port ? DNS_FORWARD_UDP : DNS_FORWARD_STREAM);
	return OK;
}
