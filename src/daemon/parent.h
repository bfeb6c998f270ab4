/* parent.h - the process that starts the others: it keeps the policy in force, the sockets and the roles.
 *
 * What:    one libuv loop. It reads files that its administrator wrote, requests on the control socket,
 *          and messages of its own roles; never a byte of the network.
 * Parts:   process.c starts and restarts roles; packet_watch.c looks for packets that nobody judged; reload.c exchanges the policy; status.c tells how it is;
 *          certificates_watch.c has certificates renewed and warns of those that end.
 * Threads: one. */
#pragma once

#include <uv.h>

#include "base/json_writer.h"
#include "daemon/adopted.h"
#include "daemon/asked.h"
#include "daemon/backoff.h"
#include "daemon/certificates.h"
#include "daemon/control.h"
#include "daemon/lists.h"
#include "daemon/options.h"
#include "daemon/packet_losses.h"
#include "daemon/packet_rules.h"
#include "daemon/places.h"
#include "daemon/protocol.h"
#include "daemon/resources.h"
#include "daemon/role.h"
#include "daemon/scrape.h"
#include "gate/dns/cookie.h"
#include "record/note.h"

enum process_state {
	PROCESS_DOWN,     /* not started yet, or ended for good */
	PROCESS_STARTING, /* has its setup, is not ready */
	PROCESS_READY,
	PROCESS_WAITING, /* ended; its timer will start it again */
	PROCESS_STATES
};
extern const char *const process_state_names[PROCESS_STATES];

struct parent;

struct process {
	const struct role_row *row;
	struct parent *parent;
	enum process_state state;
	pid_t pid;
	int fd;             /* messages */
	uv_poll_t *poll;    /* of fd */
	uv_timer_t timer;   /* until the restart; or, once told to stop, until it is killed */
	int64_t since_us;   /* wall clock: when the state began */
	int64_t started_us; /* monotonic */
	unsigned restarts;
	struct backoff backoff;
	bool told_to_stop;
	enum exit_status failed; /* what it said before it ended */
};

enum { NOTICES_MAX = 64 };

/* Waits for the record role to be there. */
struct waiting_notice {
	enum notice_kind kind;
	int64_t time_us, since_us;
	uint64_t count;
	char subject[64], detail[400], policy[POLICY_VERSION_TEXT_SIZE],
		previous[POLICY_VERSION_TEXT_SIZE];
};

struct reload {
	bool is_active, was_refused;
	bool is_asked_again; /* by a signal while one was under way: nobody can be told to try later */
	unsigned waiting;    /* bits of enum role_id that have not taken over yet */
	uint64_t client;     /* of the control socket, 0 for a signal */
	char who[64];
	char previous[POLICY_VERSION_TEXT_SIZE];
	uv_timer_t timer;
	/* for metrics: of all reloads, and of the last */
	unsigned adopted, refused;
	int64_t begun_us, took_us; /* monotonic */
};

struct certificates_watch {
	uv_timer_t timer;
	int64_t warned_at_us;
};

struct packet_watch {
	uv_timer_t timer;
	struct packet_losses losses;
	bool was_down; /* the role was, since the last look */
	bool has_failed;
};

struct parent {
	uv_loop_t loop;
	uv_signal_t on_term, on_int, on_hup, on_child;
	uv_timer_t watchdog;
	const char *settings_path;
	struct writ_options *options;
	struct memory settings; /* printed, for the roles */
	struct adopted adopted;
	struct certificates certificates;
	struct certificates_watch watch;
	struct places_files places;
	struct resources resources;
	struct packet_rules rules; /* of the packet gate */
	bool has_rules;            /* they are installed */
	struct packet_watch packet_watch;
	uint32_t own_users[ROLES]; /* of our roles, for the rules */
	struct note_signer signer;
	uint8_t cookie_key[COOKIE_KEY_SIZE];
	int lock;
	int query_log; /* the file that the dns role writes, -1 for none */
	int64_t started_us;
	struct control *control;
	struct process processes[ROLES];
	struct reload reload;
	struct waiting_notice notices[NOTICES_MAX];
	size_t notice_count;
	struct lists lists;
	struct asked asked;
	struct scrape scrape;
	uint64_t checkpoint_client; /* who waits for MESSAGE_DONE, 0 for nobody */
	bool was_ready, is_stopping;
	enum exit_status status;
	char why[128]; /* it stops */
};

