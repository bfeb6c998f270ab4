#include "daemon/lists.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/plural.h"
#include "daemon/log_line.h"
#include "daemon/parent.h"
#include "daemon/subscription.h"

enum { FOLDER_MODE = 0755, RETRY_MS = 500, NOTICES_OF_LISTS_MAX = 32 };

bool lists_are_fetched(const struct parent *p)
{
	for (size_t i = 0; i < p->adopted.lists.count; i++) {
		if (p->adopted.lists.items[i].url)
			return true;
	}
	return false;
}

int lists_make_folder(const struct parent *p)
{
	const char *folder = p->options->daemon.lists_directory;
	int code = role_make_folder(&roles[ROLE_FETCH], folder, FOLDER_MODE);
	if (code < 0)
		log_line(LOG_LEVEL_ERROR, "cannot use the folder of fetched lists %s: %s", folder,
		         err_text(code));
	return code;
}

int lists_send(struct parent *p, const struct process *process)
{
	struct buffer text = {0};
	cleanup(memory) struct memory shared = MEMORY_NONE;
	subscriptions_print(&p->adopted.lists, &text);
	int code = text.failed ? -ENOMEM : memory_copy("writ-lists", buffer_view(&text), &shared);
	p->lists.told = hash_view(buffer_view(&text), 0);
	buffer_done(&text);
	return code < 0 ? code
	                : message_send(process->fd, MESSAGE_LISTS, view_of(NULL, 0), &shared.fd, 1);
}

static bool is_told(const struct parent *p)
{
	struct buffer text = {0};
	subscriptions_print(&p->adopted.lists, &text);
	bool same = !text.failed && hash_view(buffer_view(&text), 0) == p->lists.told;
	buffer_done(&text);
	return same;
}

/* A role that never started before is started now: a list that is fetched has come. */
static void tell_role(struct parent *p)
{
	struct process *process = &p->processes[ROLE_FETCH];
	if (process->fd >= 0 && !is_told(p) && lists_send(p, process) < 0)
		log_line(LOG_LEVEL_ERROR, "cannot tell the role fetch of its lists");
	if (process->state == PROCESS_DOWN && p->was_ready && lists_are_fetched(p) &&
	    lists_make_folder(p) == OK)
		process_start(process);
}

static void watch(struct parent *p)
{
	const struct list_set *set = &p->adopted.lists;
	cleanup(free) const char **files = calloc(set->count + 1, sizeof(*files));
	size_t count = 0;
	for (size_t i = 0; files && i < set->count; i++) {
		if (set->items[i].file)
			files[count++] = set->items[i].file;
	}
	int code = files ? list_watch_set(p->lists.watch, files, count) : -ENOMEM;
	if (code < 0)
		log_line(LOG_LEVEL_WARNING,
		         "cannot watch the files of all lists: %s; `writ reload` reads them",
		         err_text(code));
}

void lists_on_adopted(struct parent *p)
{
	tell_role(p);
	if (p->lists.watch)
		watch(p);
}

static void settle(struct parent *p, enum exit_status status, const char *sentence)
{
	const struct process *process = &p->processes[ROLE_FETCH];
	if (process->fd >= 0 &&
	    protocol_send_status(process->fd, MESSAGE_SETTLED, status, sentence) < 0)
		log_line(LOG_LEVEL_ERROR, "cannot tell the role fetch what became of its offer");
}

void lists_on_reloaded(struct parent *p)
{
	if (p->lists.is_settling)
		settle(p, EXIT_STATUS_OK, "");
	p->lists.is_settling = false;
}

static void on_retry(uv_timer_t *timer)
{
	lists_on_offer(timer->data);
}

void lists_on_offer(struct parent *p)
{
	p->lists.is_settling = true;
	int code = reload_lists(p, "fetch", true);
	if (code == OK)
		return;
	p->lists.is_settling = false;
	if (code == -EAGAIN)
		uv_timer_start(&p->lists.retry, on_retry, RETRY_MS, 0);
	else if (code == ERR_DENIED)
		settle(p, EXIT_STATUS_POLICY, "no policy can be made with it; the log says why");
	else
		settle(p, EXIT_STATUS_RUNNING, "other files are wrong now");
}

