#include "daemon/control.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/exit_status.h"

struct client {
	uv_pipe_t pipe;
	uv_timer_t patience;
	uv_write_t write;
	struct control *control;
	struct client *next;
	uint64_t id;
	struct buffer answer;
	char who[64];
	unsigned closing; /* handles that are not closed yet, once closing began */
	bool asked;
	size_t size;
	char line[CONTROL_REQUEST_MAX];
};

struct control {
	uv_pipe_t listener;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	control_fn *handle;
	void *context;
	struct client *clients;
	size_t client_count;
	uint64_t next_id;
	bool is_closing, listener_closed;
};

static void free_if_closed(struct control *c)
{
	if (c->is_closing && c->listener_closed && !c->clients)
		free(c);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;
	if (--client->closing)
		return;
	struct control *c = client->control;
	for (struct client **at = &c->clients; *at; at = &(*at)->next) {
		if (*at == client) {
			*at = client->next;
			break;
		}
	}
	c->client_count--;
	buffer_done(&client->answer);
	free(client);
	free_if_closed(c);
}

static void close_client(struct client *client)
{
	if (client->closing)
		return;
	client->closing = 2;
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
	uv_close((uv_handle_t *)&client->patience, on_client_closed);
}

static void on_impatient(uv_timer_t *timer)
{
	close_client(timer->data);
}

static void on_written(uv_write_t *write, int status)
{
	(void)status;
	close_client(write->data);
}

static struct client *find_client(const struct control *c, uint64_t id)
{
	for (struct client *client = c->clients; client; client = client->next) {
		if (client->id == id && !client->closing)
			return client;
	}
	return NULL;
}

void control_answer(struct control *c, uint64_t id, struct buffer *json)
{
	struct client *client = find_client(c, id);
	buffer_add_text(json, "\n");
	if (!client || json->failed || client->answer.size) {
		buffer_done(json);
		return;
	}
	client->answer = *json;
	*json = (struct buffer){0};
	client->write.data = client;
	uv_buf_t bytes = uv_buf_init((char *)client->answer.bytes, (unsigned)client->answer.size);
	/* who does not read its answer is closed by the timer */
	uv_timer_start(&client->patience, on_impatient, CONTROL_WAIT_MS, 0);
	if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &bytes, 1, on_written) < 0)
		close_client(client);
}

void control_answer_status(struct control *c, uint64_t id, int status)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	control_answer_begin(&j, status);
	json_object_end(&j);
	control_answer(c, id, &out);
}

void control_refuse(struct control *c, uint64_t id, int status, const char *sentence)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	control_answer_begin(&j, status);
	json_text(&j, "problem", sentence);
	json_object_end(&j);
	control_answer(c, id, &out);
}

static void hear(struct client *client, size_t line_size)
{
	struct control_request request;
	char problem[CONTROL_PROBLEM_SIZE];
	client->asked = true;
	uv_read_stop((uv_stream_t *)&client->pipe);
	uv_timer_stop(&client->patience); /* the answer may take its time */
	struct control *c = client->control;
	struct view line = view_of(client->line, line_size);
	if (control_parse(line, &request, problem) < 0)
		control_refuse(c, client->id, EXIT_STATUS_USAGE, problem);
	else
		c->handle(c->context, client->id, &request, line, client->who);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	(void)suggested;
	struct client *client = handle->data;
	*ret = uv_buf_init(client->line + client->size,
	                   (unsigned)(sizeof(client->line) - client->size));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *bytes)
{
	(void)bytes;
	struct client *client = stream->data;
	if (size < 0) {
		close_client(client);
		return;
	}
	client->size += (size_t)size;
	const char *end = memchr(client->line, '\n', client->size);
	if (end)
		hear(client, (size_t)(end - client->line));
	else if (client->size == sizeof(client->line))
		close_client(client);
}

/* Root and our own user may ask. Fills in who it is. */
static bool is_allowed(struct client *client)
{
	int fd;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	if (uv_fileno((uv_handle_t *)&client->pipe, &fd) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	const struct passwd *entry = getpwuid(peer.uid);
	(void)snprintf(client->who, sizeof(client->who), "%s", entry ? entry->pw_name : "");
	if (!entry)
		(void)snprintf(client->who, sizeof(client->who), "%u", (unsigned)peer.uid);
	return peer.uid == 0 || peer.uid == geteuid();
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct control *c = stream->data;
	struct client *client = status < 0 ? NULL : calloc(1, sizeof(*client));
	if (!client)
		return;
	client->control = c;
	client->id = ++c->next_id;
	client->next = c->clients;
	c->clients = client;
	c->client_count++;
	uv_pipe_init(stream->loop, &client->pipe, 0);
	uv_timer_init(stream->loop, &client->patience);
	client->pipe.data = client->patience.data = client;
	if (uv_accept(stream, (uv_stream_t *)&client->pipe) < 0 ||
	    c->client_count > CONTROL_CLIENTS_MAX || !is_allowed(client) ||
	    uv_timer_start(&client->patience, on_impatient, CONTROL_WAIT_MS, 0) < 0 ||
	    uv_read_start((uv_stream_t *)&client->pipe, on_room, on_read) < 0)
		close_client(client);
}

static int bind_socket(const struct sockaddr_un *at, int *ret_fd)
{
	cleanup(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* the mode is set before there is a name to connect to */
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return -errno;
	(void)unlink(at->sun_path); /* a leftover: the caller holds the lock of the directory */
	if (bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return OK;
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct control *c = handle->data;
	c->listener_closed = true;
	free_if_closed(c);
}

int control_open(uv_loop_t *loop, const char *run_directory, control_fn *handle, void *context,
                 struct control **ret)
{
	struct sockaddr_un at;
	cleanup(fd) int fd = -1;
	int code = control_address(run_directory, &at);
	if (code == OK)
		code = bind_socket(&at, &fd);
	if (code < 0)
		return code;
	struct control *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->handle = handle;
	c->context = context;
	memcpy(c->path, at.sun_path, sizeof(c->path));
	uv_pipe_init(loop, &c->listener, 0);
	c->listener.data = c;
	code = uv_pipe_open(&c->listener, fd);
	if (code == 0) {
		fd = -1;
		code = uv_listen((uv_stream_t *)&c->listener, CONTROL_CLIENTS_MAX, on_connection);
	}
	if (code < 0) {
		control_close(c);
		return code;
	}
	*ret = c;
	return OK;
}

void control_close(struct control *c)
{
	if (!c || c->is_closing)
		return;
	c->is_closing = true;
	(void)unlink(c->path);
	struct client *next;
	for (struct client *client = c->clients; client; client = next) {
		next = client->next;
		close_client(client);
	}
	uv_close((uv_handle_t *)&c->listener, on_listener_closed);
}
