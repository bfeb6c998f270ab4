#include <stdlib.h>

#include "net/stream_internal.h"
#include "wire/proxy2.h"

/* A connection that breaks the rules: what is said already still goes out. */
static void break_off(struct connection *c, enum stream_event why)
{
	stream_count(c->server, why);
	stream_flush(c->server);
	connection_close(c);
}

/* Gives the session bytes; returns how many it took. */
static size_t consume(struct connection *c, struct view bytes)
{
	c->is_consuming = true;
	int taken = bytes.size ? c->session.kind->input(&c->session, bytes) : 0;
	c->is_consuming = false;
	if (taken >= 0)
		return (size_t)taken;
	break_off(c, STREAM_MALFORMED);
	return bytes.size;
}

void connection_take(struct connection *c, struct view plaintext)
{
	struct view bytes = plaintext;
	if (c->held.size == 0) {
		bytes = view_skip(bytes, consume(c, bytes));
		buffer_add_view(&c->held, bytes);
	} else {
		buffer_add_view(&c->held, bytes);
		size_t taken = c->held.failed ? 0 : consume(c, buffer_view(&c->held));
		c->held.size -= taken;
		memmove(c->held.bytes, c->held.bytes + taken, c->held.size);
	}
	if (c->held.failed)
		connection_close(c);
	else if (c->held.size == 0)
		buffer_done(&c->held);
}

/* The session begins, as what was agreed on. */
static void speak(struct connection *c, struct view protocol)
{
	const struct session_kind *const *kind = c->server->setup.kinds;
	while (kind[1] && !view_is(protocol, kind[0]->name))
		kind++;
	c->session.kind = *kind;
	c->is_speaking = true;
	if (c->session.kind->open && c->session.kind->open(&c->session) < 0)
		connection_close(c);
}

static void on_handshake(struct connection *c)
{
	stream_count(c->server, STREAM_HANDSHAKE);
	if (tls_session_was_resumed(&c->tls))
		stream_count(c->server, STREAM_HANDSHAKE_RESUMED);
	connection_touch(c);
	speak(c, tls_session_protocol(&c->tls));
}

static void decrypt(struct connection *c, struct view bytes)
{
	struct stream_server *s = c->server;
	connection_own_out(c);
	c->tls.in = bytes;
	int size = 1;
	while (size > 0 && !c->is_closing) {
		size = tls_session_read(&c->tls, s->plain, sizeof(s->plain));
		if (!c->is_speaking && tls_session_is_open(&c->tls))
			on_handshake(c);
		if (size > 0 && !c->is_closing && !c->session.is_over)
			connection_take(c, view_of(s->plain, (size_t)size));
	}
	if (c->is_closing || size == TLS_MORE)
		return;
	if (size == TLS_ENDED)
		c->has_ended = true;
	else
		break_off(c, c->is_speaking ? STREAM_MALFORMED : STREAM_HANDSHAKE_FAILED);
}

static void go_in(struct connection *c, struct view bytes)
{
	if (c->tls.ssl)
		decrypt(c, bytes);
	else
		connection_take(c, bytes);
}

/* The client is known: the layers above may begin. */
static void begin(struct connection *c)
{
	struct stream_server *s = c->server;
	if (!s->setup.tls)
		speak(c, (struct view){0});
	else if (tls_session_init(&c->tls, s->setup.tls, &s->sealed) < 0)
		connection_close(c);
}

static void receive_proxy(struct connection *c, struct view bytes)
{
	struct proxy2 found;
	buffer_add_view(&c->held, bytes);
	int code = c->held.failed ? ERR_LIMIT : proxy2_parse(buffer_view(&c->held), &found);
	if (code == ERR_TRUNCATED)
		return;
	if (code < 0) {
		break_off(c, STREAM_PROXY_REFUSED);
		return;
	}
	c->awaits_proxy = false;
	if (found.client.size) {
		c->peer.client = found.client;
		if (!stream_server_admit_client(c->server, c)) {
			break_off(c, STREAM_TURNED_AWAY);
			return;
		}
	}
	begin(c);
	struct buffer first = c->held;
	c->held = (struct buffer){0};
	if (!c->is_closing && first.size > found.size)
		go_in(c, view_skip(buffer_view(&first), found.size));
	buffer_done(&first);
}

void connection_receive(struct connection *c, struct view bytes)
{
	if (c->awaits_proxy)
		receive_proxy(c, bytes);
	else
		go_in(c, bytes);
}

void connection_open(struct connection *c)
{
	connection_touch(c);
	uv_tcp_nodelay(&c->handle, 1);
	if (!c->awaits_proxy)
		begin(c);
	connection_resume(c);
}
