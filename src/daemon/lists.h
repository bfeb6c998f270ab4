/* lists.h - the parent's part in keeping lists current.
 *
 * What:    tells the fetch role which lists there are, and reloads when it offers newer ones or when the
 *          file of a local one changes (list_watch.h). Each change of a list is an entry of the evidence
 *          log. It reads the folder of fetched lists, and writes nothing there.
 * Owns:    the watch; lists_close() releases it.
 * Threads: the loop's. */
#pragma once

#include <uv.h>

#include "base/json_writer.h"
#include "daemon/list_watch.h"
#include "source/list_set.h"

struct message;
struct parent;
struct process;

struct lists {
	uv_timer_t retry; /* of an offer that came during another reload */
	struct list_watch *watch;
	uint64_t told;    /* hash of what the fetch role was told last */
	uint64_t client;  /* of the control socket, who waits for the fetch role; 0: nobody */
	bool is_settling; /* the reload under way is that of an offer */
};

int lists_open(struct parent *p) must_check;
void lists_close(struct parent *p);

/* Whether there is anything to fetch. */
bool lists_are_fetched(const struct parent *p);
/* Makes the folder for fetched lists, the role's own; at the start, and before the role is started. */
int lists_make_folder(const struct parent *p) must_check;
/* Sends the role its lists. */
int lists_send(struct parent *p, const struct process *process) must_check;

/* After a policy was adopted: who has to know of its lists. */
void lists_on_adopted(struct parent *p);
/* The roles decide by it now. */
void lists_on_reloaded(struct parent *p);
/* Has the changes since `before` written down. */
void lists_notice(struct parent *p, const char *who, const struct list_set *before);

/* MESSAGE_OFFER; MESSAGE_DONE. */
void lists_on_offer(struct parent *p);
void lists_on_done(struct parent *p, const struct message *m);
/* The role is gone: nobody will answer. */
void lists_on_role_end(struct parent *p);

/* Requests of the control socket. `list` of "": all. */
void lists_ask(struct parent *p, unsigned message_type, const char *list, uint64_t client);
/* An array "lists": how each of them stands. */
void lists_write(const struct parent *p, struct json_writer *j);
