#include "daemon/role_setup.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/log_line.h"

int role_policy_open(struct message *m, struct adopted *ret)
{
	struct adopted a = ADOPTED_NONE;
	int code = memory_open_sealed(message_take_fd(m, 0), &a.image);
	if (code == OK) /* the parent has, and it is sealed */
		code = policy_open_checked(memory_view(&a.image), &a.policy);
	if (code < 0)
		adopted_done(&a);
	else
		*ret = a;
	return code;
}

int role_policy_adopt(int parent, struct role_setup *s, struct message *m,
                      int (*swap)(void *gate, const void *image, size_t size), void *gate)
{
	struct adopted next = ADOPTED_NONE;
	int code = role_policy_open(m, &next);
	if (code == OK)
		code = swap(gate, next.image.bytes, next.image.size);
	if (code < 0) {
		log_line(LOG_LEVEL_ERROR, "cannot take over the new policy: %s; the old one stays",
		         err_text(code));
		adopted_done(&next);
	} else {
		adopted_done(&s->policy);
		s->policy = next;
	}
	return protocol_send_version(parent, MESSAGE_ADOPTED, policy_version(&s->policy.policy),
	                             -1);
}

static int read_settings(struct role_setup *s, struct message *m)
{
	cleanup(memory) struct memory text = MEMORY_NONE;
	struct problems problems = {0};
	int code = memory_open_sealed(message_take_fd(m, 0), &text);
	if (code == OK)
		code = schema_read(&writ_options_schema, "settings", memory_view(&text), &s->arena,
		                   &problems, &s->options);
	problems_done(&problems);
	return code;
}

/* The worker of that number; workers are announced in order. */
static struct role_worker *worker_of(struct role_setup *s, size_t number)
{
	if (number < s->worker_count)
		return &s->workers[number];
	if (number != s->worker_count || number >= SETUP_WORKERS_MAX)
		return NULL;
	return &s->workers[s->worker_count++];
}

static int take_listener(struct role_setup *s, struct message *m)
{
	struct listener_message l;
	int code = protocol_read_listener(m, &l);
	if (code < 0)
		return code;
	struct role_worker *w = worker_of(s, l.worker);
	if (!w || w->listener_count == DNS_LISTEN_MAX)
		return ERR_LIMIT;
	w->listeners[w->listener_count++] =
		(struct role_listener){message_take_fd(m, 0), (enum dns_transport)l.transport};
	return OK;
}

static int take_ring(struct role_setup *s, struct message *m)
{
	struct ring_message r;
	int code = protocol_read_ring(m, &r);
	if (code < 0)
		return code;
	struct role_worker *w = worker_of(s, r.worker);
	if (!w || w->has_ring)
		return ERR_LIMIT;
	int memory = message_take_fd(m, 0), wake = message_take_fd(m, 1);
	code = ring_attach(memory, wake, r.capacity, &w->ring);
	w->has_ring = code == OK;
	w->gate = r.gate;
	return code;
}

static int take_key(struct role_setup *s, const struct message *m)
{
	int code = note_signer_parse(message_view(m), &s->signer);
	s->has_signer = code == OK;
	return code;
}

static int take_query_log(struct role_setup *s, struct message *m)
{
	if (s->query_log_fd >= 0)
		return ERR_LIMIT;
	s->query_log_fd = message_take_fd(m, 0);
	return OK;
}

int role_certificate_open(struct message *m, enum dns_transport *ret_transport, struct memory *ret)
{
	uint8_t transport;
	int code = protocol_read_certificate(m, &transport);
	if (code == OK)
		code = memory_open_sealed(message_take_fd(m, 0), ret);
	if (code == OK)
		*ret_transport = (enum dns_transport)transport;
	return code;
}

static int take_certificate(struct role_setup *s, struct message *m)
{
	enum dns_transport transport;
	struct memory pem;
	int code = role_certificate_open(m, &transport, &pem);
	if (code < 0)
		return code;
	memory_close(&s->certificates[transport]);
	s->certificates[transport] = pem;
	return OK;
}

int role_places_open(struct message *m, enum places_kind *ret_kind, struct memory *ret)
{
	uint8_t kind;
	int code = protocol_read_places(m, &kind);
	if (code == OK)
		code = memory_open_sealed(message_take_fd(m, 0), ret);
	if (code == OK)
		*ret_kind = (enum places_kind)kind;
	return code;
}

static int take_places(struct role_setup *s, struct message *m)
{
	enum places_kind kind;
	struct memory database;
	int code = role_places_open(m, &kind, &database);
	if (code < 0)
		return code;
	memory_close(&s->places[kind]);
	s->places[kind] = database;
	return OK;
}

