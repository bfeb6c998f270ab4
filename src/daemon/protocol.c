#include "daemon/protocol.h"

#include "base/reader.h"
#include "base/writer.h"
#include "daemon/places.h"
#include "gate/dns/cookie.h"
#include "gate/dns/transport.h"
#include "record/event.h"

const struct message_rule message_rules[MESSAGE_TYPES] = {
	[MESSAGE_SETTINGS] = {"settings", false, 0, 0, 1},
	[MESSAGE_POLICY] = {"policy", false, 8, 8, 1},
	[MESSAGE_LISTENER] = {"listener", false, 3, 3, 1},
	[MESSAGE_RING] = {"ring", false, 7, 7, 2},
	[MESSAGE_LEARNED] = {"learned", false, 0, 0, 1},
	[MESSAGE_PLACES] = {"places", false, 1, 1, 1},
	[MESSAGE_STATS] = {"stats", false, 0, 0, 1},
	[MESSAGE_KEY] = {"key", false, 1, 1024, 0},
	[MESSAGE_QUERY_LOG] = {"query-log", false, 0, 0, 1},
	[MESSAGE_CERTIFICATE] = {"certificate", false, 1, 1, 1},
	[MESSAGE_BEGIN] = {"begin", false, 0, 0, 0},
	[MESSAGE_NOTICE] = {"notice", false, 17, MESSAGE_BYTES_MAX, 0},
	[MESSAGE_CHECKPOINT] = {"checkpoint", false, 0, 0, 0},
	[MESSAGE_LISTS] = {"lists", false, 0, 0, 1},
	[MESSAGE_SETTLED] = {"settled", false, 1, 1024, 0},
	[MESSAGE_REFRESH] = {"refresh", false, 0, LIST_ID_MAX, 0},
	[MESSAGE_ACCEPT] = {"accept", false, 1, LIST_ID_MAX, 0},
	[MESSAGE_ASK] = {"ask", false, 6, MESSAGE_BYTES_MAX, 0},
	[MESSAGE_STOP] = {"stop", false, 0, STOP_TEXT_MAX, 0},
	[MESSAGE_READY] = {"ready", true, 0, 0, 0},
	[MESSAGE_ADOPTED] = {"adopted", true, 8, 8, 0},
	[MESSAGE_DONE] = {"done", true, 1, 1024, 0},
	[MESSAGE_OFFER] = {"offer", true, 0, 0, 0},
	[MESSAGE_FAILED] = {"failed", true, 1, 1024, 0},
	[MESSAGE_COOKIE_KEY] = {"cookie key", false, COOKIE_KEY_SIZE, COOKIE_KEY_SIZE, 0},
	[MESSAGE_REPLY] = {"reply", true, 4, 4, 1},
	[MESSAGE_SOCKET] = {"socket", false, 0, 0, 1},
	[MESSAGE_SCRAPE] = {"scrape", true, 0, 0, 0},
	[MESSAGE_METRICS] = {"metrics", false, 0, 0, 1},
};

bool protocol_allows(const struct message *m, bool from_role)
{
	if (m->type >= MESSAGE_TYPES)
		return false;
	const struct message_rule *rule = &message_rules[m->type];
	return rule->from_role == from_role && m->size >= rule->size_min &&
	       m->size <= rule->size_max && m->fd_count == rule->fds;
}

static struct view written(const struct writer *w)
{
	return view_of(w->begin, writer_size(w));
}

int protocol_send_listener(int fd, struct listener_message m, int socket)
{
	uint8_t bytes[3];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_u8(&w, m.transport);
	write_u16(&w, m.worker);
	return message_send(fd, MESSAGE_LISTENER, written(&w), &socket, 1);
}

int protocol_read_listener(const struct message *m, struct listener_message *ret)
{
	struct reader r = reader_open(m->bytes, m->size);
	struct listener_message read = {.transport = read_u8(&r), .worker = read_u16(&r)};
	if (r.failed || read.transport >= DNS_TRANSPORTS)
		return ERR_MALFORMED;
	*ret = read;
	return OK;
}

int protocol_send_certificate(int fd, uint8_t transport, int memory)
{
	return message_send(fd, MESSAGE_CERTIFICATE, view_of(&transport, 1), &memory, 1);
}

int protocol_read_certificate(const struct message *m, uint8_t *ret_transport)
{
	struct reader r = reader_open(m->bytes, m->size);
	uint8_t transport = read_u8(&r);
	if (r.failed || transport >= DNS_TRANSPORTS || !dns_transports[transport].is_private)
		return ERR_MALFORMED;
	*ret_transport = transport;
	return OK;
}

int protocol_send_places(int fd, uint8_t kind, int memory)
{
	return message_send(fd, MESSAGE_PLACES, view_of(&kind, 1), &memory, 1);
}

int protocol_read_places(const struct message *m, uint8_t *ret_kind)
{
	struct reader r = reader_open(m->bytes, m->size);
	uint8_t kind = read_u8(&r);
	if (r.failed || kind >= PLACES_KINDS)
		return ERR_MALFORMED;
	*ret_kind = kind;
	return OK;
}

