#include "wire/http2_request.h"

#include <nghttp2/nghttp2.h>

#include "base/reader.h"
#include "wire/host_name.h"

enum { FRAME_HEADER_SIZE = 9, PRIORITY_SIZE = 5 };
enum { FRAME_HEADERS = 1, FRAME_PUSH_PROMISE = 5, FRAME_CONTINUATION = 9 };
enum { FLAG_END_HEADERS = 0x4, FLAG_PADDED = 0x8, FLAG_PRIORITY = 0x20 };
/* a server may have asked for a larger table than the default: what it takes is not known here */
enum { TABLE_SIZE_MAX = 1 << 30 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* Every piece has its size before it, for take_again(). */
enum { PIECE_HEADER = 16 };

static void *take(size_t size, void *user)
{
	struct http2_room *room = user;
	size_t left = sizeof(room->bytes) - room->used;
	if (size > sizeof(room->bytes) || PIECE_HEADER + size > left)
		return NULL;
	uint8_t *at = room->bytes + room->used;
	memcpy(at, &size, sizeof(size));
	size_t whole = (PIECE_HEADER + size + PIECE_HEADER - 1) & ~(size_t)(PIECE_HEADER - 1);
	room->used += whole < left ? whole : left;
	return at + PIECE_HEADER;
}

static void *take_zeroed(size_t count, size_t size, void *user)
{
	if (size && count > HTTP2_ROOM_SIZE / size)
		return NULL;
	void *at = take(count * size, user);
	return at ? memset(at, 0, count * size) : NULL;
}

static void *take_again(void *old, size_t size, void *user)
{
	void *at = take(size, user);
	size_t old_size = 0;
	if (old)
		memcpy(&old_size, (uint8_t *)old - PIECE_HEADER, sizeof(old_size));
	if (at && old)
		memcpy(at, old, old_size < size ? old_size : size);
	return at;
}

static void give_back(void *old, void *user)
{
	(void)old;
	(void)user;
}

void http2_requests_open(struct view stream, struct http2_room *room, struct http2_requests *ret)
{
	nghttp2_mem memory = {room, take, give_back, take_zeroed, take_again};
	room->used = 0;
	/* the inflater keeps a pointer to its allocator */
	nghttp2_mem *kept = take(sizeof(memory), room);
	nghttp2_hd_inflater *inflater = NULL;
	if (kept) {
		*kept = memory;
		if (nghttp2_hd_inflate_new2(&inflater, kept) != 0 ||
		    nghttp2_hd_inflate_change_table_size(inflater, TABLE_SIZE_MAX) != 0)
			inflater = NULL;
	}
	*ret = (struct http2_requests){.stream = stream, .room = room, .inflater = inflater};
}

static void add_name(struct http2_request *r, struct view value)
{
	struct view name = host_name_of(value);
	if (name.size == 0)
		return;
	for (unsigned i = 0; i < r->names_count; i++) {
		if (view_equal(r->names[i], name))
			return;
	}
	if (r->names_count == HTTP2_NAMES_MAX)
		r->has_more_names = true;
	else
		r->names[r->names_count++] = name;
}

static void read_field(struct http2_request *r, const nghttp2_nv *field)
{
	struct view name = view_of(field->name, field->namelen);
	struct view value = view_of(field->value, field->valuelen);
	if (view_is_nocase(name, ":method"))
		r->is_request = true;
	if (!view_is_nocase(name, ":authority") && !view_is_nocase(name, "host"))
		return;
	/* a host may stand behind an @, and readers differ on which one */
	while (value.bytes)
		add_name(r, view_trim(view_split(&value, '@')));
}

/* A piece of a head. */
static int inflate(struct http2_requests *r, struct view piece, bool is_last,
                   struct http2_request *request)
{
	for (;;) {
		nghttp2_nv field;
		int flags = 0;
		ssize_t used = nghttp2_hd_inflate_hd2(r->inflater, &field, &flags, piece.bytes,
		                                      piece.size, is_last);
		if (used < 0)
			return used == NGHTTP2_ERR_NOMEM ? ERR_LIMIT : ERR_MALFORMED;
		piece = view_skip(piece, (size_t)used);
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			read_field(request, &field);
		if (flags & NGHTTP2_HD_INFLATE_FINAL) {
			nghttp2_hd_inflate_end_headers(r->inflater);
			return OK;
		}
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && piece.size == 0)
			return OK;
	}
}

struct frame {
	uint8_t type, flags;
	struct view payload;
};

static int next_frame(struct http2_requests *r, struct frame *ret)
{
	struct view rest = view_skip(r->stream, r->at);
	struct reader reader = reader_open(rest.bytes, rest.size);
	size_t size = (size_t)read_uint(&reader, 3);
	uint8_t type = read_u8(&reader), flags = read_u8(&reader);
	(void)read_u32(&reader);
	struct view payload = read_view(&reader, size);
	if (reader.failed)
		return ERR_TRUNCATED;
	r->at += FRAME_HEADER_SIZE + size;
	*ret = (struct frame){type, flags, payload};
	return OK;
}

/* A frame of HEADERS without padding and priority. */
static int strip(const struct frame *f, struct view *ret)
{
	struct reader r = reader_open(f->payload.bytes, f->payload.size);
	size_t padding = f->flags & FLAG_PADDED ? read_u8(&r) : 0;
	if (f->flags & FLAG_PRIORITY)
		(void)read_view(&r, PRIORITY_SIZE);
	if (r.failed || padding > reader_left(&r))
		return ERR_MALFORMED;
	*ret = view_of(r.at, reader_left(&r) - padding);
	return OK;
}

static int read_head(struct http2_requests *r, struct frame f, struct http2_request *request)
{
	struct view piece;
	int code = strip(&f, &piece);
	while (code == OK) {
		bool is_last = f.flags & FLAG_END_HEADERS;
		code = inflate(r, piece, is_last, request);
		if (code != OK || is_last)
			break;
		code = next_frame(r, &f);
		if (code == OK && f.type != FRAME_CONTINUATION)
			code = ERR_MALFORMED;
		piece = f.payload;
	}
	return code;
}

static int check_preface(struct view stream)
{
	size_t size = stream.size < sizeof(preface) - 1 ? stream.size : sizeof(preface) - 1;
	if (size && memcmp(stream.bytes, preface, size) != 0)
		return ERR_MISSING;
	return size == sizeof(preface) - 1 ? OK : ERR_TRUNCATED;
}

int http2_requests_next(struct http2_requests *r, struct http2_request *ret)
{
	int code = OK;
	if (r->at == 0) {
		code = check_preface(r->stream);
		r->at = sizeof(preface) - 1;
	}
	if (code == OK && !r->inflater)
		return ERR_LIMIT;
	while (code == OK) {
		struct frame f;
		struct http2_request request = {0};
		code = next_frame(r, &f);
		if (code == OK && (f.type == FRAME_PUSH_PROMISE || f.type == FRAME_CONTINUATION))
			code = ERR_MALFORMED;
		if (code != OK || f.type != FRAME_HEADERS)
			continue;
		code = read_head(r, f, &request);
		if (code != OK)
			break;
		request.end = r->at;
		*ret = request;
		return OK;
	}
	return code;
}
