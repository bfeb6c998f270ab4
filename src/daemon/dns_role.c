#include "daemon/dns_role.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/plural.h"
#include "daemon/dns_ask.h"
#include "daemon/log_line.h"
#include "daemon/role.h"
#include "daemon/role_setup.h"
#include "daemon/role_talk.h"
#include "daemon/telemetry.h"
#include "gate/dns/gate.h"
#include "gate/dns/libunbound.h"
#include "gate/dns/xdp.h"

struct wiring {
	struct dns_listener listeners[SETUP_WORKERS_MAX * DNS_LISTEN_MAX];
	struct ring *rings[SETUP_WORKERS_MAX];
	struct learned names;
	struct dns_gate_setup setup;
};

static void add_listeners(struct wiring *w, const struct role_worker *from, unsigned worker)
{
	for (size_t i = 0; i < from->listener_count; i++)
		w->listeners[w->setup.listener_count++] =
			(struct dns_listener){.fd = from->listeners[i].fd,
		                              .transport = from->listeners[i].transport,
		                              .worker = worker};
}

/* The process before this one may have been killed while it wrote. */
static bool open_names(struct wiring *w, const struct memory *m)
{
	if (!m->bytes)
		return true;
	if (learned_open(m->bytes, m->size, &w->names) < 0)
		return false;
	learned_mend(&w->names);
	w->setup.names = &w->names;
	return true;
}

/* Returns NULL when there is no memory. */
static struct wiring *wire(struct role_setup *s)
{
	struct wiring *w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	for (size_t i = 0; i < s->worker_count; i++) {
		add_listeners(w, &s->workers[i], (unsigned)i);
		w->rings[i] = &s->workers[i].ring;
	}
	w->setup.options = &s->options.dns;
	w->setup.workers = (unsigned)s->worker_count;
	w->setup.listeners = w->listeners;
	w->setup.policy_image = s->policy.image.bytes;
	w->setup.policy_size = s->policy.image.size;
	w->setup.rings = w->rings;
	memcpy(w->setup.cookie_key, s->cookie_key, sizeof(w->setup.cookie_key));
	w->setup.stats = s->stats.bytes;
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++)
		w->setup.certificates[i] = memory_view(&s->certificates[i]);
	return w;
}

static int take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

/* libunbound reads the files that the settings name, and only from within. */
static int confine(const struct dns_options *o)
{
	const struct dns_upstream_options *u = &o->upstream;
	const struct dns_zone_options *zones = o->zones.items;
	const char *const files[] = {u->root_hints, u->ca_file, u->trust_anchor};
	enum { FILES = sizeof(files) / sizeof(files[0]) };
	size_t count = 0;
	cleanup(free) struct landlock_path *paths =
		calloc(FILES + o->zones.count + 1, sizeof(*paths));
	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < FILES + o->zones.count; i++) {
		const char *file = i < FILES ? files[i] : zones[i - FILES].trust_anchor;
		if (file)
			paths[count++] = (struct landlock_path){file, PATH_READ};
	}
	return role_confine(&roles[ROLE_DNS], paths);
}

static int swap(void *gate, const void *image, size_t size)
{
	return dns_gate_swap_policy(gate, image, size);
}

/* The parent has looked at it already. */
static int adopt_certificate(struct dns_gate *gate, struct message *m)
{
	cleanup(memory) struct memory pem = MEMORY_NONE;
	enum dns_transport transport;
	int code = role_certificate_open(m, &transport, &pem);
	if (code < 0)
		return code;
	code = dns_gate_swap_certificate(gate, transport, memory_view(&pem));
	if (code < 0)
		log_line(LOG_LEVEL_ERROR,
		         "cannot use the new certificate of %s: %s; the old one stays",
		         dns_transports[transport].name, err_text(code));
	return OK;
}

static int answer(int parent, struct dns_gate *gate, const struct role_setup *s,
                  const struct message *m)
{
	struct dns_ask ask = {.gate = gate,
	                      .policy = &s->policy.policy,
	                      .stats = s->stats.bytes,
	                      .workers = (unsigned)s->worker_count};
	return dns_ask_answer(parent, &ask, m);
}

static enum exit_status serve(int parent, struct dns_gate *gate, struct telemetry *telemetry,
                              struct role_setup *s)
{
	for (;;) {
		cleanup(message) struct message m = {0};
		int code = role_receive(parent, &m);
		if (code == ERR_MISSING || (code == OK && m.type == MESSAGE_STOP))
			return EXIT_STATUS_OK;
		if (code == OK && m.type == MESSAGE_POLICY)
			code = role_policy_adopt(parent, s, &m, swap, gate);
		else if (code == OK && m.type == MESSAGE_QUERY_LOG)
			telemetry_reopen(telemetry, message_take_fd(&m, 0));
		else if (code == OK && m.type == MESSAGE_CERTIFICATE)
			code = adopt_certificate(gate, &m);
		else if (code == OK && m.type == MESSAGE_ASK)
			code = answer(parent, gate, s, &m);
		if (code < 0)
			return role_fail(parent, EXIT_STATUS_INTERNAL,
			                 "cannot go on after a message of the parent: %s",
			                 err_text(code));
	}
}

