#include "base/clock.h"
#include "base/timestamp.h"
#include "daemon/dns_ask.h"
#include "daemon/log_line.h"
#include "gate/dns/cache.h"
#include "gate/dns/exchange.h"
#include "gate/dns/known.h"
#include "gate/dns/resolver.h"
#include "wire/dns.h"

enum { PLACES_A_STEP = 256, LIMIT_DEFAULT = 100 };

/* One walk through the caches of all workers. */
struct walk {
	const struct control_request *request;
	struct json_writer *j;
	bool removes;
	uint32_t now_s;
	uint64_t place;
	int64_t shown, limit;
	uint64_t matches, bytes;
	/* of all entries */
	uint64_t entries, used, size;
	/* a resolver beside the cache that is flushed */
	bool has_resolver, has_forgotten; /* the second: of the worker whose turn it is */
	uint32_t resumed;
	int forgot; /* OK, or why not */
};

static bool is_asked_for(const struct control_request *r, const struct cache_entry *e)
{
	struct dname name;
	bool all = !control_has(r, CONTROL_NAME) && !control_has(r, CONTROL_BELOW);
	if (control_has(r, CONTROL_TYPE) && e->type != r->type)
		return false;
	if (all)
		return true;
	if (dname_parse_wire(e->name, &name) < 0)
		return false;
	if (control_has(r, CONTROL_BELOW))
		return dname_is_under(&name, &r->below);
	/* what is shown of a name is all below it, too; what is flushed is it alone */
	return r->verb == CONTROL_DNS_FLUSH ? dname_equal(&name, &r->name)
	                                    : dname_is_under(&name, &r->name);
}

static void write_flags(const struct cache_entry *e, const struct known *known,
                        struct json_writer *j)
{
	json_bool(j, "stale", e->found.left_s == 0);
	json_bool(j, "failure", known->is_failure);
	json_bool(j, "negative", !known->is_failure && known->answer.is_negative);
	json_bool(j, "listed", !known->is_clean);
	json_bool(j, "authenticated", !known->is_failure && known->answer.is_authenticated);
	json_bool(j, "ech_stripped", known->is_stripped);
}

static void write_entry(const struct cache_entry *e, struct json_writer *j)
{
	struct dname name;
	char text[DNAME_TEXT_SIZE];
	const struct known *known = e->value;
	if (dname_parse_wire(e->name, &name) < 0)
		return;
	json_object_begin(j, NULL);
	json_text(j, "name", dname_print(&name, text));
	json_text(j, "type", dns_type_text(e->type, text));
	json_int(j, "ttl_left", e->found.left_s);
	json_int(j, "age", e->found.age_s);
	json_int(j, "hits", e->hits);
	json_int(j, "bytes", (int64_t)e->size);
	write_flags(e, known, j);
	json_object_end(j);
}

static enum cache_step on_entry(void *context, const struct cache_entry *e)
{
	struct walk *w = context;
	if (!is_asked_for(w->request, e))
		return CACHE_NEXT;
	w->matches++;
	w->bytes += e->size;
	if (!w->removes && w->shown < w->limit) {
		w->shown++;
		write_entry(e, w->j);
	}
	return w->removes ? CACHE_REMOVE : CACHE_NEXT;
}

/* One name and type need no walk. */
static bool removes_one(const struct walk *w)
{
	return w->removes && control_has(w->request, CONTROL_NAME) &&
	       control_has(w->request, CONTROL_TYPE);
}

/* What it keeps goes before what we keep, which would be filled from it again. All of it goes whatever was named:
 * resolver.h. */
static enum job_state forget(struct walk *w, struct resolver *r)
{
	if (!w->has_forgotten) {
		int code = resolver_forget(r);
		w->has_resolver = w->has_forgotten = true;
		w->forgot = code < 0 ? code : w->forgot;
	}
	return resolver_resume(r, &w->resumed) ? JOB_AGAIN : JOB_DONE;
}

static enum job_state step(struct job_worker *worker, void *context)
{
	struct walk *w = context;
	struct resolver *resolver = exchange_resolver(worker->exchange);
	if (w->removes && resolver && forget(w, resolver) == JOB_AGAIN)
		return JOB_AGAIN;
	struct cache *cache = dns_core_cache(worker->core);
	if (removes_one(w))
		w->matches += cache_remove(
			cache, &(struct cache_key){&w->request->name, w->request->type});
	else
		/* at the end it is 0, where the next worker begins */
		w->place = cache_walk(cache, w->place, PLACES_A_STEP, w->now_s, on_entry, w);
	if (w->place)
		return JOB_AGAIN;
	struct cache_usage usage = cache_usage(cache);
	w->entries += usage.entries;
	w->used += usage.bytes;
	w->size += usage.size;
	dns_core_count_cache(worker->core);
	w->has_forgotten = false;
	w->resumed = 0;
	return JOB_DONE;
}

static struct walk walk(const struct dns_ask *ask, struct json_writer *j, bool removes)
{
	const struct control_request *r = ask->request;
	struct walk w = {.request = r,
	                 .j = j,
	                 .removes = removes,
	                 .now_s = (uint32_t)(clock_monotonic_us() / SECOND_US),
	                 .limit = control_has(r, CONTROL_LIMIT) ? r->limit : LIMIT_DEFAULT};
	struct job job = {step, &w};
	dns_gate_run(ask->gate, &job);
	return w;
}

void dns_ask_cache(const struct dns_ask *ask, struct json_writer *j)
{
	json_array_begin(j, "cached");
	struct walk w = walk(ask, j, false);
	json_array_end(j);
	json_int(j, "matches", (int64_t)w.matches);
	json_int(j, "match_bytes", (int64_t)w.bytes);
	json_int(j, "shown", w.shown);
	json_int(j, "entries", (int64_t)w.entries);
	json_int(j, "bytes_used", (int64_t)w.used);
	json_int(j, "bytes", (int64_t)w.size);
	json_int(j, "workers", ask->workers);
	json_int(j, "hits", (int64_t)dns_counted_all(ask->stats, ask->workers, DNS_CACHE_HITS));
	json_int(j, "misses", (int64_t)dns_counted_all(ask->stats, ask->workers, DNS_CACHE_MISSES));
}

void dns_ask_flush(const struct dns_ask *ask, struct json_writer *j)
{
	struct walk w = walk(ask, j, true);
	json_int(j, "removed", (int64_t)w.matches);
	json_int(j, "entries", (int64_t)w.entries);
	if (w.has_resolver && w.forgot == OK)
		json_text(j, "resolver", "forgotten");
	else if (w.has_resolver)
		json_text(j, "resolver_refused", err_text(w.forgot));
	if (w.forgot < 0)
		log_line(LOG_LEVEL_ERROR,
		         "cannot forget what recursion and validation keep: %s; it stays as it is",
		         err_text(w.forgot));
	log_line(LOG_LEVEL_NOTICE, "flushed %llu of %llu kept answers, as asked",
	         (unsigned long long)w.matches, (unsigned long long)(w.entries + w.matches));
}