int protocol_send_ring(int fd, struct ring_message m, int memory, int wake)
{
	uint8_t bytes[7];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_u16(&w, m.worker);
	write_u32(&w, m.capacity);
	write_u8(&w, m.gate);
	return message_send(fd, MESSAGE_RING, written(&w), (int[]){memory, wake}, 2);
}

int protocol_read_ring(const struct message *m, struct ring_message *ret)
{
	struct reader r = reader_open(m->bytes, m->size);
	struct ring_message read = {.worker = read_u16(&r), .capacity = read_u32(&r)};
	read.gate = read_u8(&r);
	if (r.failed || read.gate >= EVENT_GATES)
		return ERR_MALFORMED;
	*ret = read;
	return OK;
}

int protocol_send_version(int fd, enum message_type type, uint64_t version, int descriptor)
{
	uint8_t bytes[8];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_uint(&w, version, 8);
	return message_send(fd, type, written(&w), &descriptor, descriptor >= 0);
}

int protocol_read_version(const struct message *m, uint64_t *ret)
{
	struct reader r = reader_open(m->bytes, m->size);
	uint64_t version = read_uint(&r, 8);
	if (r.failed)
		return ERR_MALFORMED;
	*ret = version;
	return OK;
}

static void write_text(struct writer *w, struct view text)
{
	if (text.size > NOTICE_TEXT_MAX)
		text.size = NOTICE_TEXT_MAX;
	write_u16(w, (uint16_t)text.size);
	write_view(w, text);
}

int protocol_send_notice(int fd, const struct notice *n)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_u8(&w, (uint8_t)n->kind);
	write_uint(&w, (uint64_t)n->time_us, 8);
	write_text(&w, n->subject);
	write_text(&w, n->detail);
	write_text(&w, n->policy);
	write_text(&w, n->previous);
	write_uint(&w, n->count, 8);
	write_uint(&w, (uint64_t)n->since_us, 8);
	return w.failed ? ERR_LIMIT : message_send(fd, MESSAGE_NOTICE, written(&w), NULL, 0);
}

static struct view read_text(struct reader *r)
{
	size_t size = read_u16(r);
	return read_view(r, size);
}

int protocol_read_notice(const struct message *m, struct notice *ret)
{
	struct reader r = reader_open(m->bytes, m->size);
	uint8_t kind = read_u8(&r);
	struct notice n = {.kind = (enum notice_kind)kind, .time_us = (int64_t)read_uint(&r, 8)};
	n.subject = read_text(&r);
	n.detail = read_text(&r);
	n.policy = read_text(&r);
	n.previous = read_text(&r);
	n.count = read_uint(&r, 8);
	n.since_us = (int64_t)read_uint(&r, 8);
	if (r.failed || reader_left(&r) || kind >= NOTICE_KINDS)
		return ERR_MALFORMED;
	*ret = n;
	return OK;
}

int protocol_send_status(int fd, enum message_type type, enum exit_status status,
                         const char *sentence)
{
	uint8_t bytes[1024];
	struct writer w = writer_open(bytes, sizeof(bytes));
	struct view text = view_text(sentence);
	write_u8(&w, (uint8_t)status);
	if (text.size > writer_left(&w))
		text.size = writer_left(&w);
	write_view(&w, text);
	return message_send(fd, type, written(&w), NULL, 0);
}

int protocol_read_status(const struct message *m, enum exit_status *ret_status,
                         struct view *ret_sentence)
{
	struct reader r = reader_open(m->bytes, m->size);
	uint8_t status = read_u8(&r);
	struct view sentence = read_view(&r, reader_left(&r));
	if (r.failed)
		return ERR_MALFORMED;
	*ret_status = (enum exit_status)status;
	*ret_sentence = sentence;
	return OK;
}

int protocol_send_ask(int fd, uint32_t number, struct view request)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_u32(&w, number);
	write_view(&w, request);
	return w.failed ? ERR_LIMIT : message_send(fd, MESSAGE_ASK, written(&w), NULL, 0);
}

int protocol_read_ask(const struct message *m, uint32_t *ret_number, struct view *ret_request)
{
	struct reader r = reader_open(m->bytes, m->size);
	uint32_t number = read_u32(&r);
	struct view request = read_view(&r, reader_left(&r));
	if (r.failed)
		return ERR_MALFORMED;
	*ret_number = number;
	*ret_request = request;
	return OK;
}

int protocol_send_reply(int fd, uint32_t number, int memory)
{
	uint8_t bytes[4];
	struct writer w = writer_open(bytes, sizeof(bytes));
	write_u32(&w, number);
	return message_send(fd, MESSAGE_REPLY, written(&w), &memory, 1);
}

int protocol_read_reply(const struct message *m, uint32_t *ret_number)
{
	struct reader r = reader_open(m->bytes, m->size);
	uint32_t number = read_u32(&r);
	if (r.failed)
		return ERR_MALFORMED;
	*ret_number = number;
	return OK;
}
