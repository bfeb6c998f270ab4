#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "daemon/log_line.h"
#include "daemon/notify.h"
#include "daemon/parent.h"
#include "daemon/served_addresses.h"

enum { PATIENCE_MS = 30000, PROBLEMS_SHOWN = 200 };

static void log_problems(enum log_level level, const struct problems *problems)
{
	size_t shown = 0;
	for (const struct problem *p = problems->first; p && shown < PROBLEMS_SHOWN; p = p->next) {
		if (p->line)
			log_line(level, "%s:%u:%u: %s", p->file, p->line, p->column, p->text);
		else
			log_line(level, "%s: %s", p->file, p->text);
		shown++;
	}
	if (problems->count > shown)
		log_line(level, "and %zu more problem%s", problems->count - shown,
		         plural_s(problems->count - shown));
}

void reload_refuse(struct parent *p, uint64_t client, int status, const struct problems *problems)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	size_t shown = 0;
	control_answer_begin(&j, status);
	json_array_begin(&j, "problems");
	for (const struct problem *q = problems->first; q && shown < PROBLEMS_SHOWN; q = q->next) {
		json_object_begin(&j, NULL);
		json_text(&j, "file", q->file);
		json_int(&j, "line", q->line);
		json_int(&j, "column", q->column);
		json_text(&j, "text", q->text);
		json_object_end(&j);
		shown++;
	}
	json_array_end(&j);
	json_int(&j, "problem_count", (int64_t)problems->count);
	json_object_end(&j);
	control_answer(p->control, client, &out);
}

static void tell(struct parent *p)
{
	struct reload *r = &p->reload;
	char version[POLICY_VERSION_TEXT_SIZE];
	policy_version_print(policy_version(&p->adopted.policy), version);
	uv_timer_stop(&r->timer);
	r->is_active = false;
	log_line(LOG_LEVEL_NOTICE, "policy %s is in force, before it %s (asked for by %s)", version,
	         r->previous, r->who);
	char status[64];
	(void)snprintf(status, sizeof(status), "policy %s is in force", version);
	notify_ready(status);
	lists_on_reloaded(p);
	r->took_us = clock_monotonic_us() - r->begun_us;
	if (r->was_refused) {
		control_refuse(p->control, r->client, EXIT_STATUS_INTERNAL,
		               "a role has not taken over the new policy; the log says why");
		return;
	}
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	control_answer_begin(&j, EXIT_STATUS_OK);
	json_text(&j, "policy", version);
	json_text(&j, "previous", r->previous);
	json_object_end(&j);
	control_answer(p->control, r->client, &out);
}

static void finish(struct parent *p)
{
	tell(p);
	bool is_asked_again = p->reload.is_asked_again;
	p->reload.is_asked_again = false;
	if (is_asked_again)
		reload_begin(p, "SIGHUP", 0);
}

static void on_impatient(uv_timer_t *timer)
{
	struct parent *p = timer->data;
	log_line(LOG_LEVEL_ERROR, "a role has not answered to the new policy in time");
	p->reload.was_refused = true;
	p->reload.waiting = 0;
	finish(p);
}

void reload_adopted(struct parent *p, enum role_id role, uint64_t version)
{
	struct reload *r = &p->reload;
	if (!r->is_active || !(r->waiting & 1U << role))
		return;
	if (version && version != policy_version(&p->adopted.policy))
		r->was_refused = true;
	r->waiting &= ~(1U << role);
	if (r->waiting == 0)
		finish(p);
}

/* The databases may have been exchanged. What cannot be read leaves the old ones. */
static void send_places(struct parent *p)
{
	struct places_files next = places_files_none();
	const char *bad;
	const struct process *record = &p->processes[ROLE_RECORD];
	int code = places_files_read(&p->options->packet.places, &next, &bad);
	if (code < 0) {
		log_line(LOG_LEVEL_ERROR, "cannot use the database %s: %s; the old one stays", bad,
		         err_text(code));
		return;
	}
	places_files_done(&p->places);
	p->places = next;
	if (record->fd >= 0 && places_files_send(&p->places, record->fd) < 0)
		log_line(LOG_LEVEL_ERROR, "cannot hand the databases of places over");
}

