#include "cmd/result_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/file.h"

enum { NEW_MODE = 0666 };

/* In the child. What a terminal sends to all of them is for the parent to decide about. */
static void wait_and_move(int told, const char *temporary, const char *path)
{
	char byte;
	ssize_t got;
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	do
		got = recv(told, &byte, 1, 0);
	while (got < 0 && errno == EINTR);
	if (got != 1 || rename(temporary, path) < 0) {
		int code = got == 1 ? errno : ECANCELED;
		(void)unlink(temporary);
		_exit(code);
	}
	_exit(-file_sync_folder_of(path));
}

static int start_child(struct result_file *f, const char *temporary, const char *path)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	f->child = fork();
	if (f->child == 0) {
		close(ends[1]);
		wait_and_move(ends[0], temporary, path);
	}
	close(ends[0]);
	f->told = ends[1];
	return f->child < 0 ? -errno : OK;
}

/* The rights are those of the file that it is to replace; or any new one's. */
static int set_rights(int fd, const struct stat *old)
{
	mode_t mask = umask(0);
	(void)umask(mask);
	if (old && fchown(fd, old->st_uid, old->st_gid) < 0)
		old = NULL; /* somebody else's, who lets others write: it becomes the writer's own */
	return fchmod(fd, old ? old->st_mode & 0777 : NEW_MODE & ~mask) < 0 ? -errno : OK;
}

static int open_beside(const char *path, const struct stat *old, struct result_file *ret)
{
	struct result_file f = RESULT_FILE_NONE;
	cleanup(free) char *temporary = NULL;
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	f.fd = mkostemp(temporary, O_CLOEXEC);
	if (f.fd < 0)
		return -errno;
	int code = set_rights(f.fd, old);
	if (code == OK)
		code = start_child(&f, temporary, path);
	if (code == OK) {
		*ret = f;
		return OK;
	}
	result_file_close(&f);
	(void)unlink(temporary);
	return code;
}

int result_file_open(const char *path, struct result_file *ret)
{
	struct stat s;
	/* that it may be written to is asked of the file itself; a link stays one */
	cleanup(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool is_there = fd >= 0 && fstat(fd, &s) == 0;
	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (is_there && !S_ISREG(s.st_mode)) {
		*ret = RESULT_FILE_NONE;
		ret->fd = fd;
		fd = -1;
		return OK;
	}
	cleanup(free) char *whole = is_there ? realpath(path, NULL) : NULL;
	return open_beside(whole ? whole : path, is_there ? &s : NULL, ret);
}

int result_file_put(struct result_file *f, struct view bytes)
{
	int code = file_write_all(f->fd, bytes), status = 0;
	if (code < 0 || f->told < 0)
		return code;
	if (fsync(f->fd) < 0)
		return -errno;
	if (send(f->told, ".", 1, MSG_NOSIGNAL) != 1)
		return -errno;
	while (waitpid(f->child, &status, 0) < 0 && errno == EINTR)
		;
	f->child = 0;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

void result_file_close(struct result_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->told >= 0)
		close(f->told);
	while (f->child > 0 && waitpid(f->child, NULL, 0) < 0 && errno == EINTR)
		;
	*f = RESULT_FILE_NONE;
}
