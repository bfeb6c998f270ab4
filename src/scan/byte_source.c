#include "scan/byte_source.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_file(const struct byte_source *b, uint64_t at, void *to, size_t size)
{
	size_t got = 0;
	while (got < size) {
		ssize_t n = pread(b->fd, (uint8_t *)to + got, size - got, (off_t)(at + got));
		if (n == 0)
			return ERR_TRUNCATED;
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR)
			return -errno;
	}
	return OK;
}

static int read_memory(const struct byte_source *b, uint64_t at, void *to, size_t size)
{
	if (size)
		memcpy(to, b->bytes.bytes + at, size);
	return OK;
}

struct byte_source byte_source_of_file(int fd)
{
	struct stat s;
	bool is_known = fd >= 0 && fstat(fd, &s) == 0 && s.st_size > 0;
	return byte_source_of_sized(fd, is_known ? (uint64_t)s.st_size : 0);
}

struct byte_source byte_source_of_sized(int fd, uint64_t size)
{
	return (struct byte_source){.read = read_file, .size = size, .fd = fd};
}

struct byte_source byte_source_of_memory(struct view bytes)
{
	return (struct byte_source){
		.read = read_memory, .size = bytes.size, .fd = -1, .bytes = bytes};
}
