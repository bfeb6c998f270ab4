#include "daemon/metrics_role.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <string.h>

#include "daemon/exposition.h"
#include "daemon/log_line.h"
#include "daemon/role.h"
#include "daemon/role_setup.h"
#include "daemon/role_talk.h"
#include "net/library.h"

/* What is used of libmicrohttpd. */
#define FUNCTIONS(X)                   \
	X(add_response_header)         \
	X(create_response_from_buffer) \
	X(destroy_response)            \
	X(get_daemon_info)             \
	X(get_timeout)                 \
	X(queue_response)              \
	X(run)                         \
	X(start_daemon)                \
	X(stop_daemon)

struct microhttpd {
#define X(name) __typeof__(MHD_##name) *name;
	FUNCTIONS(X)
#undef X
};
static const struct library_symbol functions[] = {
#define X(name) {"MHD_" #name, offsetof(struct microhttpd, name)},
	FUNCTIONS(X)
#undef X
};

struct server {
	struct microhttpd http;
	int parent;
	struct MHD_Daemon *daemon;
	bool stops;
	int failed; /* the parent said what it may not: an error, or OK */
};

/* A message of the parent's; `page` is set when it is that. */
static void hear(struct server *s, struct memory *page)
{
	cleanup(message) struct message m = {0};
	uint64_t version;
	int code = role_receive(s->parent, &m);
	if (code == ERR_MISSING || (code == OK && m.type == MESSAGE_STOP)) {
		s->stops = true;
	} else if (code == OK && m.type == MESSAGE_METRICS) {
		struct memory received = MEMORY_NONE;
		code = memory_open_sealed(message_take_fd(&m, 0), &received);
		memory_close(page); /* an earlier one, that came late */
		*page = received;
	} else if (code == OK && m.type == MESSAGE_POLICY) {
		/* nothing here depends on it */
		code = protocol_read_version(&m, &version);
		if (code == OK)
			code = protocol_send_version(s->parent, MESSAGE_ADOPTED, version, -1);
	}
	if (code < 0 && code != ERR_MISSING)
		s->failed = code;
}

/* Asks for the page and waits; MEMORY_NONE when none comes. */
static struct memory fetch_page(struct server *s)
{
	struct memory page = MEMORY_NONE;
	struct pollfd from = {.fd = s->parent, .events = POLLIN};
	if (message_send(s->parent, MESSAGE_SCRAPE, (struct view){0}, NULL, 0) < 0)
		return page;
	while (!page.bytes && !s->stops && !s->failed && poll(&from, 1, METRICS_WAIT_MS) > 0)
		hear(s, &page);
	return page;
}

/* The body is copied. */
static enum MHD_Result respond(const struct microhttpd *http, struct MHD_Connection *connection,
                               unsigned status, const char *type, struct view body)
{
	void *bytes =
		(void *)(uintptr_t)body.bytes; /* the library does not write to what it copies */
	struct MHD_Response *response =
		http->create_response_from_buffer(body.size, bytes, MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	enum MHD_Result result =
		http->add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (result == MHD_YES && status == MHD_HTTP_METHOD_NOT_ALLOWED)
		result = http->add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (result == MHD_YES)
		result = http->queue_response(connection, status, response);
	http->destroy_response(response);
	return result;
}

static enum MHD_Result respond_text(const struct microhttpd *http,
                                    struct MHD_Connection *connection, unsigned status,
                                    const char *text)
{
	return respond(http, connection, status, "text/plain; charset=utf-8", view_text(text));
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
	struct server *s = context;
	(void)version, (void)upload, (void)upload_size, (void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return respond_text(&s->http, connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		                    "only GET is answered\n");
	if (strcmp(url, "/metrics") != 0)
		return respond_text(&s->http, connection, MHD_HTTP_NOT_FOUND,
		                    "there is only /metrics\n");
	cleanup(memory) struct memory page = fetch_page(s);
	if (!page.bytes)
		return respond_text(&s->http, connection, MHD_HTTP_SERVICE_UNAVAILABLE,
		                    "no metrics came in time\n");
	return respond(&s->http, connection, MHD_HTTP_OK, EXPOSITION_CONTENT_TYPE,
	               memory_view(&page));
}

static int start(struct server *s, int *listener)
{
	/* the library closes the socket that it is given */
	s->daemon = s->http.start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, *listener,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)METRICS_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)METRICS_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)METRICS_MEMORY, MHD_OPTION_END);
	if (!s->daemon)
		return errno ? -errno : -EIO;
	*listener = -1;
	return OK;
}

/* The library, once it has as many connections as it may, looks for new ones only when it is run after the
 * others have gone: so it is run now and then. */
static int timeout_ms(const struct server *s)
{
	enum { MAX_MS = 1000 };
	MHD_UNSIGNED_LONG_LONG ms;
	return s->http.get_timeout(s->daemon, &ms) == MHD_YES && ms < MAX_MS ? (int)ms : MAX_MS;
}

static enum exit_status serve(struct server *s)
{
	const union MHD_DaemonInfo *info =
		s->http.get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd sources[] = {{.fd = s->parent, .events = POLLIN},
	                           {.fd = info->epoll_fd, .events = POLLIN}};
	while (!s->stops && !s->failed) {
		struct memory late = MEMORY_NONE;
		if (poll(sources, 2, timeout_ms(s)) < 0 && errno != EINTR)
			return role_fail(s->parent, EXIT_STATUS_INTERNAL, "cannot wait: %s",
			                 strerror(errno));
		if (sources[0].revents)
			hear(s, &late);
		memory_close(&late);
		s->http.run(s->daemon);
	}
	if (s->failed)
		return role_fail(s->parent, EXIT_STATUS_INTERNAL,
		                 "cannot go on after a message of the parent: %s",
		                 err_text(s->failed));
	return EXIT_STATUS_OK;
}

enum exit_status metrics_role_main(int parent)
{
	struct role_setup s;
	struct server server = {.parent = parent};
	int code = role_setup_read(parent, false, &s);
	if (code < 0)
		return role_fail(parent, EXIT_STATUS_INTERNAL, "cannot set up: %s", err_text(code));
	log_line_init("metrics", (enum log_level)(LOG_LEVEL_ERROR + s.options.daemon.log_level));
	code = library_open("libmicrohttpd.so.12", functions,
	                    sizeof(functions) / sizeof(*functions), &server.http);
	static const struct landlock_path nothing_more[1];
	if (code == OK)
		code = role_confine(&roles[ROLE_METRICS], nothing_more);
	if (code == OK)
		code = start(&server, &s.socket);
	if (code == OK)
		code = message_send(parent, MESSAGE_READY, view_of(NULL, 0), NULL, 0);
	enum exit_status status = code < 0 ? role_fail(parent, exit_status_of(code),
	                                               "cannot serve metrics: %s", err_text(code))
	                                   : serve(&server);
	if (server.daemon)
		server.http.stop_daemon(server.daemon);
	role_setup_done(&s);
	return status;
}
