/* The packets of a datagram lie in it one behind the other; what a header covers is in its packet; what is
 * read as an Initial can be tried with keys, and what opens is walked to its end. */
#include "tests/fuzz/check.h"
#include "wire/quic_frames.h"
#include "wire/quic_initial.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_lies_in(struct view v, struct view whole)
{
	CHECK(v.size == 0 ||
	      (v.bytes >= whole.bytes && v.bytes + v.size <= whole.bytes + whole.size));
}

static void walk_frames(struct view frames)
{
	struct quic_frame f;
	struct view rest = frames;
	size_t left = rest.size;
	while (quic_frame_next(&rest, &f) == OK) {
		CHECK(rest.size < left);
		left = rest.size;
		check_lies_in(f.data, frames);
		CHECK(f.offset <= QUIC_VALUE_MAX - (f.type == QUIC_FRAME_CRYPTO ? f.data.size : 0));
	}
}

static void try_open(struct quic_opener *o, const struct quic_packet *p)
{
	static uint8_t room[64 * 1024];
	struct quic_keys keys;
	struct quic_number number;
	struct view frames;
	uint32_t version = quic_version_is_reserved(p->version) ? QUIC_VERSION_1 : p->version;
	CHECK(quic_keys_derive(version, p->dcid, QUIC_CLIENT, &keys) == OK);
	if (quic_number_read(o, &keys, p, &number) != OK)
		return;
	CHECK(number.size >= 1 && number.size <= 4);
	if (quic_initial_open(o, &keys, p, number, quic_number_decode(number, 0), room,
	                      sizeof(room), &frames) != OK)
		return;
	check_lies_in(frames, view_of(room, sizeof(room)));
	walk_frames(frames);
}

static void check_packet(struct quic_opener *o, const struct quic_packet *p, struct view rest)
{
	struct quic_packet again;
	CHECK(p->bytes.bytes == rest.bytes && p->bytes.size && p->bytes.size <= rest.size);
	CHECK(quic_read(p->bytes, &again) == OK && again.bytes.size == p->bytes.size);
	check_lies_in(p->dcid, p->bytes);
	check_lies_in(p->scid, p->bytes);
	check_lies_in(p->token, p->bytes);
	check_lies_in(p->versions, p->bytes);
	CHECK(p->number_at <= p->bytes.size);
	if (p->type == QUIC_INITIAL)
		try_open(o, p);
	if (p->type == QUIC_RETRY)
		(void)quic_retry_is_for(o, p, p->scid);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct quic_opener *o;
	struct view rest = view_of(bytes, size);
	struct quic_packet p;
	if (!o)
		CHECK(quic_opener_new(&o) == OK);
	walk_frames(rest);
	while (quic_read(rest, &p) == OK) {
		check_packet(o, &p, rest);
		rest = view_skip(rest, p.bytes.size);
	}
	return 0;
}
