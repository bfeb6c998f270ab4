#include "base/clock.h"
#include "base/json_writer.h"
#include "daemon/log_line.h"
#include "daemon/parent.h"
#include "net/certificate_facts.h"

enum { ROWS_MAX = DNS_TRANSPORTS + 1 };

#define HOUR_US INT64_C(3600000000)
#define SOON_US (30 * DAY_US)

/* One certificate in use. */
struct watched {
	const char *of; /* a transport, or "authority" */
	bool is_own;
	struct certificate_facts facts;
	bool ends_soon;
};

/* One of our own is late when a quarter of the time in which it should have been replaced is over. */
static bool ends_soon(const struct certificates *c, const struct watched *w, int64_t now_us)
{
	int64_t left_us = w->facts.until_us - now_us;
	if (!w->is_own || c->renew_at_us == TIME_MAX)
		return left_us < SOON_US;
	return left_us < (w->facts.until_us - c->renew_at_us) / 4 * 3;
}

/* Those of the transports, then the authority's. */
static size_t list(const struct certificates *c, int64_t now_us, struct watched rows[ROWS_MAX])
{
	size_t count = 0;
	struct view own = {0};
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++) {
		struct watched *w = &rows[count];
		*w = (struct watched){.of = dns_transports[i].name, .is_own = c->is_own[i]};
		if (!c->pem[i].bytes ||
		    certificate_facts_read(memory_view(&c->pem[i]), 0, &w->facts) < 0)
			continue;
		if (w->is_own)
			own = memory_view(&c->pem[i]);
		w->ends_soon = ends_soon(c, w, now_us);
		count++;
	}
	struct watched *w = &rows[count];
	*w = (struct watched){.of = "authority"};
	if (own.size == 0 || certificate_facts_read(own, 1, &w->facts) < 0)
		return count;
	w->ends_soon = w->facts.until_us - now_us < SOON_US;
	return count + 1;
}

static void warn(const struct parent *p, int64_t now_us)
{
	struct watched rows[ROWS_MAX];
	size_t count = list(&p->certificates, now_us, rows);
	for (size_t i = 0; i < count; i++) {
		char until[TIMESTAMP_TEXT_SIZE];
		if (rows[i].ends_soon)
			log_line(LOG_LEVEL_WARNING, "the certificate of %s expires on %s",
			         rows[i].of, timestamp_print(rows[i].facts.until_us, until));
	}
}

void certificates_write(const struct parent *p, struct json_writer *j)
{
	struct watched rows[ROWS_MAX];
	size_t count = list(&p->certificates, clock_now_us(), rows);
	json_array_begin(j, "certificates");
	for (size_t i = 0; i < count; i++) {
		char fingerprint[CERTIFICATE_FINGERPRINT_SIZE];
		json_object_begin(j, NULL);
		json_text(j, "of", rows[i].of);
		json_bool(j, "own", rows[i].is_own);
		json_time(j, "until", rows[i].facts.until_us);
		json_bool(j, "ends_soon", rows[i].ends_soon);
		json_text(j, "sha256", certificate_fingerprint(&rows[i].facts, fingerprint));
		json_object_end(j);
	}
	json_array_end(j);
}

static void tell_role(struct parent *p)
{
	const struct process *dns = &p->processes[ROLE_DNS];
	if (dns->fd >= 0 && certificates_send(&p->certificates, dns->fd) < 0)
		log_line(LOG_LEVEL_ERROR, "cannot give the new certificate to role %s",
		         dns->row->name);
}

static void renew(struct parent *p, int64_t now_us)
{
	struct problems problems = {0};
	struct certificates next;
	const struct certificates_request request =
		certificates_request_of(p, &p->options->dns, now_us);
	int code = certificates_renew(&p->certificates, &request, &problems, &next);
	for (const struct problem *q = problems.first; q; q = q->next)
		log_line(LOG_LEVEL_ERROR, "cannot renew the certificate: %s: %s", q->file, q->text);
	problems_done(&problems);
	if (code < 0)
		return;
	certificates_replace(&p->certificates, &next);
	certificates_done(&next);
	tell_role(p);
}

static void on_time(uv_timer_t *timer)
{
	struct parent *p = timer->data;
	int64_t now_us = clock_now_us();
	if (p->certificates.renew_at_us <= now_us)
		renew(p, now_us);
	if (now_us - p->watch.warned_at_us >= DAY_US || now_us < p->watch.warned_at_us) {
		p->watch.warned_at_us = now_us;
		warn(p, now_us);
	}
	/* wall clocks jump, so it looks often; what failed is tried again soon by the measure of a life */
	int64_t wait_us = p->certificates.renew_at_us - now_us;
	int64_t again_us = p->options->dns.server.certificate_life_us / 30;
	wait_us = wait_us > again_us ? wait_us : again_us;
	wait_us = wait_us > HOUR_US ? HOUR_US : wait_us < SECOND_US ? SECOND_US : wait_us;
	uv_timer_start(timer, on_time, (uint64_t)(wait_us / 1000), 0);
}

void certificates_watch(struct parent *p)
{
	uv_timer_init(&p->loop, &p->watch.timer);
	p->watch.timer.data = p;
	if (p->options->dns.tls.listen.count + p->options->dns.https.listen.count)
		on_time(&p->watch.timer);
}

struct certificates_request
certificates_request_of(const struct parent *p, const struct dns_options *options, int64_t now_us)
{
	const struct policy *policy = &p->adopted.policy;
	return (struct certificates_request){
		.options = options,
		.server = &p->options->dns.server,
		.organisation = policy_text(policy, policy_organisation(policy)->name),
		.now_us = now_us};
}
