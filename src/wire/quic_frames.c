#include "wire/quic_frames.h"

#include "base/reader.h"
#include "wire/quic.h"

static struct view read_data(struct reader *r)
{
	uint64_t size = quic_read_value(r);
	if (r->failed || size > reader_left(r)) {
		r->failed = true;
		return (struct view){0};
	}
	return read_view(r, (size_t)size);
}

static bool read_padding(struct reader *r, struct quic_frame *f)
{
	(void)f;
	while (reader_left(r) && *r->at == QUIC_FRAME_PADDING)
		r->at++;
	return true;
}

static bool read_ping(struct reader *r, struct quic_frame *f)
{
	(void)r;
	(void)f;
	return true;
}

/* Each range has two bytes at least: what says that it has more ranges than that ends with the bytes. */
static bool read_ack(struct reader *r, struct quic_frame *f)
{
	uint64_t counts = f->type == QUIC_FRAME_ACK_ECN ? 3 : 0;
	(void)quic_read_value(r); /* the largest that is acknowledged */
	(void)quic_read_value(r); /* delay */
	uint64_t ranges = quic_read_value(r);
	(void)quic_read_value(r); /* the first range */
	for (; ranges && !r->failed; ranges--) {
		(void)quic_read_value(r);
		(void)quic_read_value(r);
	}
	for (; counts; counts--)
		(void)quic_read_value(r);
	return !r->failed;
}

static bool read_crypto(struct reader *r, struct quic_frame *f)
{
	f->offset = quic_read_value(r);
	f->data = read_data(r);
	return !r->failed && f->offset + f->data.size <= QUIC_VALUE_MAX;
}

static bool read_close(struct reader *r, struct quic_frame *f)
{
	f->error = quic_read_value(r);
	(void)quic_read_value(r); /* the frame that was wrong */
	f->data = read_data(r);
	return !r->failed;
}

/* What an Initial may carry. */
static const struct frame_row {
	enum quic_frame_type type;
	bool (*read)(struct reader *r, struct quic_frame *f);
} frames[] = {
	{QUIC_FRAME_PADDING, read_padding}, {QUIC_FRAME_PING, read_ping},
	{QUIC_FRAME_ACK, read_ack},         {QUIC_FRAME_ACK_ECN, read_ack},
	{QUIC_FRAME_CRYPTO, read_crypto},   {QUIC_FRAME_CLOSE, read_close},
};

static const struct frame_row *row_of(uint64_t type)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++)
		if (frames[i].type == type)
			return &frames[i];
	return NULL;
}

int quic_frame_next(struct view *rest, struct quic_frame *ret)
{
	if (!rest->size)
		return ERR_MISSING;
	struct reader r = reader_open(rest->bytes, rest->size);
	uint64_t type = quic_read_value(&r);
	const struct frame_row *row = r.failed ? NULL : row_of(type);
	if (!row)
		return ERR_MALFORMED;
	struct quic_frame frame = {.type = row->type};
	if (!row->read(&r, &frame))
		return ERR_MALFORMED;
	*rest = view_of(r.at, reader_left(&r));
	*ret = frame;
	return OK;
}
