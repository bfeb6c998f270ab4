#include "daemon/record_submit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "record/submission.h"
#include "source/file.h"

static int write_all(struct record_writer *w, struct view lines, int64_t now_us)
{
	size_t waiting = record_writer_waiting(w);
	while (lines.size) {
		struct buffer *out = record_writer_begin(w);
		int code = submission_next(&lines, now_us, out);
		if (!record_writer_end(w, code)) {
			record_writer_cut(w, waiting);
			return code < 0 ? code : -ENOMEM;
		}
	}
	return record_writer_commit(w, now_us);
}

int record_submit_view(struct record_writer *w, const struct record_keys *keys, struct view lines,
                       int64_t now_us, size_t *ret_count)
{
	size_t count = 0;
	/* all are looked at before the first is written */
	int code = submission_check(lines, &count);
	if (code == OK && record_writer_is_failing(w))
		code = -ENOSPC;
	if (code < 0)
		return code;
	code = submission_is_erasure(lines) ? record_erase(w, keys, lines, now_us)
	                                    : write_all(w, lines, now_us);
	if (code == OK)
		*ret_count = count;
	return code;
}

int record_submit_file(struct record_writer *w, const struct record_keys *keys,
                       const char *directory, const char *id, int64_t now_us, size_t *ret_count)
{
	char path[4200];
	struct buffer lines = {0};
	(void)snprintf(path, sizeof(path), "%s/" SUBMIT_FILE_PREFIX "%s", directory, id);
	cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int code = fd < 0 ? -errno : file_read_open(fd, SUBMISSION_SIZE_MAX, &lines);
	if (code == OK)
		code = record_submit_view(w, keys, buffer_view(&lines), now_us, ret_count);
	buffer_done(&lines);
	return code;
}