/* Says which way each interface takes; returns the first that should not take it, or NULL. */
static const struct dns_xdp_path *tell_paths(const struct dns_xdp *xdp, bool is_required)
{
	const struct dns_xdp_path *paths, *bad = NULL;
	size_t count = dns_xdp_paths(xdp, &paths);
	for (size_t i = 0; i < count; i++) {
		const struct dns_xdp_path *p = &paths[i];
		if (p->why)
			log_line(LOG_LEVEL_INFO, "%s: answers through sockets, not AF_XDP: %s",
			         p->interface, p->why);
		else
			log_line(LOG_LEVEL_INFO, "%s: answers through AF_XDP on %u %s%s",
			         p->interface, p->queues, plural(p->queues, "queue", "queues"),
			         p->is_zero_copy ? ", nothing copied" : "");
		if (p->why && is_required && !bad)
			bad = p;
	}
	return bad;
}

static enum exit_status open_xdp(int parent, struct dns_gate_setup *setup, struct dns_xdp **ret)
{
	bool is_required = setup->options->xdp.mode == XDP_REQUIRED;
	int code = dns_xdp_open(setup, ret);
	if (code < 0 && is_required)
		return role_fail(parent, exit_status_of(code), "cannot use AF_XDP: %s",
		                 err_text(code));
	if (code < 0) {
		log_line(LOG_LEVEL_INFO, "answers through sockets, not AF_XDP: %s", err_text(code));
		return EXIT_STATUS_OK;
	}
	setup->xdp = *ret;
	const struct dns_xdp_path *paths, *bad = tell_paths(*ret, is_required);
	if (bad)
		return role_fail(parent, EXIT_STATUS_USAGE,
		                 "dns.xdp.mode is `required`, but interface %s: %s", bad->interface,
		                 bad->why);
	if (is_required && dns_xdp_paths(*ret, &paths) == 0)
		return role_fail(parent, EXIT_STATUS_USAGE,
		                 "dns.xdp.mode is `required`, but no interface has an address of "
		                 "dns.listen");
	return EXIT_STATUS_OK;
}

enum exit_status dns_role_main(int parent)
{
	cleanup(role_setup) struct role_setup s;
	int code = role_setup_read(parent, true, &s);
	if (code < 0)
		return role_fail(parent, EXIT_STATUS_INTERNAL, "cannot set up: %s", err_text(code));
	log_line_init("dns", (enum log_level)(LOG_LEVEL_ERROR + s.options.daemon.log_level));
	cleanup(free) struct wiring *w =
		role_setup_has_workers(&s, sizeof(struct dns_stats)) ? wire(&s) : NULL;
	if (!w || !open_names(w, &s.learned))
		return role_fail(parent, EXIT_STATUS_INTERNAL, "cannot set up: parts are missing");
	cleanup(dns_xdp) struct dns_xdp *xdp = NULL;
	enum exit_status status =
		open_xdp(parent, &w->setup, &xdp); /* needs what confine() takes */
	if (status != EXIT_STATUS_OK)
		return status;
	struct libunbound unbound;
	code = libunbound_open(&unbound); /* before its file is hidden */
	if (code < 0)
		return role_fail(parent, exit_status_of(code), "cannot open libunbound: %s",
		                 err_text(code));
	code = confine(&s.options.dns);
	if (code < 0)
		return role_fail(parent, exit_status_of(code), "cannot enter the sandbox: %s",
		                 err_text(code));
	cleanup(telemetry) struct telemetry *telemetry = NULL; /* ends after the gate */
	code = telemetry_start(&s.options.dns, (unsigned)s.worker_count, take_fd(&s.query_log_fd),
	                       s.stats.bytes, &telemetry);
	if (code < 0)
		return role_fail(parent, exit_status_of(code),
		                 "cannot start dnstap or the query log: %s", err_text(code));
	w->setup.taps = telemetry_taps(telemetry);
	cleanup(dns_gate) struct dns_gate *gate = NULL;
	code = dns_gate_start(&w->setup, &gate);
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++)
		memory_close(&s.certificates[i]);
	if (code < 0)
		return role_fail(parent, exit_status_of(code), "cannot start the DNS gate: %s",
		                 err_text(code));
	code = message_send(parent, MESSAGE_READY, view_of(NULL, 0), NULL, 0);
	return code < 0 ? EXIT_STATUS_OK : serve(parent, gate, telemetry, &s);
}
