#include "scan/find_process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/plural.h"
#include "scan/find_model.h"
#include "scan/meet.h"
#include "scan/proc_socket.h"
#include "scan/scan_private.h"
#include "scan/text.h"

enum {
	PROC_PATH = 320,
	MAPS_MIN = 1 << 20,
	MODEL_HEAD = 4 << 20,
};

/* A network namespace and its sockets, read once. */
struct space {
	dev_t device;
	ino_t inode;
	struct proc_sockets sockets;
};

struct looking {
	struct scan *scan;
	uint8_t text[FIND_PROCESS_TEXT_MAX];
	size_t size;
	char program[PATH_MAX];
	char name[64]; /* of the process, for people */
	struct scan_file file;
	struct space spaces[FIND_PROCESS_SPACES];
	size_t space_count;
	uint64_t hidden;   /* processes that were seen in part */
	uint64_t unplaced; /* in one namespace too many */
};

static bool is_this_machine(const struct scan *s)
{
	struct stat root, own;
	return fstat(s->root.fd, &root) == 0 && stat("/", &own) == 0 && root.st_dev == own.st_dev &&
	       root.st_ino == own.st_ino;
}

static int open_of(const char *pid, const char *name, char ret_path[static PROC_PATH])
{
	(void)snprintf(ret_path, PROC_PATH, "/proc/%s/%s", pid, name);
	return open(ret_path, O_RDONLY | O_CLOEXEC);
}