/* Roles that are being started have the old policy in their setup: they get the new one behind it. The
 * certificates go first, so that who has adopted the policy has them too. */
static void send_next(struct parent *p)
{
	const struct process *dns = &p->processes[ROLE_DNS];
	uint64_t version = policy_version(&p->adopted.policy);
	p->reload.waiting = 0;
	if (dns->fd >= 0 && certificates_send(&p->certificates, dns->fd) < 0)
		p->reload.was_refused = true;
	send_places(p);
	for (unsigned i = 0; i < ROLES; i++) {
		const struct process *process = &p->processes[i];
		if (i != ROLE_FETCH && process->fd >= 0 &&
		    protocol_send_version(process->fd, MESSAGE_POLICY, version,
		                          p->adopted.image.fd) == OK)
			p->reload.waiting |= 1U << i;
	}
}

/* Other settings are read when a role or the service starts. */
static void compare_settings(const struct parent *p, const struct writ_options *o)
{
	struct buffer now = {0};
	schema_print(&writ_options_schema, o, 0, &now);
	if (!now.failed && !view_equal(buffer_view(&now), memory_view(&p->settings)))
		log_line(LOG_LEVEL_NOTICE,
		         "%s has other changes than the policy: they take effect at the next start",
		         p->settings_path);
	buffer_done(&now);
}

/* What a reload exchanges. */
struct next {
	struct adopted policy;
	struct certificates certificates;
};

enum { WITH_OFFERS = 1, WITH_CERTIFICATES = 2 };

static int try_next(struct parent *p, unsigned with, struct problems *problems, struct next *ret)
{
	struct arena arena;
	struct problems warnings = {0};
	struct writ_options options;
	arena_init(&arena, 0);
	int code = options_load(p->settings_path, &arena, problems, &options);
	*ret = (struct next){ADOPTED_NONE, certificates_none()};
	if (code == OK)
		code = served_addresses_fill(&options.dns, &arena);
	if (code == OK && with & WITH_CERTIFICATES) {
		const struct certificates_request request =
			certificates_request_of(p, &options.dns, clock_now_us());
		code = certificates_load(&request, problems, problems, &ret->certificates);
	}
	if (code == OK)
		code = adopted_make(&(struct adoption_request){.options = &options,
		                                               .now_us = clock_now_us(),
		                                               .lists_before = &p->adopted.lists,
		                                               .take_offers = with & WITH_OFFERS},
		                    &warnings, problems, &ret->policy);
	if (code == OK)
		compare_settings(p, &options);
	else
		certificates_done(&ret->certificates);
	log_problems(LOG_LEVEL_WARNING, &warnings);
	problems_done(&warnings);
	arena_done(&arena);
	return code;
}

/* Newer copies of lists that are fetched must not stand in the way of what a person changed. */
static int try_all(struct parent *p, unsigned with, struct problems *problems, struct next *ret,
                   bool *ret_without_offers)
{
	struct problems first = {0};
	int code = try_next(p, with | WITH_OFFERS, &first, ret);
	*ret_without_offers = code < 0 && lists_are_fetched(p);
	if (*ret_without_offers) {
		code = try_next(p, with, problems, ret);
		if (code == OK)
			log_problems(LOG_LEVEL_ERROR, &first);
		problems_done(&first);
	} else {
		*problems = first;
	}
	return code;
}

/* Compiling a million names takes a processor for half a second: what the gates are asked meanwhile comes first.
 * Only root may raise the priority again. */