static bool on_file(void *context, const char *file)
{
	struct parent *p = context;
	log_line(LOG_LEVEL_INFO, "%s has changed: the policy is made anew", file);
	return reload_lists(p, "changed file of a list", false) != -EAGAIN;
}

static void notice_one(struct parent *p, const char *who, const struct loaded_list *l)
{
	char text[256];
	if (l->is_missing)
		(void)snprintf(text, sizeof(text),
		               "list %s is not there: none of its names is in force", l->id);
	else
		(void)snprintf(text, sizeof(text), "list %s has SHA-256 %s, %zu name%s", l->id,
		               l->sha256, l->counts.names, plural_s(l->counts.names));
	log_line(LOG_LEVEL_NOTICE, "%s", text);
	parent_notice(p, NOTICE_CONFIGURATION, who, text, NULL);
}

void lists_notice(struct parent *p, const char *who, const struct list_set *before)
{
	const struct list_set *now = &p->adopted.lists;
	char text[160];
	size_t told = 0, left = 0;
	for (size_t i = 0; i < now->count; i++) {
		if (!now->items[i].is_changed)
			continue;
		if (told++ < NOTICES_OF_LISTS_MAX)
			notice_one(p, who, &now->items[i]);
		else
			left++;
	}
	for (size_t i = 0; i < before->count; i++) {
		if (list_set_find(now, before->items[i].id))
			continue;
		(void)snprintf(text, sizeof(text), "list %s is taken out", before->items[i].id);
		if (told++ < NOTICES_OF_LISTS_MAX)
			parent_notice(p, NOTICE_CONFIGURATION, who, text, NULL);
		else
			left++;
	}
	(void)snprintf(text, sizeof(text), "and %zu more %s changed", left,
	               plural(left, "list has", "lists have"));
	if (left)
		parent_notice(p, NOTICE_CONFIGURATION, who, text, NULL);
}

void lists_on_done(struct parent *p, const struct message *m)
{
	enum exit_status status;
	struct view sentence;
	if (!p->lists.client || protocol_read_status(m, &status, &sentence) < 0)
		return;
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	control_answer_begin(&j, (int)status);
	if (sentence.size)
		json_view(&j, "problem", sentence);
	lists_write(p, &j);
	json_object_end(&j);
	control_answer(p->control, p->lists.client, &out);
	p->lists.client = 0;
}

void lists_on_role_end(struct parent *p)
{
	if (p->lists.client)
		control_refuse(p->control, p->lists.client, EXIT_STATUS_INTERNAL,
		               "the role fetch has ended; it is started again");
	p->lists.client = 0;
}

void lists_ask(struct parent *p, unsigned message_type, const char *list, uint64_t client)
{
	const struct process *process = &p->processes[ROLE_FETCH];
	const char *why = NULL;
	if (!lists_are_fetched(p)) {
		control_refuse(p->control, client, EXIT_STATUS_USAGE, "no list has a url");
		return;
	}
	if (p->lists.client)
		why = "somebody else is asking: ask again";
	else if (process->state != PROCESS_READY ||
	         message_send(process->fd, message_type, view_text(list), NULL, 0) < 0)
		why = "the role fetch cannot be asked now";
	if (why)
		control_refuse(p->control, client, EXIT_STATUS_RUNNING, why);
	else
		p->lists.client = client;
}

int lists_open(struct parent *p)
{
	uv_timer_init(&p->loop, &p->lists.retry);
	p->lists.retry.data = p;
	if (!p->options->daemon.watch_lists)
		return OK;
	int code = list_watch_new(&p->loop, on_file, p, &p->lists.watch);
	if (code == OK)
		watch(p);
	return code;
}

void lists_close(struct parent *p)
{
	list_watch_free(p->lists.watch);
	p->lists.watch = NULL;
}