/* Adds what there is, until `text` is full. False at the end. */
static bool read_more(struct looking *l, int fd)
{
	ssize_t n;
	do
		n = read(fd, l->text + l->size, sizeof(l->text) - l->size);
	while (n < 0 && errno == EINTR);
	l->size += n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool read_text(struct looking *l, const char *pid, const char *name)
{
	char path[PROC_PATH];
	l->size = 0;
	cleanup(fd) int fd = open_of(pid, name, path);
	if (fd < 0)
		return false;
	while (l->size < sizeof(l->text) && read_more(l, fd))
		;
	if (l->size == sizeof(l->text))
		scan_unread(l->scan, path, "longer than is read of it");
	return true;
}

static void wipe(struct looking *l)
{
	explicit_bzero(l->text, l->size);
	l->size = 0;
	l->file.bytes = (struct view){0};
}

/* Words of a command line stand on one line, variables on one each. */
static void look_at_text(struct looking *l, char between)
{
	for (size_t i = 0; i < l->size; i++) {
		if (l->text[i] == '\0')
			l->text[i] = (uint8_t)between;
	}
	l->file.bytes = view_of(l->text, l->size);
	scan_text(l->scan, &l->file);
	l->file.line = 0;
	wipe(l);
}

/* Where its owner lives says whose it is. */
static const struct scan_home *home_of(struct looking *l)
{
	static const char begin[] = "HOME=";
	struct view rest = view_of(l->text, l->size);
	char home[512];
	while (rest.size) {
		struct view v = view_split(&rest, '\0');
		if (!view_starts_with(v, view_text(begin)) || v.size >= sizeof(home))
			continue;
		(void)snprintf(home, sizeof(home), VIEW_FMT, VIEW_ARG(view_skip(v, strlen(begin))));
		return scan_homes_find(&l->scan->homes, home);
	}
	return NULL;
}

static void meet_program(struct looking *l, const char *pid)
{
	const char *base = strrchr(l->program, '/');
	(void)scan_meet_field(l->scan, &l->file, "path", view_text(l->program));
	if (base)
		(void)scan_meet_field(l->scan, &l->file, "process", view_text(base + 1));
	if (read_text(l, pid, "comm")) {
		struct view comm = view_trim(view_of(l->text, l->size));
		if (!base || !view_is(comm, base + 1))
			(void)scan_meet_field(l->scan, &l->file, "process", comm);
	}
	wipe(l);
}

static void look_at_model(struct looking *l, const char *pid, struct view path)
{
	char full[PATH_MAX + PROC_PATH], by[128], own[PATH_MAX];
	struct stat st;
	(void)snprintf(full, sizeof(full), "/proc/%s/root" VIEW_FMT, pid, VIEW_ARG(path));
	(void)snprintf(own, sizeof(own), VIEW_FMT, VIEW_ARG(path));
	cleanup(fd) int fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	cleanup(free) uint8_t *bytes = malloc(MODEL_HEAD);
	ssize_t size = bytes ? pread(fd, bytes, MODEL_HEAD, 0) : -1;
	if (size <= 0)
		return;
	struct scan_file f = l->file;
	f.path = own;
	(void)snprintf(by, sizeof(by), "loaded by %s", l->name);
	/* most of what is mapped is no model; any of it may hold keys */
	int code = find_model_in_head(l->scan, &f, view_of(bytes, (size_t)size), by);
	explicit_bzero(bytes, (size_t)size);
	if (code == OK || code == ERR_TRUNCATED)
		l->scan->coverage[l->scan->current].bytes += (uint64_t)size;
}

/* "7f00-7fff r--s 00000000 08:01 1234   /models/x": the path of a large mapping that is no program; else empty. */
static struct view large_mapping(struct view line)
{
	char copy[96];
	unsigned long begin = 0, end = 0;
	char mode[8] = "";
	const uint8_t *slash = line.size ? memchr(line.bytes, '/', line.size) : NULL;
	(void)snprintf(copy, sizeof(copy), VIEW_FMT, VIEW_ARG(line));
	if (!slash || sscanf(copy, "%lx-%lx %7s", &begin, &end, mode) != 3)
		return (struct view){0};
	bool is_data = mode[0] == 'r' && mode[2] != 'x' && end - begin >= MAPS_MIN;
	return is_data ? view_skip(line, (size_t)(slash - line.bytes)) : (struct view){0};
}

static bool is_library(struct view path)
{
	return memmem(path.bytes, path.size, ".so", 3) ||
	       view_starts_with(path, view_text("/usr/"));
}

/* The whole lines that are read by now; what was read of the next stays. Returns how many files they have. */
static size_t look_at_lines(struct looking *l, const char *pid, char last[static PATH_MAX])
{
	struct view rest = view_of(l->text, l->size);
	size_t count = 0;
	while (memchr(rest.bytes, '\n', rest.size)) {
		struct view path = large_mapping(view_split(&rest, '\n'));
		if (path.size == 0 || path.size >= PATH_MAX || is_library(path) ||
		    view_is(path, last))
			continue;
		(void)snprintf(last, PATH_MAX, VIEW_FMT, VIEW_ARG(path));
		look_at_model(l, pid, path);
		count++;
	}
	memmove(l->text, rest.bytes, rest.size);
	l->size = rest.size;
	return count;
}

/* A program may have many thousands of mappings: a line is much shorter than the room for text. */
static void look_at_maps(struct looking *l, const char *pid)
{
	char path[PROC_PATH], last[PATH_MAX] = "";
	size_t count = 0;
	cleanup(fd) int fd = open_of(pid, "maps", path);
	while (fd >= 0 && count < FIND_PROCESS_MODELS && read_more(l, fd))
		count += look_at_lines(l, pid, last);
	if (count >= FIND_PROCESS_MODELS)
		scan_unread(l->scan, path, "more files are mapped than are looked at");
	wipe(l);
}

static struct space *space_of(struct looking *l, const char *pid)
{
	char path[PROC_PATH];
	struct stat st;
	(void)snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	if (stat(path, &st) < 0)
		return NULL;
	for (size_t i = 0; i < l->space_count; i++) {
		if (l->spaces[i].inode == st.st_ino && l->spaces[i].device == st.st_dev)
			return &l->spaces[i];
	}
	if (l->space_count == FIND_PROCESS_SPACES) {
		l->unplaced++;
		return NULL;
	}
	struct space *space = &l->spaces[l->space_count];
	*space = (struct space){.device = st.st_dev, .inode = st.st_ino};
	int code = proc_sockets_read(&space->sockets, "/proc", pid);
	l->space_count++;
	if (code < 0)
		scan_unread(l->scan, path, err_text(code));
	if (space->sockets.dropped)
		scan_unread(l->scan, path, "more sockets than are kept");
	return space;
}

static void meet_listener(struct looking *l, const struct proc_socket *row)
{
	static const char *const locals[] = {"127.0.0.1", "::1"};
	char address[ADDRESS_TEXT_SIZE], text[ADDRESS_TEXT_SIZE + 16];
	uint8_t any = 0;
	for (size_t i = 0; i < row->local.size; i++)
		any |= row->local.bytes[i];
	/* who listens at all addresses does so at the machine's own */
	const char *own = any ? address_print(&row->local, address) : locals[row->local.size == 16];
	(void)snprintf(text, sizeof(text), "%s:%u", own, row->local_port);
	bool is_met = scan_meet_field(l->scan, &l->file, "socket", view_text(text));
	if (!is_met && !any && row->local.size == 16) {
		(void)snprintf(text, sizeof(text), "%s:%u", locals[0], row->local_port);
		(void)scan_meet_field(l->scan, &l->file, "socket", view_text(text));
	}
}

static void meet_socket(void *context, const struct proc_socket *row)
{
	struct looking *l = context;
	char address[ADDRESS_TEXT_SIZE], label[128];
	if (row->state == PROC_LISTEN)
		meet_listener(l, row);
	if (row->state != PROC_ESTABLISHED && row->state != PROC_SYN_SENT)
		return;
	(void)snprintf(label, sizeof(label), "connection of %s to", l->name);
	(void)scan_meet_host(l->scan, &l->file, label,
	                     view_text(address_print(&row->remote, address)));
}

/* Which sockets of its namespace are open in this process. */
static void look_at_sockets(struct looking *l, const char *pid)
{
	char path[PROC_PATH];
	const struct space *space = space_of(l, pid);
	if (!space || proc_sockets_each(&space->sockets, "/proc", pid, meet_socket, l) != ERR_LIMIT)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	scan_unread(l->scan, path, "more files are open than are looked at");
}

static void look_at_process(struct looking *l, const char *pid)
{
	char path[PROC_PATH];
	(void)snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	ssize_t size = readlink(path, l->program, sizeof(l->program) - 1);
	if (size < 0 && errno == ENOENT)
		return; /* a thread of the kernel, or gone */
	if (size < 0)
		l->hidden++;
	l->program[size > 0 ? size : 0] = '\0';
	l->scan->coverage[l->scan->current].looked_at++;
	const char *base = strrchr(l->program, '/');
	(void)snprintf(l->name, sizeof(l->name), "%.40s (process %.10s)", base ? base + 1 : "?",
	               pid);
	(void)snprintf(path, sizeof(path), "/proc/%s", pid);
	l->file =
		(struct scan_file){.path = size > 0 ? l->program : path, .name = "", .folder = -1};
	bool has_environment = read_text(l, pid, "environ");
	l->file.home = has_environment ? home_of(l) : NULL;
	if (has_environment)
		look_at_text(l, '\n');
	meet_program(l, pid);
	if (read_text(l, pid, "cmdline"))
		look_at_text(l, ' ');
	look_at_maps(l, pid);
	look_at_sockets(l, pid);
}

static void look_at_all(struct looking *l)
{
	DIR *folder = opendir("/proc");
	const struct dirent *e;
	size_t count = 0;
	if (!folder) {
		scan_unread(l->scan, "/proc", err_text(-errno));
		return;
	}
	while (l->scan->error == OK && (e = readdir(folder))) {
		if (!isdigit((uint8_t)e->d_name[0]) || atol(e->d_name) == getpid())
			continue;
		if (++count > FIND_PROCESS_MAX) {
			scan_unread(l->scan, "/proc", "more processes than are looked at");
			break;
		}
		look_at_process(l, e->d_name);
	}
	closedir(folder);
}

/* What of several processes was not seen is told once. */
static void tell_count(struct scan *s, uint64_t count, const char *why)
{
	char text[96];
	if (count == 0)
		return;
	(void)snprintf(text, sizeof(text), "%llu process%s %s", (unsigned long long)count,
	               plural(count, "", "es"), why);
	scan_unread(s, "/proc", text);
}

void find_process_begin(struct scan *s)
{
	if (!is_this_machine(s))
		return;
	cleanup(free) struct looking *l = calloc(1, sizeof(*l));
	if (!l) {
		s->error = -ENOMEM;
		return;
	}
	l->scan = s;
	look_at_all(l);
	for (size_t i = 0; i < l->space_count; i++)
		proc_sockets_done(&l->spaces[i].sockets);
	tell_count(s, l->hidden, "of other people, which only root sees wholly");
	tell_count(s, l->unplaced, "in more network namespaces than are looked at");
}
