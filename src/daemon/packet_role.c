#include "daemon/packet_role.h"

#include <errno.h>

#include "daemon/log_line.h"
#include "daemon/packet_ask.h"
#include "daemon/role.h"
#include "daemon/role_setup.h"
#include "daemon/role_talk.h"
#include "gate/packet/gate.h"

struct wiring {
	struct ring *rings[SETUP_WORKERS_MAX];
	struct learned learned;
	struct packet_gate_setup setup;
};

static int wire(struct role_setup *s, struct wiring *w)
{
	if (!role_setup_has_workers(s, sizeof(struct packet_stats)))
		return ERR_MISSING;
	for (size_t i = 0; i < s->worker_count; i++)
		w->rings[i] = &s->workers[i].ring;
	int code = learned_open(s->learned.bytes, s->learned.size, &w->learned);
	w->setup = (struct packet_gate_setup){.options = &s->options.packet,
	                                      .block = &s->options.dns.block,
	                                      .workers = (unsigned)s->worker_count,
	                                      .policy_image = s->policy.image.bytes,
	                                      .policy_size = s->policy.image.size,
	                                      .rings = w->rings,
	                                      .stats = s->stats.bytes,
	                                      .learned = &w->learned};
	return code;
}

static int swap(void *gate, const void *image, size_t size)
{
	return packet_gate_swap_policy(gate, image, size);
}

static enum exit_status serve(int parent, struct packet_gate *gate, struct role_setup *s)
{
	struct packet_ask ask = {.gate = gate, .workers = (unsigned)s->worker_count};
	for (;;) {
		cleanup(message) struct message m = {0};
		int code = role_receive(parent, &m);
		if (code == ERR_MISSING || (code == OK && m.type == MESSAGE_STOP))
			return EXIT_STATUS_OK;
		if (code == OK && m.type == MESSAGE_POLICY)
			code = role_policy_adopt(parent, s, &m, swap, gate);
		else if (code == OK && m.type == MESSAGE_ASK)
			code = packet_ask_answer(parent, &ask, &m);
		if (code < 0)
			return role_fail(parent, EXIT_STATUS_INTERNAL,
			                 "cannot go on after a message of the parent: %s",
			                 err_text(code));
	}
}

static enum exit_status explain_open(int parent, int code)
{
	if (code == ERR_DENIED || code == -EPERM || code == -EACCES)
		return role_fail(parent, EXIT_STATUS_PERMISSION,
		                 "packet.mode needs the capabilities CAP_NET_ADMIN and "
		                 "CAP_NET_RAW: start as root, or turn the packet gate off");
	if (code == -EBUSY)
		return role_fail(parent, EXIT_STATUS_RUNNING,
		                 "another process has one of the queues that packet.first_queue "
		                 "and packet.queues name");
	return role_fail(parent, exit_status_of(code), "cannot open the packet gate: %s",
	                 err_text(code));
}

enum exit_status packet_role_main(int parent)
{
	cleanup(role_setup) struct role_setup s;
	int code = role_setup_read(parent, true, &s);
	if (code < 0)
		return role_fail(parent, EXIT_STATUS_INTERNAL, "cannot set up: %s", err_text(code));
	log_line_init("packet", (enum log_level)(LOG_LEVEL_ERROR + s.options.daemon.log_level));
	cleanup(free) struct wiring *w = calloc(1, sizeof(*w));
	code = w ? wire(&s, w) : -ENOMEM;
	if (code < 0)
		return role_fail(parent, EXIT_STATUS_INTERNAL, "cannot set up: parts are missing");
	cleanup(packet_gate) struct packet_gate *gate = NULL;
	code = packet_gate_open(&w->setup, &gate); /* needs what role_confine() takes */
	if (code < 0)
		return explain_open(parent, code);
	code = role_confine(&roles[ROLE_PACKET], (const struct landlock_path[]){{0}});
	if (code < 0)
		return role_fail(parent, exit_status_of(code), "cannot enter the sandbox: %s",
		                 err_text(code));
	code = packet_gate_start(gate);
	if (code < 0)
		return role_fail(parent, exit_status_of(code), "cannot start the packet gate: %s",
		                 err_text(code));
	code = message_send(parent, MESSAGE_READY, view_of(NULL, 0), NULL, 0);
	return code < 0 ? EXIT_STATUS_OK : serve(parent, gate, &s);
}
