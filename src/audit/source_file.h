/* source_file.h - one source of an audit as the system has it: a regular file, or what can only be read once.
 *
 * What:    a range of a regular file comes in windows (file_window.h), or is read in blocks that stay in a near cache
 *          (`copied`): that is cheaper where a little of every page is looked at. Bytes of a window
 *          may change at any time: what must not is copied by whoever takes it apart. Anything else is read. No
 *          block is longer than SOURCE_BLOCK_SIZE. Parts of a file that were never written (holes of HOLE_SIZE_MIN
 *          and more) are not read: they end the range, or are skipped and counted.
 * Owns:    source_file_close(); a range borrows the file, and source_range_done().
 * Threads: a regular file may be in use in many, each with its own range. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "audit/digest.h"
#include "audit/file_window.h"

enum {
	HOLE_SIZE_MIN = 1 << 20,
	SOURCE_BLOCK_SIZE = 1 << 20,
	SOURCE_COPY_SIZE = 256 << 10, /* stays in the processor's cache; `copied` is no more */
};

struct source_file {
	int fd;
	bool is_regular;
	uint64_t size, device, inode; /* as it was when it was opened */
	int64_t modified_ns;
	uint64_t first_hole;     /* private: the same; `size`: it has none */
	const atomic_bool *stop; /* ends the wait for a pipe; or NULL */
};

/* "-" is standard input. Does not wait for whoever writes to a pipe. -errno; -EISDIR for a folder. */
int source_file_open(const char *path, struct source_file *ret) must_check;
void source_file_close(struct source_file *f);

struct source_range {
	const struct source_file *file;
	uint64_t at, end;      /* of a regular file */
	bool stops_at_hole;    /* else they are skipped */
	size_t copied;         /* no window, but so many bytes at once from the next on; or 0 */
	uint64_t given;        /* bytes so far */
	uint64_t hole_bytes;   /* skipped, or where it stopped */
	uint64_t hole_at;      /* of the first hole */
	bool is_cut;           /* the file became shorter while it was read */
	atomic_ullong *read;   /* counts the bytes; or NULL */
	struct digest *digest; /* of what can be read only once; or NULL */
	uint64_t data_end;     /* private: no hole before */
	struct file_window window;
	struct view rest; /* of the window */
	uint8_t *block;
};

void source_range_init(struct source_range *r, const struct source_file *f, uint64_t from,
                       uint64_t end);
/* The next bytes, valid until the next call; none at the end. -errno; -ECANCELED after `stop`. */
int source_range_next(struct source_range *r, struct view *ret) must_check;
void source_range_done(struct source_range *r);