/* Runs until told to stop; everything but loop, control and processes was set up by run.c. */
enum exit_status parent_run(struct parent *p);
/* Begins to stop: gates first, then the recorder. `why` goes into the evidence log. */
void parent_stop(struct parent *p, enum exit_status status, const char *why);
/* A process of a role became ready, or ended for good. */
void parent_on_ready(struct parent *p, struct process *process);
void parent_on_end(struct parent *p);

/* Has something written down, now or once the record role is there. NULL texts are absent. */
void parent_notice(struct parent *p, enum notice_kind kind, const char *subject, const char *detail,
                   const char *previous);
/* Packets that a gate did not judge. */
struct parent_loss {
	const char *gate, *outcome, *why; /* `passed` or `dropped` */
	uint64_t count;
	int64_t since_us;
};
void parent_notice_loss(struct parent *p, const struct parent_loss *loss);

/* process.c */
void process_init(struct process *process, struct parent *p, const struct role_row *row);
/* Whether the settings give it work. */
bool process_is_wanted(const struct process *process);
void process_start(struct process *process);
void process_stop(struct process *process, const char *why);
/* Looks whether it has ended. */
void process_reap(struct process *process);

/* reload.c */
void reload_begin(struct parent *p, const char *who, uint64_t client);
/* By itself, after lists changed; nothing else is asked of anybody when that makes no other policy. With
 * `are_fetched`, ERR_DENIED: only without the newer copies a policy can be made. ERR_INVALID: not at all.
 * -EAGAIN: not while another reload is under way. */
int reload_lists(struct parent *p, const char *who, bool are_fetched) must_check;
/* The role decides by that version now, or (0) is gone. */
void reload_adopted(struct parent *p, enum role_id role, uint64_t version);
/* Answers a client with what is wrong in its files. */
void reload_refuse(struct parent *p, uint64_t client, int status, const struct problems *problems);

/* recording.c */

/* Has the evidence log say that queries are recorded beside it, if they are. */
void recording_announce(struct parent *p);
/* Adds member `recording`: what is recorded beside the evidence; empty when nothing is. */
void recording_write(const struct parent *p, struct json_writer *j);
/* Opens the query log's file anew, for who has moved it away. On failure the old one stays. */
void recording_reopen(struct parent *p);

/* certificates_watch.c */
/* Begins to look, now and then. */
void certificates_watch(struct parent *p);
/* By the files of those options, and else by the settings in force. */
struct certificates_request
certificates_request_of(const struct parent *p, const struct dns_options *options, int64_t now_us);
/* Adds a member `certificates`. */
void certificates_write(const struct parent *p, struct json_writer *j);

/* packet_parent.c */

/* Has the kernel take the rules of the packet gate, if there is one, or give up what an instance that was
 * killed has left. Logs one sentence on failure. */
enum exit_status packet_parent_install(struct parent *p);
/* Removes them, if they are there. */
void packet_parent_remove(struct parent *p);
/* Packets that wait in its queues, as the kernel counts them. */
void packet_queues_sum(const struct parent *p, uint64_t *ret_waiting, uint64_t *ret_refused);
void packet_parent_status(const struct parent *p, struct buffer *out);
void packet_parent_rules(const struct parent *p, struct buffer *out);

/* packet_watch.c */
/* Begins to look for packets that no role judged: counts them, has them written down. */
void packet_watch(struct parent *p);
/* Once more when the role has become ready: what came before was without it. */
void packet_watch_ready(struct parent *p);
/* Looks for the last time, before the rules go. */
void packet_watch_end(struct parent *p);

/* status.c */
void status_write(const struct parent *p, struct buffer *out);
