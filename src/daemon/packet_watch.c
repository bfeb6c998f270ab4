/* What passes the packet gate's queue without its knowing: looked for every few seconds, counted and told. */
#include <time.h>

#include "base/clock.h"
#include "base/plural.h"
#include "daemon/log_line.h"
#include "daemon/packet_figures.h"
#include "daemon/packet_queues.h"
#include "daemon/parent.h"
#include "net/nft_counter.h"

enum { LOOK_MS = 2000, LAST_LOOK_MS = 200 };

static const char table[] = "writ";

static bool was_away(struct packet_watch *w, const struct process *role)
{
	bool was_down = w->was_down;
	w->was_down = false;
	return was_down || role->state != PROCESS_READY;
}

/* In this order: see packet_losses.h. */
static int see(struct parent *p, struct packet_seen *ret)
{
	struct packet_seen s = {.at_us = clock_now_us()};
	int code = nft_counter_read(table, "queued", &s.queued);
	if (code < 0)
		return code;
	packet_queues_sum(p, &s.waiting, &s.refused);
	s.judged = packet_figures_sum(&p->resources, 0).counts[PACKET_PACKETS];
	code = nft_counter_read(table, "unjudged", &s.unjudged);
	if (code < 0)
		return code;
	s.is_away = was_away(&p->packet_watch, &p->processes[ROLE_PACKET]);
	*ret = s;
	return OK;
}

static void tell(struct parent *p, const struct packet_loss *l)
{
	const char *why = l->was_away ? "the role was away" : "the queue was full";
	const struct packet_loss_row *row = &packet_loss_rows[l->kind];
	log_line(LOG_LEVEL_WARNING, "packet gate: %llu packet%s %s unjudged: %s",
	         (unsigned long long)l->count, plural_s(l->count),
	         l->kind == PACKET_LOSS_PASSED ? "passed"
	                                       : plural(l->count, "was dropped", "were dropped"),
	         why);
	parent_notice_loss(p, &(struct parent_loss){.gate = "packet",
	                                            .outcome = row->outcome,
	                                            .why = why,
	                                            .count = l->count,
	                                            .since_us = l->since_us});
}

static void look(struct parent *p)
{
	struct packet_watch *w = &p->packet_watch;
	struct packet_loss losses[PACKET_LOSSES];
	struct packet_seen seen;
	int code = see(p, &seen);
	if (code < 0 && !w->has_failed)
		log_line(LOG_LEVEL_WARNING,
		         "cannot read the counters of the packet gate's rules: %s; what passes "
		         "unjudged is not known",
		         err_text(code));
	w->has_failed = code < 0;
	size_t count = code < 0 ? 0 : packet_losses_look(&w->losses, &seen, losses);
	for (size_t i = 0; i < count; i++)
		tell(p, &losses[i]);
}

static void on_time(uv_timer_t *timer)
{
	struct parent *p = timer->data;
	if (p->has_rules)
		look(p);
}

void packet_watch(struct parent *p)
{
	uv_timer_t *timer = &p->packet_watch.timer;
	uv_timer_init(&p->loop, timer);
	timer->data = p;
	if (!p->has_rules)
		return;
	/* what came before the role was ready counts too */
	p->packet_watch.losses.looked_us[0] = p->packet_watch.losses.looked_us[1] = p->started_us;
	uv_timer_start(timer, on_time, LOOK_MS, LOOK_MS);
}

void packet_watch_ready(struct parent *p)
{
	p->packet_watch.was_down = true;
	if (p->has_rules)
		look(p);
}

void packet_watch_end(struct parent *p)
{
	if (!p->has_rules)
		return;
	/* what was on its way at one look has been judged at the next */
	look(p);
	nanosleep(&(struct timespec){.tv_nsec = LAST_LOOK_MS * 1000000L}, NULL);
	look(p);
}