static int make_next(struct parent *p, unsigned with, struct problems *problems, struct next *ret,
                     bool *ret_without_offers)
{
	enum { COMPILE_NICE = 10 };
	int before = getpriority(PRIO_PROCESS, 0);
	bool is_lowered = geteuid() == 0 && before < COMPILE_NICE &&
	                  setpriority(PRIO_PROCESS, 0, COMPILE_NICE) == 0;
	int code = try_all(p, with, problems, ret, ret_without_offers);
	if (is_lowered && setpriority(PRIO_PROCESS, 0, before) < 0)
		log_line(LOG_LEVEL_WARNING, "the parent goes on with a low priority: %s",
		         strerror(errno));
	return code;
}

static void refuse(struct parent *p, const char *who, uint64_t client, int code,
                   const struct problems *problems)
{
	p->reload.refused++;
	log_line(LOG_LEVEL_ERROR,
	         "the policy stays as it is: reload asked for by %s found %zu problem%s", who,
	         problems->count, plural_s(problems->count));
	log_problems(LOG_LEVEL_ERROR, problems);
	reload_refuse(p, client, adopted_status(code), problems);
	notify_ready("reload refused; the policy stays as it was");
}

static void adopt(struct parent *p, struct next *next, const char *who, uint64_t client)
{
	struct reload *r = &p->reload;
	r->is_active = true;
	r->adopted++;
	r->was_refused = false;
	r->client = client;
	(void)snprintf(r->who, sizeof(r->who), "%s", who);
	policy_version_print(policy_version(&p->adopted.policy), r->previous);
	struct adopted before = p->adopted;
	p->adopted = next->policy;
	certificates_replace(&p->certificates, &next->certificates);
	lists_notice(p, who, &before.lists);
	adopted_done(&before);
	char summary[ADOPTED_SUMMARY_SIZE];
	parent_notice(p, NOTICE_CONFIGURATION, who, adopted_summary(&p->adopted, summary),
	              r->previous);
	r->timer.data = p;
	uv_timer_start(&r->timer, on_impatient, PATIENCE_MS, 0);
	send_next(p);
	lists_on_adopted(p);
	if (r->waiting == 0)
		finish(p);
}

void reload_begin(struct parent *p, const char *who, uint64_t client)
{
	recording_reopen(p);
	if (p->reload.is_active || p->is_stopping) {
		p->reload.is_asked_again |= client == 0;
		control_refuse(p->control, client, EXIT_STATUS_RUNNING,
		               p->is_stopping ? "the service is stopping"
		                              : "another reload is under way");
		return;
	}
	p->reload.begun_us = clock_monotonic_us();
	notify_reloading(p->reload.begun_us);
	struct problems problems = {0};
	struct next next;
	bool without_offers;
	int code = make_next(p, WITH_CERTIFICATES, &problems, &next, &without_offers);
	if (code < 0)
		refuse(p, who, client, code, &problems);
	else
		adopt(p, &next, who, client);
	certificates_done(&next.certificates);
	problems_done(&problems);
}

/* Another reading of the same: what is known of the lists is newer, and that is all. */
static void replace(struct parent *p, struct adopted *next)
{
	struct list_set before = p->adopted.lists;
	p->adopted.lists = next->lists;
	next->lists = before;
	adopted_done(next);
	lists_on_reloaded(p);
}

int reload_lists(struct parent *p, const char *who, bool are_fetched)
{
	if (p->reload.is_active || p->is_stopping)
		return -EAGAIN;
	p->reload.begun_us = clock_monotonic_us();
	struct problems problems = {0};
	struct next next;
	bool without_offers;
	int code = make_next(p, 0, &problems, &next, &without_offers);
	if (code == OK && without_offers && are_fetched) {
		adopted_done(&next.policy);
		code = ERR_DENIED;
	} else if (code < 0) {
		refuse(p, who, 0, code, &problems);
		code = ERR_INVALID;
	} else if (policy_version(&next.policy.policy) == policy_version(&p->adopted.policy)) {
		replace(p, &next.policy);
	} else {
		notify_reloading(p->reload.begun_us);
		adopt(p, &next, who, 0);
	}
	problems_done(&problems);
	return code;
}
