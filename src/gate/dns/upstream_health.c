#include "gate/dns/upstream_health.h"

void health_answered(struct health *h, int64_t took_us, int64_t now_us)
{
	took_us = took_us < 1 ? 1 : took_us;
	if (h->rtt_us == 0) {
		h->rtt_us = took_us;
		h->spread_us = took_us / 2;
	} else {
		int64_t off = h->rtt_us > took_us ? h->rtt_us - took_us : took_us - h->rtt_us;
		h->spread_us += (off - h->spread_us) / 4;
		h->rtt_us += (took_us - h->rtt_us) / 8;
		h->rtt_us = h->rtt_us < 1 ? 1 : h->rtt_us;
	}
	h->measured_us = now_us;
	h->lates = 0;
	h->is_down = false;
	h->pause_us = 0;
}

static void go_down(struct health *h, int64_t now_us)
{
	int64_t pause = h->pause_us * 2;
	pause = pause < HEALTH_PAUSE_MIN_US ? HEALTH_PAUSE_MIN_US : pause;
	h->pause_us = pause > HEALTH_PAUSE_MAX_US ? HEALTH_PAUSE_MAX_US : pause;
	h->again_us = now_us + h->pause_us;
	h->is_down = true;
}

void health_late(struct health *h, int64_t now_us)
{
	if (h->lates++ == 0)
		h->late_since_us = now_us;
	if (!h->is_down && h->lates >= HEALTH_LATES_MAX &&
	    now_us - h->late_since_us >= HEALTH_DOWN_AFTER_US)
		go_down(h, now_us);
	else if (h->is_down && now_us >= h->again_us)
		go_down(h, now_us);
}

void health_broken(struct health *h, int64_t now_us)
{
	if (!h->is_down || now_us >= h->again_us)
		go_down(h, now_us);
}

int64_t health_patience(const struct health *h)
{
	int64_t us = h->rtt_us ? h->rtt_us + 4 * h->spread_us : 4 * HEALTH_RTT_UNKNOWN_US;
	for (uint32_t i = 0; i < h->lates && us < HEALTH_PATIENCE_MAX_US; i++)
		us += us / 4; /* it may only have become slower */
	us = us < HEALTH_PATIENCE_MIN_US ? HEALTH_PATIENCE_MIN_US : us;
	return us > HEALTH_PATIENCE_MAX_US ? HEALTH_PATIENCE_MAX_US : us;
}

static bool is_stale(const struct health *h, int64_t now_us)
{
	return h->measured_us == 0 || now_us - h->measured_us > HEALTH_STALE_US;
}

/* Less is better. */
static int64_t cost(const struct health *h, int64_t now_us)
{
	if (is_stale(h, now_us))
		return 0;
	int64_t us = h->rtt_us ? h->rtt_us : HEALTH_RTT_UNKNOWN_US;
	return h->lates ? us + health_patience(h) : us;
}

/* The one that has been left alone longest. */
static int pick_down(struct health *servers, const uint16_t *group, size_t count, uint32_t except,
                     int64_t now_us)
{
	int best = -1;
	for (size_t i = 0; i < count; i++) {
		if (!(except >> i & 1) &&
		    (best < 0 || servers[group[i]].again_us < servers[group[best]].again_us))
			best = (int)i;
	}
	if (best >= 0)
		servers[group[best]].again_us = now_us + servers[group[best]].pause_us;
	return best;
}

int health_pick(struct health *servers, const uint16_t *group, size_t count, uint32_t except,
                int64_t now_us)
{
	int best = -1;
	for (size_t i = 0; i < count; i++) {
		const struct health *h = &servers[group[i]];
		if (except >> i & 1 || h->is_down)
			continue;
		if (best < 0 || cost(h, now_us) < cost(&servers[group[best]], now_us))
			best = (int)i;
	}
	if (best < 0)
		return pick_down(servers, group, count, except, now_us);
	if (is_stale(&servers[group[best]], now_us))
		servers[group[best]].measured_us = now_us;
	return best;
}

int health_probe(struct health *servers, const uint16_t *group, size_t count, uint32_t except,
                 int64_t now_us)
{
	for (size_t i = 0; i < count; i++) {
		struct health *h = &servers[group[i]];
		if (except >> i & 1 || !h->is_down || now_us < h->again_us)
			continue;
		go_down(h, now_us); /* until it answers */
		return (int)i;
	}
	return -1;
}
