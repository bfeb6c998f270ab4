#include "gate/dns/core_internal.h"

void dns_core_watch(struct dns_core *core, struct top *top, int64_t now_us, int64_t until_us)
{
	top_free(core->watch.top);
	core->watch = (struct dns_watch){top, now_us, until_us};
}

const struct dns_watch *dns_core_watched(struct dns_core *core, int64_t now_us)
{
	if (core->watch.top && now_us >= core->watch.until_us + DNS_WATCH_KEPT_US)
		dns_core_watch(core, NULL, 0, 0);
	return core->watch.top ? &core->watch : NULL;
}

void core_watch_query(struct dns_core *core, const struct turn *t)
{
	const struct dns_watch *watch = dns_core_watched(core, t->now->steady_us);
	if (watch && t->now->steady_us < watch->until_us)
		top_add_query(watch->top, &t->client->address, &t->query->name, t->query->type);
}

void core_watch_name(struct dns_core *core, enum top_kind kind, const struct turn *t)
{
	if (t->now->steady_us < core->watch.until_us)
		top_add(core->watch.top, kind, dname_view(&t->query->name));
}
