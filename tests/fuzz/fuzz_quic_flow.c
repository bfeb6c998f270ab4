/* The input is a script: frames of a hello and of another one that differs in places, of several connections, in
 * sealed packets, and the server's answers; or plain datagrams. While a connection has sent only one of the
 * two hellos, what is heard of it is that one, and it is heard when all of its bytes were sent. */
#include "flow/quic_flow.h"
#include "tests/fuzz/check.h"
#include "tests/quic_seal.h"

enum { HELLO_SIZE = 512, STEPS_MAX = 64, CONNECTIONS = 5 };

struct sent {
	bool bytes[2][HELLO_SIZE];
	bool has[2];
};

struct world {
	struct quic_flow flow;
	struct sent sent[CONNECTIONS];
	uint8_t hellos[2][HELLO_SIZE];
	uint64_t number;
	bool is_over; /* a limit was met: nothing is promised */
	unsigned heard[2], mixed;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct quic_work *work;
static _Alignas(8) uint8_t flow_room[QUIC_FLOW_ROOM];
static struct world world;

static void begin(struct world *w)
{
	*w = (struct world){0};
	quic_flow_init(&w->flow, flow_room, sizeof(flow_room));
	for (size_t i = 0; i < HELLO_SIZE; i++) {
		w->hellos[0][i] = (uint8_t)i;
		w->hellos[1][i] = (uint8_t)(i % 100 == 50 ? i + 1 : i);
	}
	for (size_t i = 0; i < 2; i++)
		memcpy(w->hellos[i], "\x01\0\x01\xfc", 4);
}

static bool hear(void *context, const struct quic_hello *hello)
{
	struct world *w = context;
	bool is_first = hello->is_whole && view_equal(hello->body, view_of(w->hellos[0] + 4, 508));
	bool is_second = hello->is_whole && view_equal(hello->body, view_of(w->hellos[1] + 4, 508));
	w->heard[0] += is_first;
	w->heard[1] += is_second;
	w->mixed += hello->is_whole && !is_first && !is_second;
	return true;
}

static bool is_all_sent(const struct sent *s, unsigned which)
{
	for (size_t i = 0; i < HELLO_SIZE; i++)
		if (!s->bytes[which][i])
			return false;
	return true;
}

static void judge(struct world *w, unsigned connection)
{
	const struct sent *s = &w->sent[connection];
	w->heard[0] = w->heard[1] = w->mixed = 0;
	int code = quic_flow_hellos(&w->flow, work, 1024, hear, w);
	w->is_over |= code == ERR_LIMIT;
	if (w->is_over)
		return;
	for (unsigned i = 0; i < 2; i++) {
		CHECK(!w->heard[i] || s->has[i]);
		if (is_all_sent(s, i))
			CHECK(w->heard[i]);
	}
	CHECK(!w->mixed || (s->has[0] && s->has[1]));
}

static void add_frame(struct world *w, struct writer *frames, struct reader *r, struct sent *s)
{
	unsigned which = read_u8(r) & 1;
	size_t from = read_u16(r) % HELLO_SIZE, count = 3 + read_u8(r) * 2U;
	if (count > HELLO_SIZE - from)
		count = HELLO_SIZE - from;
	if (writer_left(frames) < count + 16)
		return;
	seal_crypto(frames, (uint32_t)from, view_of(w->hellos[which] + from, count));
	memset(s->bytes[which] + from, true, count);
	s->has[which] = true;
}

static void client_packet(struct world *w, struct reader *r, uint8_t head)
{
	static uint8_t frames_room[2048], packet[4096];
	static const uint8_t ids[] = "0123456789";
	unsigned connection = head % CONNECTIONS;
	struct sent before = w->sent[connection];
	struct writer frames = writer_open(frames_room, sizeof(frames_room));
	for (unsigned count = 1 + head / 64; count; count--)
		add_frame(w, &frames, r, &w->sent[connection]);
	w->number += head & 32 ? read_u16(r) : 1;
	struct seal s = {.version = head & 16 ? 0x6b3343cf : 1,
	                 .dcid = view_of(ids, 2 * connection),
	                 .number = w->number,
	                 .number_size = 4,
	                 .frames = view_of(frames_room, writer_size(&frames))};
	if (s.frames.size < 4)
		return;
	struct view v = seal_initial(&s, packet, sizeof(packet));
	enum quic_flow_news news = quic_flow_client(&w->flow, work, v);
	w->is_over |= news == QUIC_FLOW_LIMIT;
	CHECK(news == QUIC_FLOW_LIMIT || news == QUIC_FLOW_DATA || news == QUIC_FLOW_OLD ||
	      news == QUIC_FLOW_WAIT);
	if (news == QUIC_FLOW_WAIT)
		w->sent[connection] = before; /* the server has it not */
	if (news == QUIC_FLOW_DATA)
		judge(w, connection);
}

static void plain(struct world *w, struct reader *r, uint8_t head)
{
	struct reader block = read_block(r, 2);
	struct view datagram = view_of(block.at, reader_left(&block));
	if (head & 1) /* what it brings is unknown here, and so what is heard from then on */
		w->is_over |= quic_flow_client(&w->flow, work, datagram) > QUIC_FLOW_OLD;
	else
		quic_flow_server(&w->flow, work, datagram);
	(void)quic_flow_is_answered(&w->flow);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct reader r = reader_open(bytes, size);
	if (!work)
		CHECK(quic_work_new(&work) == OK);
	begin(&world);
	for (unsigned i = 0; i < STEPS_MAX && reader_left(&r); i++) {
		uint8_t head = read_u8(&r);
		if (head >= 250)
			plain(&world, &r, head);
		else
			client_packet(&world, &r, head);
		CHECK(world.flow.crypto.used <= world.flow.crypto.room_size);
		CHECK(world.flow.count <= QUIC_FLOW_CONNECTIONS);
	}
	return 0;
}
