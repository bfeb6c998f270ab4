#include "net/nfqueue_verdicts.h"

#include <libmnl/libmnl.h>
/* clang-format off */
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
/* clang-format on */
#include <libnetfilter_queue/libnetfilter_queue.h>

static const int kernel_verdicts[] = {
	[NFQUEUE_DROP] = NF_DROP, [NFQUEUE_ACCEPT] = NF_ACCEPT, [NFQUEUE_REPEAT] = NF_REPEAT};

void nfqueue_verdicts_init(struct nfqueue_verdicts *v, uint16_t number)
{
	v->number = number;
	v->waiting = 0;
	nfqueue_verdicts_clear(v);
}

bool nfqueue_verdicts_have_room(const struct nfqueue_verdicts *v, size_t bytes)
{
	if (bytes == 0)
		return v->count < NFQUEUE_VERDICTS;
	return v->size + MNL_ALIGN(bytes) + NFQUEUE_VERDICT_SIZE <= NFQUEUE_VERDICT_BYTES;
}

static struct nlmsghdr *put(struct nfqueue_verdicts *v, size_t at, int type,
                            const struct nfqueue_decision *d)
{
	struct nlmsghdr *m = nfq_nlmsg_put((char *)v->bytes + at, type, v->number);
	nfq_nlmsg_verdict_put(m, (int)d->id, kernel_verdicts[d->verdict]);
	nfq_nlmsg_verdict_put_mark(m, d->mark);
	return m;
}

void nfqueue_verdicts_add(struct nfqueue_verdicts *v, const struct nfqueue_decision *d,
                          struct view bytes)
{
	v->waiting -= v->waiting > 0;
	if (bytes.size == 0) {
		v->rows[v->count++] = *d;
		return;
	}
	struct nlmsghdr *m = put(v, v->size, NFQNL_MSG_VERDICT, d);
	nfq_nlmsg_verdict_put_pkt(m, bytes.bytes, (uint32_t)bytes.size);
	v->size += MNL_ALIGN(m->nlmsg_len);
	v->replaced++;
}

/* Whether a verdict for all packets up to one would be a verdict for no other packet. */
static bool can_speak_for_many(const struct nfqueue_verdicts *v)
{
	for (unsigned i = 1; i < v->count; i++) {
		if ((int32_t)(v->rows[i].id - v->rows[i - 1].id) <= 0)
			return false;
	}
	return v->waiting == 0;
}

static bool are_alike(const struct nfqueue_decision *a, const struct nfqueue_decision *b)
{
	return a->verdict == b->verdict && a->mark == b->mark;
}

struct view nfqueue_verdicts_write(struct nfqueue_verdicts *v, unsigned *ret_messages)
{
	bool many = can_speak_for_many(v);
	int type = many ? NFQNL_MSG_VERDICT_BATCH : NFQNL_MSG_VERDICT;
	size_t at = v->size;
	*ret_messages = v->replaced;
	for (unsigned i = 0; i < v->count; i++) {
		if (many && i + 1 < v->count && are_alike(&v->rows[i], &v->rows[i + 1]))
			continue;
		at += MNL_ALIGN(put(v, at, type, &v->rows[i])->nlmsg_len);
		++*ret_messages;
	}
	return view_of(v->bytes, at);
}

void nfqueue_verdicts_clear(struct nfqueue_verdicts *v)
{
	v->count = v->replaced = 0;
	v->size = 0;
}
