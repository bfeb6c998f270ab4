#include "gate/dns/forwarder.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "gate/dns/forwarder_internal.h"
#include "gate/dns/tap.h"

enum { TICK_MS = 4 };

static void flush(struct forwarder *f)
{
	for (size_t i = 0; i < f->setup.server_count; i++) {
		if (f->servers[i].udp)
			forward_udp_flush(f->servers[i].udp);
		forward_stream_flush(f->servers[i].stream);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct forwarder *f = timer->data;
	int64_t now_us = clock_monotonic_us();
	uint32_t token;
	while ((token = wheel_expired(f->wheel, now_us)) != WHEEL_NONE)
		forwarder_expired(f, &f->asked[token], now_us);
	flush(f); /* the loop waits before its turn is over */
}

static void on_turn(uv_check_t *turn)
{
	flush(turn->data);
}

static int make_server(struct forwarder *f, struct server *s, const struct upstream *is)
{
	struct forward_udp_setup udp = {.loop = f->setup.loop,
	                                .to = is->at,
	                                .random = &f->random,
	                                .inbox = f->inbox,
	                                .next_channel = &f->next_channel,
	                                .packet = forwarder_udp_packet,
	                                .refused = forwarder_udp_refused,
	                                .context = s};
	struct forward_stream_setup stream = {.loop = f->setup.loop,
	                                      .to = is,
	                                      .tls = f->tls,
	                                      .next_channel = &f->next_channel,
	                                      .packet = forwarder_stream_packet,
	                                      .broken = forwarder_stream_broken,
	                                      .context = s};
	*s = (struct server){.of = f, .is = is};
	if (!f->setup.random_case)
		s->lower_until_us = INT64_MAX;
	int r = is->transport == UPSTREAM_UDP ? forward_udp_new(&udp, &s->udp) : OK;
	return r < 0 ? r : forward_stream_new(&stream, &s->stream);
}

static int make_servers(struct forwarder *f)
{
	int r = udp_inbox_new(&f->inbox);
	for (size_t i = 0; r == OK && i < f->setup.server_count; i++) {
		const struct upstream *is = &f->setup.servers[i];
		if (is->transport == UPSTREAM_TLS && !f->tls)
			r = forward_tls_new(f->setup.ca_file, &f->tls);
		if (r == OK)
			r = make_server(f, &f->servers[i], is);
	}
	return r;
}

static int make_handles(struct forwarder *f)
{
	f->timer = calloc(1, sizeof(*f->timer));
	f->turn = calloc(1, sizeof(*f->turn));
	if (!f->timer || !f->turn)
		return -ENOMEM;
	uv_timer_init(f->setup.loop, f->timer);
	uv_check_init(f->setup.loop, f->turn);
	f->timer->data = f->turn->data = f;
	uv_check_start(f->turn, on_turn);
	uv_unref((uv_handle_t *)f->turn);
	return OK;
}

int forwarder_new(const struct forwarder_setup *setup, struct forwarder **ret)
{
	cleanup(forwarder) struct forwarder *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->setup = *setup;
	f->servers = calloc(setup->server_count, sizeof(f->servers[0]));
	f->health = calloc(setup->server_count, sizeof(f->health[0]));
	f->counts = calloc(setup->server_count, sizeof(f->counts[0]));
	f->asked = calloc(setup->tokens_max, sizeof(f->asked[0]));
	int r = f->servers && f->health && f->counts && f->asked ? make_handles(f) : -ENOMEM;
	if (r == OK)
		r = upstream_ids_new(setup->tokens_max * ATTEMPTS, &f->ids);
	if (r == OK)
		r = wheel_new(setup->tokens_max, clock_monotonic_us(), &f->wheel);
	if (r == OK)
		r = make_servers(f);
	if (r < 0)
		return r;
	*ret = take_ptr(f);
	return OK;
}

static void on_handle_closed(uv_handle_t *handle)
{
	free(handle);
}

static void close_handle(void *handle)
{
	if (handle)
		uv_close(handle, on_handle_closed);
}

void forwarder_free(struct forwarder *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; f->asked && f->asked_count && i < f->setup.tokens_max; i++) {
		if (f->asked[i].is_used)
			forwarder_end(f, &f->asked[i]);
	}
	for (size_t i = 0; f->servers && i < f->setup.server_count; i++) {
		forward_udp_free(f->servers[i].udp);
		forward_stream_free(f->servers[i].stream);
	}
	close_handle(f->timer);
	close_handle(f->turn);
	upstream_ids_free(f->ids);
	wheel_free(f->wheel);
	forward_tls_free(f->tls);
	udp_inbox_free(f->inbox);
	free(f->servers);
	free(f->health);
	free(f->counts);
	free(f->asked);
	free(f);
}

void forwarder_watch(struct forwarder *f, int64_t until_us)
{
	memset(f->counts, 0, f->setup.server_count * sizeof(f->counts[0]));
	f->watched_until_us = until_us;
}

const struct forward_counts *forwarder_counts(const struct forwarder *f)
{
	return f->counts;
}

void forwarder_count(struct forwarder *f, uint16_t server, enum forward_event event, int64_t now_us,
                     int64_t took_us)
{
	struct forward_counts *c = &f->counts[server];
	if (now_us >= f->watched_until_us)
		return;
	c->queries += event == FORWARD_ASKED;
	c->answers += event == FORWARD_ANSWERED;
	c->failures += event == FORWARD_FAILED;
	c->late += event == FORWARD_LATE;
	c->took_us += took_us;
}

void forwarder_tell(const struct forwarder *f, const struct attempt *t, struct view query,
                    struct view answer)
{
	const struct upstream *is = f->servers[t->server].is;
	struct tap_forwarded told = {.server = &is->at,
	                             .over = is->transport == UPSTREAM_TLS ? DNS_OVER_TLS
	                                     : t->port                     ? DNS_OVER_UDP
	                                                                   : DNS_OVER_TCP,
	                             .asked_us = t->sent_us,
	                             .query = query,
	                             .answer = answer};
	if (f->setup.tap)
		tap_tell_forwarded(f->setup.tap, &told);
}

void forwarder_ask(struct forwarder *f, const struct forward_ask *what, uint32_t token)
{
	assert(token < f->setup.tokens_max && !f->asked[token].is_used);
	int64_t now_us = clock_monotonic_us();
	struct asked *a = &f->asked[token];
	uint8_t letters[UPSTREAM_CASE_SIZE];
	random_pool_take(&f->random, letters, what->name->size / 8U + 1);
	*a = (struct asked){.is_used = true,
	                    .is_unchecked = what->is_unchecked,
	                    .group = (uint16_t)what->group,
	                    .tried = what->avoided,
	                    .until_us = now_us + f->setup.timeout_us};
	upstream_question_write(&a->question, what->name, what->type, letters);
	if (f->asked_count++ == 0)
		uv_timer_start(f->timer, on_timer, TICK_MS, TICK_MS);
	forwarder_go_on(f, a, now_us);
	forwarder_probe(f, a, now_us);
}
