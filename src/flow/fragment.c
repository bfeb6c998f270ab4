#include "flow/fragment.h"

#include <errno.h>
#include <stdlib.h>

enum { ROOM_SIZE = FRAGMENTS_HEADER_MAX + 65535 + 8, IP6_NEXT_HEADER_SIZE = 8 };

int fragments_init(struct fragments *f, struct pool *pool)
{
	*f = (struct fragments){.pool = pool};
	f->datagrams = calloc(FRAGMENTS_DATAGRAMS, sizeof(*f->datagrams));
	f->room = malloc(ROOM_SIZE);
	if (f->datagrams && f->room)
		return OK;
	fragments_done(f);
	return -ENOMEM;
}

void fragments_done(struct fragments *f)
{
	free(f->datagrams);
	free(f->room);
	*f = (struct fragments){0};
}

static void forget(struct fragments *f, struct fragment_datagram *d)
{
	held_clear(&d->pieces, f->pool);
	d->is_used = false;
}

static bool is_of(const struct fragment_datagram *d, const struct ip_packet *ip)
{
	return d->is_used && d->id == ip->fragment_id && address_equal(&d->source, &ip->source) &&
	       address_equal(&d->destination, &ip->destination) &&
	       (ip->source.size == 16 || d->protocol == ip->protocol);
}

static bool is_over(const struct fragment_datagram *d, int64_t now_us)
{
	return d->is_used && now_us - d->since_us > FRAGMENTS_TIME_US;
}

void fragments_expire(struct fragments *f, int64_t now_us)
{
	for (unsigned i = 0; i < FRAGMENTS_DATAGRAMS; i++)
		if (is_over(&f->datagrams[i], now_us))
			forget(f, &f->datagrams[i]);
}

/* The one that this fragment is of, else a free one, else the oldest, complete ones first. */
static struct fragment_datagram *find(struct fragments *f, const struct ip_packet *ip,
                                      int64_t now_us)
{
	struct fragment_datagram *best = NULL;
	for (unsigned i = 0; i < FRAGMENTS_DATAGRAMS; i++) {
		struct fragment_datagram *d = &f->datagrams[i];
		if (is_of(d, ip) && !is_over(d, now_us))
			return d;
		if (!best || (best->is_used && !d->is_used) ||
		    (best->is_used == d->is_used && best->is_complete < d->is_complete) ||
		    (best->is_used == d->is_used && best->is_complete == d->is_complete &&
		     d->since_us < best->since_us))
			best = d;
	}
	forget(f, best);
	*best = (struct fragment_datagram){
		.is_used = true,
		.source = ip->source,
		.destination = ip->destination,
		.id = ip->fragment_id,
		.protocol = ip->protocol,
		.since_us = now_us,
	};
	return best;
}

/* What the datagram already has of it: nothing (OK), all with the same bytes (ERR_EXISTS), or something else. */
static int compare(struct fragments *f, const struct fragment_datagram *d,
                   const struct ip_packet *ip)
{
	uint32_t from = ip->fragment_offset, to = from + (uint32_t)ip->payload.size;
	uint32_t cursor = 0;
	struct held_piece piece;
	if (d->end && (to > d->end || (!ip->has_more_fragments && to != d->end)))
		return ERR_DENIED;
	while (held_next(&d->pieces, f->pool, &cursor, &piece)) {
		uint32_t end = piece.sequence + piece.size;
		if (!ip->has_more_fragments && end > to)
			return ERR_DENIED;
		if (end <= from || piece.sequence >= to)
			continue;
		if (piece.sequence != from || end != to)
			return ERR_DENIED;
		held_copy(f->pool, cursor, f->room);
		return memcmp(f->room, ip->payload.bytes, piece.size) == 0 ? ERR_EXISTS
		                                                           : ERR_DENIED;
	}
	return OK;
}

/* Without overlaps it is complete when there are as many bytes as it has. */
static bool is_complete(const struct fragment_datagram *d)
{
	return d->end && d->header_size && d->pieces.bytes == d->end;
}

static int keep_header(struct fragment_datagram *d, struct view packet, const struct ip_packet *ip)
{
	size_t size = ip->source.size == 4 ? ip->header_size : ip->fragment_header_at;
	if (size > FRAGMENTS_HEADER_MAX)
		return ERR_DENIED;
	memcpy(d->header, packet.bytes, size);
	d->header_size = (uint16_t)size;
	d->next_header_at = (uint16_t)ip->next_header_at;
	d->first_protocol = ip->protocol;
	return OK;
}

static struct view put_together(struct fragments *f, const struct fragment_datagram *d)
{
	size_t size = d->header_size + d->end;
	uint32_t cursor = 0;
	struct held_piece piece;
	memcpy(f->room, d->header, d->header_size);
	while (held_next(&d->pieces, f->pool, &cursor, &piece))
		held_copy(f->pool, cursor, f->room + d->header_size + piece.sequence);
	bool is_v4 = d->source.size == 4;
	size_t said = is_v4 ? size : size - IP6_HEADER_SIZE;
	size_t at = is_v4 ? 2 : 4;
	f->room[at] = (uint8_t)(said >> 8);
	f->room[at + 1] = (uint8_t)said;
	if (is_v4) {
		memset(f->room + 6, 0, 2);
		ip4_set_checksum(f->room, d->header_size);
	} else {
		f->room[d->next_header_at] = d->first_protocol;
	}
	return view_of(f->room, size);
}

static bool is_too_large(const struct fragment_datagram *d)
{
	size_t base = d->source.size == 4 ? 0 : IP6_HEADER_SIZE;
	return d->header_size + (size_t)d->end > 65535 + base;
}

int fragments_take(struct fragments *f, struct view packet, const struct ip_packet *ip,
                   int64_t now_us, struct view *ret_whole)
{
	struct fragment_datagram *d = find(f, ip, now_us);
	int r = compare(f, d, ip);
	if (r == ERR_EXISTS)
		return ERR_TRUNCATED;
	if (r != OK || d->pieces.count == FRAGMENTS_PIECES)
		return ERR_DENIED;
	if (ip->fragment_offset == 0) {
		r = keep_header(d, packet, ip);
		if (r != OK)
			return r;
	}
	r = held_add(&d->pieces, f->pool, ip->fragment_offset, ip->payload);
	if (r != OK)
		return r;
	if (!ip->has_more_fragments)
		d->end = ip->fragment_offset + (uint32_t)ip->payload.size;
	if (!is_complete(d) || d->is_complete)
		return ERR_TRUNCATED;
	d->is_complete = true;
	if (is_too_large(d))
		return ERR_DENIED;
	*ret_whole = put_together(f, d);
	return OK;
}
