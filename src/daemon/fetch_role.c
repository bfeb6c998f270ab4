#include "daemon/fetch_role.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/fetcher.h"
#include "daemon/log_line.h"
#include "daemon/role.h"
#include "daemon/role_setup.h"
#include "daemon/role_talk.h"

enum { WAIT_MS_MAX = 3600000 };
/* An administrator who asked is answered then, whatever is still under way. */
#define ANSWER_US (45 * SECOND_US)

struct fetch_role {
	int parent;
	struct fetcher fetcher;
	int64_t answer_by_us; /* TIME_MAX: nobody has asked */
};

static int answer(struct fetch_role *r, enum exit_status status, const char *sentence)
{
	r->answer_by_us = TIME_MAX;
	return protocol_send_status(r->parent, MESSAGE_DONE, status, sentence);
}

static int hear_lists(struct fetch_role *r, struct message *m, int64_t now_us)
{
	cleanup(memory) struct memory text = MEMORY_NONE;
	int code = memory_open_sealed(message_take_fd(m, 0), &text);
	return code < 0 ? code : fetcher_set(&r->fetcher, memory_view(&text), now_us);
}

static int hear_settled(struct fetch_role *r, const struct message *m, int64_t now_us)
{
	enum exit_status status;
	struct view sentence;
	char why[HTTPS_SENTENCE_MAX];
	int code = protocol_read_status(m, &status, &sentence);
	if (code < 0)
		return code;
	if (status != EXIT_STATUS_OK && status != EXIT_STATUS_POLICY) {
		fetcher_postpone(&r->fetcher, now_us);
		return OK;
	}
	(void)snprintf(why, sizeof(why), VIEW_FMT, VIEW_ARG(sentence));
	return fetcher_settle(&r->fetcher, status == EXIT_STATUS_OK ? NULL : why);
}

static int hear_asked(struct fetch_role *r, const struct message *m, int64_t now_us)
{
	bool refreshes = m->type == MESSAGE_REFRESH;
	int code = refreshes ? fetcher_refresh(&r->fetcher, message_view(m), now_us)
	                     : fetcher_accept(&r->fetcher, message_view(m), now_us);
	r->answer_by_us = now_us + ANSWER_US;
	if (code == ERR_MISSING)
		return answer(r, EXIT_STATUS_USAGE,
		              refreshes ? "no list of that name is fetched"
		                        : "nothing is held of a list of that name");
	if (code == -EAGAIN)
		return answer(r, EXIT_STATUS_RUNNING, "it is being fetched now: ask again");
	return code;
}

/* ERR_MISSING at the end. */
static int hear(struct fetch_role *r, int64_t now_us)
{
	cleanup(message) struct message m = {0};
	int code = role_receive(r->parent, &m);
	if (code < 0)
		return code;
	switch ((enum message_type)m.type) {
	case MESSAGE_LISTS: return hear_lists(r, &m, now_us);
	case MESSAGE_SETTLED: return hear_settled(r, &m, now_us);
	case MESSAGE_REFRESH:
	case MESSAGE_ACCEPT: return hear_asked(r, &m, now_us);
	case MESSAGE_STOP: return ERR_MISSING;
	default: return ERR_MALFORMED;
	}
}

static int speak(struct fetch_role *r, int64_t now_us)
{
	int code = OK;
	if (fetcher_offers(&r->fetcher, now_us))
		code = message_send(r->parent, MESSAGE_OFFER, view_of(NULL, 0), NULL, 0);
	if (code < 0 || r->answer_by_us == TIME_MAX)
		return code;
	if (fetcher_is_idle(&r->fetcher))
		return answer(r, EXIT_STATUS_OK, "");
	if (now_us >= r->answer_by_us)
		return answer(r, EXIT_STATUS_OK, "some lists are still being fetched");
	return OK;
}

static int wait_ms(const struct fetch_role *r, int64_t now_us)
{
	int64_t next = fetcher_next_us(&r->fetcher);
	next = r->answer_by_us < next ? r->answer_by_us : next;
	if (next <= now_us)
		return 0;
	int64_t ms = next == TIME_MAX ? WAIT_MS_MAX : (next - now_us) / 1000 + 1;
	return ms > WAIT_MS_MAX ? WAIT_MS_MAX : (int)ms;
}

static int work(struct fetch_role *r)
{
	for (;;) {
		int64_t now_us = clock_now_us();
		bool is_heard = false;
		int code = fetcher_work(&r->fetcher, now_us);
		if (code == OK)
			code = speak(r, now_us);
		if (code == OK)
			code = https_wait(r->fetcher.client, r->parent, wait_ms(r, now_us),
			                  &is_heard);
		if (code == OK && is_heard)
			code = hear(r, clock_now_us());
		if (code < 0)
			return code;
	}
}

enum exit_status fetch_role_main(int parent)
{
	cleanup(role_setup) struct role_setup s;
	int code = role_setup_read(parent, false, &s);
	if (code < 0)
		return role_fail(parent, EXIT_STATUS_INTERNAL, "cannot set up: %s", err_text(code));
	log_line_init("fetch", (enum log_level)(LOG_LEVEL_ERROR + s.options.daemon.log_level));
	struct fetch_role r = {.parent = parent,
	                       .answer_by_us = TIME_MAX,
	                       .fetcher = {.folder = s.options.daemon.lists_directory,
	                                   .timeout_us = s.options.daemon.fetch_timeout_us}};
	code = https_open("writ/" WRIT_VERSION, &r.fetcher.client);
	const struct landlock_path folder[] = {{r.fetcher.folder, PATH_WRITE}, {0}};
	if (code == OK)
		code = role_confine(&roles[ROLE_FETCH], folder);
	if (code == OK)
		code = fetcher_set(&r.fetcher, memory_view(&s.lists), clock_now_us());
	if (code == OK)
		code = message_send(parent, MESSAGE_READY, view_of(NULL, 0), NULL, 0);
	if (code == OK)
		code = work(&r);
	fetcher_done(&r.fetcher);
	if (code == ERR_MISSING)
		return EXIT_STATUS_OK;
	return role_fail(parent, exit_status_of(code), "cannot keep lists in %s: %s",
	                 s.options.daemon.lists_directory, err_text(code));
}
