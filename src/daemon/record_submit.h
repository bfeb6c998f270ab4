/* record_submit.h - takes entries that a command has left in the evidence folder (record/submission.h).
 *
 * A command cannot send so much on the control socket, and may not write the log while an instance runs: it leaves a
 * file INCOMING-ID, owned as the folder is, and asks by its id. All of its entries are acknowledged, or none is. The
 * erasure of a key is such an entry, and done before it is written: record_erase.h. */
#pragma once

#include "daemon/control_request.h"
#include "daemon/record_erase.h"
#include "daemon/record_writer.h"

#define SUBMIT_FILE_PREFIX "incoming-"

/* ERR_MALFORMED, ERR_LIMIT, -errno, as record_writer_commit() and record_erase(); -ENOMEM when an entry found no
 * memory: then none is written. */
int record_submit_view(struct record_writer *w, const struct record_keys *keys, struct view lines,
                       int64_t now_us, size_t *ret_count) must_check;
int record_submit_file(struct record_writer *w, const struct record_keys *keys,
                       const char *directory, const char *id, int64_t now_us,
                       size_t *ret_count) must_check;