static int take_learned(struct role_setup *s, struct message *m)
{
	memory_close(&s->learned);
	return memory_open(message_take_fd(m, 0), &s->learned);
}

static int take_socket(struct role_setup *s, struct message *m)
{
	cleanup_fd(&s->socket);
	s->socket = message_take_fd(m, 0);
	return OK;
}

static int take(struct role_setup *s, struct message *m)
{
	switch ((enum message_type)m->type) {
	case MESSAGE_SETTINGS: return read_settings(s, m);
	case MESSAGE_POLICY: return role_policy_open(m, &s->policy);
	case MESSAGE_LISTENER: return take_listener(s, m);
	case MESSAGE_RING: return take_ring(s, m);
	case MESSAGE_LISTS: return memory_open_sealed(message_take_fd(m, 0), &s->lists);
	case MESSAGE_STATS: return memory_open(message_take_fd(m, 0), &s->stats);
	case MESSAGE_KEY: return take_key(s, m);
	case MESSAGE_QUERY_LOG: return take_query_log(s, m);
	case MESSAGE_COOKIE_KEY: memcpy(s->cookie_key, m->bytes, sizeof(s->cookie_key)); return OK;
	case MESSAGE_CERTIFICATE: return take_certificate(s, m);
	case MESSAGE_SOCKET: return take_socket(s, m);
	case MESSAGE_LEARNED: return take_learned(s, m);
	case MESSAGE_PLACES: return take_places(s, m);
	default: return ERR_MALFORMED;
	}
}

/* The process before this one may have used the rings already. */
static void resume_rings(struct role_setup *s, bool produces)
{
	for (size_t i = 0; i < s->worker_count; i++) {
		if (s->workers[i].has_ring && produces)
			ring_resume_producer(&s->workers[i].ring);
		else if (s->workers[i].has_ring)
			ring_resume_consumer(&s->workers[i].ring);
	}
}

/* One that holds nothing. */
static struct role_setup setup_none(void)
{
	struct role_setup s = {.policy = ADOPTED_NONE,
	                       .stats = MEMORY_NONE,
	                       .lists = MEMORY_NONE,
	                       .learned = MEMORY_NONE,
	                       .query_log_fd = -1,
	                       .socket = -1};
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++)
		s.certificates[i] = MEMORY_NONE;
	for (unsigned i = 0; i < PLACES_KINDS; i++)
		s.places[i] = MEMORY_NONE;
	return s;
}

int role_setup_read(int parent, bool produces, struct role_setup *ret)
{
	struct role_setup s = setup_none();
	arena_init(&s.arena, 0);
	s.workers = calloc(SETUP_WORKERS_MAX, sizeof(*s.workers));
	int code = s.workers ? OK : -ENOMEM;
	while (code == OK) {
		cleanup(message) struct message m = {0};
		code = message_receive(parent, &m);
		if (code == OK && !protocol_allows(&m, false))
			code = ERR_MALFORMED;
		if (code == OK && m.type == MESSAGE_BEGIN)
			break;
		if (code == OK)
			code = take(&s, &m);
	}
	bool has_work = s.policy.image.bytes || s.lists.bytes || s.socket >= 0;
	if (code == OK && (!s.options.record.evidence_directory || !has_work))
		code = ERR_MALFORMED;
	if (code < 0) {
		role_setup_done(&s);
		*ret = s;
		return code;
	}
	resume_rings(&s, produces);
	*ret = s;
	return code;
}

bool role_setup_has_workers(const struct role_setup *s, size_t page_size)
{
	for (size_t i = 0; i < s->worker_count; i++) {
		if (!s->workers[i].has_ring)
			return false;
	}
	return s->worker_count && s->stats.size >= s->worker_count * page_size;
}

void role_setup_done(struct role_setup *s)
{
	for (size_t i = 0; i < s->worker_count; i++) {
		struct role_worker *w = &s->workers[i];
		for (size_t k = 0; k < w->listener_count; k++)
			cleanup_fd(&w->listeners[k].fd);
		if (w->has_ring)
			ring_done(&w->ring);
	}
	free(s->workers);
	adopted_done(&s->policy);
	memory_close(&s->stats);
	memory_close(&s->lists);
	memory_close(&s->learned);
	for (unsigned i = 0; i < PLACES_KINDS; i++)
		memory_close(&s->places[i]);
	cleanup_fd(&s->socket);
	note_signer_done(&s->signer);
	cleanup_fd(&s->query_log_fd);
	arena_done(&s->arena);
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++)
		memory_close(&s->certificates[i]);
	*s = setup_none();
}
