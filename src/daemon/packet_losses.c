#include "daemon/packet_losses.h"

const struct packet_loss_row packet_loss_rows[PACKET_LOSSES] = {
	[PACKET_LOSS_DROPPED] = {{"dropped_unjudged", false,
                                  "Packets that were meant for the gate and dropped without it."},
                                 "dropped"},
	[PACKET_LOSS_PASSED] = {{"passed_unjudged", false,
                                 "Packets that passed while the gate was away or its queue full."},
                                "passed"},
};

static uint64_t less(uint64_t from, uint64_t what)
{
	return from > what ? from - what : 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t dropped_by(const struct packet_seen *s)
{
	return less(less(less(s->queued, s->waiting), s->judged), s->unjudged);
}

/* When the role was away nobody else counts, and its queue begins to count anew. */
static uint64_t sure_dropped(struct packet_losses *l, const struct packet_seen *s, uint64_t dropped)
{
	if (s->is_away || l->was_away) {
		l->believed = dropped_by(s);
		l->refused = s->refused;
		return dropped;
	}
	return smaller(dropped, l->believed + less(s->refused, l->refused));
}

size_t packet_losses_look(struct packet_losses *l, const struct packet_seen *seen,
                          struct packet_loss ret[static PACKET_LOSSES])
{
	const uint64_t sums[PACKET_LOSSES] = {
		[PACKET_LOSS_DROPPED] = dropped_by(seen), [PACKET_LOSS_PASSED] = seen->unjudged};
	size_t count = 0;
	for (int k = 0; k < PACKET_LOSSES; k++) {
		uint64_t sure = smaller(sums[k], l->before[k]);
		l->before[k] = sums[k];
		if (k == PACKET_LOSS_DROPPED)
			sure = sure_dropped(l, seen, sure);
		if (sure <= l->told[k])
			continue;
		ret[count++] = (struct packet_loss){.kind = (enum packet_loss_kind)k,
		                                    .count = sure - l->told[k],
		                                    .since_us = l->looked_us[1],
		                                    .was_away = seen->is_away || l->was_away};
		l->told[k] = sure;
	}
	l->looked_us[1] = l->looked_us[0];
	l->looked_us[0] = seen->at_us;
	l->was_away = seen->is_away;
	return count;
}
