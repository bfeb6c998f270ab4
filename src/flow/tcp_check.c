#include "flow/tcp_check.h"

bool tcp_has_strange_flags(const struct tcp_segment *s)
{
	uint8_t flags = s->flags & (TCP_SYN | TCP_RST | TCP_FIN | TCP_ACK);
	if (flags & TCP_SYN)
		return flags & (TCP_RST | TCP_FIN);
	if (flags & TCP_RST)
		return false;
	return !(flags & TCP_ACK);
}

/* Linux takes timestamps that are one tick older, too. */
static bool is_old(const struct tcp_side *from, const struct tcp_side *to,
                   const struct tcp_segment *s)
{
	return from->has_timestamp && to->has_timestamp && s->has_timestamp &&
	       tcp_is_before(s->timestamp + 1, from->timestamp);
}

/* It acknowledges what was never sent, or less than any window ago (RFC 5961 s5.2). */
static bool is_ack_wrong(const struct tcp_side *to, const struct tcp_segment *s)
{
	if (!to->has_start || !(s->flags & TCP_ACK))
		return false;
	return tcp_is_before(to->next, s->acknowledged) ||
	       (to->has_window && to->has_acked &&
	        tcp_is_before(s->acknowledged, to->acked - to->window));
}

static bool has_unasked_signature(const struct tcp_side *from, const struct tcp_segment *s)
{
	return (s->has_md5 || s->has_ao) && from->has_syn && !from->has_md5;
}

/* A byte at the very edge may be a probe of a closed window: the server takes it if it has opened the window. */
static bool is_beyond(const struct tcp_side *from, const struct tcp_segment *s)
{
	if (!from->has_edge || tcp_is_before(s->sequence, from->edge))
		return false;
	return s->sequence != from->edge || s->payload.size > 1;
}

enum tcp_check tcp_check_client(const struct flow *f, const struct tcp_segment *s,
                                enum flow_why *ret_why)
{
	const struct tcp_side *from = &f->client, *to = &f->server;
	bool has_bytes = s->payload.size != 0;
	*ret_why = FLOW_WHY_STRANGE;
	if (has_bytes && (has_unasked_signature(from, s) || s->flags & TCP_RST))
		return s->flags & TCP_RST ? TCP_CHECK_NO_NEW : TCP_CHECK_DROP;
	*ret_why = FLOW_WHY_OLD;
	if (has_bytes && is_old(from, to, s))
		return TCP_CHECK_DROP;
	*ret_why = FLOW_WHY_WINDOW;
	/* of a server that was not heard for a while it is not known how much it sent, nor room for how much it gave */
	if (has_bytes && !f->is_watched && (is_ack_wrong(to, s) || is_beyond(from, s)))
		return TCP_CHECK_DROP;
	uint32_t end = s->sequence + (uint32_t)s->payload.size;
	if (from->has_acked && !tcp_is_before(from->acked, end))
		return TCP_CHECK_NO_NEW;
	return has_bytes ? TCP_CHECK_NEW : TCP_CHECK_NO_NEW;
}

/* `to` hears how far its bytes came and how many more it may send. */
static void note_ack(struct tcp_side *from, struct tcp_side *to, const struct tcp_segment *s)
{
	if (!(s->flags & TCP_ACK) || (to->has_start && tcp_is_before(to->next, s->acknowledged)))
		return;
	if (!to->has_acked || tcp_is_before(to->acked, s->acknowledged))
		to->acked = s->acknowledged;
	to->has_acked = true;
	/* how windows are scaled is said by both SYNs, or not known */
	if (!from->has_syn || !to->has_syn)
		return;
	bool scales = from->has_scale && to->has_scale && !(s->flags & TCP_SYN);
	uint32_t window = (uint32_t)s->window << (scales ? from->scale : 0);
	uint32_t edge = s->acknowledged + window;
	if (!to->has_edge || tcp_is_before(to->edge, edge))
		to->edge = edge;
	to->has_edge = true;
	to->has_window = true;
	if (window > to->window)
		to->window = window;
}

/* As the other end does: of segments that begin where it has all before (RFC 7323 s4.3). */
static void note_timestamp(struct tcp_side *from, const struct tcp_segment *s)
{
	if (!s->has_timestamp || !from->has_acked || tcp_is_before(from->acked, s->sequence))
		return;
	if (tcp_is_before(from->timestamp, s->timestamp))
		from->timestamp = s->timestamp;
}

void tcp_note(struct tcp_side *from, struct tcp_side *to, const struct tcp_segment *s)
{
	uint32_t end = s->sequence + (uint32_t)s->payload.size + (s->flags & TCP_FIN ? 1 : 0);
	if (!from->has_start) {
		from->start = from->next = s->sequence;
		from->has_start = true;
	}
	if (s->flags & TCP_RST)
		return;
	if (tcp_is_before(from->next, end))
		from->next = end;
	from->has_fin |= (s->flags & TCP_FIN) != 0;
	note_timestamp(from, s);
	note_ack(from, to, s);
}

void tcp_note_syn(struct tcp_side *from, const struct tcp_segment *s, uint8_t hops)
{
	*from = (struct tcp_side){.start = s->sequence + 1,
	                          .next = s->sequence + 1 + (uint32_t)s->payload.size,
	                          .timestamp = s->timestamp,
	                          .scale = s->scale,
	                          .hops = hops,
	                          .has_start = true,
	                          .has_syn = true,
	                          .has_scale = s->has_scale,
	                          .has_timestamp = s->has_timestamp,
	                          .has_md5 = s->has_md5 || s->has_ao};
}
