#include "scan/content.h"

#include <errno.h>
#include <sys/mman.h>

#include "scan/root.h"
#include "source/file.h"

enum { STEP = 64 * 1024 };

int scan_content_open(const struct scan_file *f, struct scan_content *ret)
{
	struct stat st;
	if (f->member) {
		int code = squashfs_file_open(f->member->image, f->member->inode, &ret->member);
		if (code < 0)
			return code;
		ret->fd = -1;
		ret->bytes = squashfs_file_source(&ret->member);
		return OK;
	}
	int fd = scan_root_open_entry(f->folder, f->name, &st);
	if (fd < 0)
		return fd;
	ret->fd = fd;
	ret->bytes = byte_source_of_sized(fd, (uint64_t)st.st_size);
	return OK;
}

void scan_content_close(struct scan_content *c)
{
	if (c->fd >= 0)
		close(c->fd);
	else
		squashfs_file_close(&c->member);
}

/* What it is copied through is wiped; the copy's pages are zeroed by the kernel before anybody has them. */
static int copy(const struct byte_source *b, int fd)
{
	uint8_t step[STEP];
	int code = OK;
	for (uint64_t at = 0; code == OK && at < b->size; at += STEP) {
		size_t size = b->size - at < STEP ? (size_t)(b->size - at) : STEP;
		code = byte_source_read(b, at, step, size);
		if (code == OK)
			code = file_write_all(fd, view_of(step, size));
	}
	explicit_bzero(step, sizeof(step));
	return code;
}

int scan_content_descriptor(const struct scan_file *f, uint64_t *ret_size)
{
	struct scan_content c;
	int code = scan_content_open(f, &c);
	if (code < 0)
		return code;
	int fd = c.fd;
	uint64_t size = c.bytes.size;
	if (fd < 0) {
		fd = size > SCAN_COPY_MAX ? ERR_LIMIT : memfd_create("member", MFD_CLOEXEC);
		fd = fd == -1 ? -errno : fd;
		code = fd < 0 ? fd : copy(&c.bytes, fd);
		scan_content_close(&c);
	}
	if (code < 0) {
		if (fd >= 0)
			close(fd);
		return code;
	}
	*ret_size = size;
	return fd;
}
