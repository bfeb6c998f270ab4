#include "daemon/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/file.h"

static int map(int *fd, size_t size, int protection, struct memory *ret)
{
	void *bytes = mmap(NULL, size, protection, MAP_SHARED, *fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	*ret = (struct memory){.bytes = bytes, .size = size, .fd = *fd};
	*fd = -1;
	return OK;
}

int memory_create(const char *name, size_t size, struct memory *ret)
{
	cleanup(fd) int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return map(&fd, size, PROT_READ | PROT_WRITE, ret);
}

enum { SEALS = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

static int seal(int *fd, size_t size, struct memory *ret)
{
	if (fcntl(*fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return map(fd, size, PROT_READ, ret);
}

int memory_copy(const char *name, struct view bytes, struct memory *ret)
{
	cleanup(fd) int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	int code = file_write_all(fd, bytes);
	return code < 0 ? code : seal(&fd, bytes.size, ret);
}

/* Returns the bytes copied, which end where the file does. */
static int64_t copy_file(int from, int to, size_t size_max)
{
	size_t size = 0;
	while (size <= size_max) {
		ssize_t copied = sendfile(to, from, NULL, size_max + 1 - size);
		if (copied < 0 && errno != EINTR)
			return -errno;
		if (copied == 0)
			return (int64_t)size;
		size += copied > 0 ? (size_t)copied : 0;
	}
	return ERR_LIMIT;
}

int memory_read_file(const char *name, const char *path, size_t size_max, struct memory *ret)
{
	struct stat s;
	cleanup(fd) int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0 || fstat(file, &s) < 0)
		return -errno;
	if (!S_ISREG(s.st_mode))
		return ERR_INVALID;
	cleanup(fd) int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	int64_t size = copy_file(file, fd, size_max);
	if (size <= 0)
		return size < 0 ? (int)size : ERR_TRUNCATED;
	return seal(&fd, (size_t)size, ret);
}

static int open_with(int fd_given, int protection, struct memory *ret)
{
	cleanup(fd) int fd = fd_given;
	struct stat s;
	if (fstat(fd, &s) < 0)
		return -errno;
	if (s.st_size <= 0)
		return ERR_TRUNCATED;
	return map(&fd, (size_t)s.st_size, protection, ret);
}

int memory_open(int fd, struct memory *ret)
{
	return open_with(fd, PROT_READ | PROT_WRITE, ret);
}

int memory_open_sealed(int fd_given, struct memory *ret)
{
	cleanup(fd) int fd = fd_given;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0)
		return -errno;
	if ((seals & SEALS) != SEALS)
		return ERR_INVALID;
	int given = fd;
	fd = -1;
	return open_with(given, PROT_READ, ret);
}

void memory_close(struct memory *m)
{
	if (m->bytes)
		munmap(m->bytes, m->size);
	cleanup_fd(&m->fd);
	*m = MEMORY_NONE;
}
