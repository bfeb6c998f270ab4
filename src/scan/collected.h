/* collected.h - what others collected of machines: inventories, application lists, bills of materials.
 *
 * What:    collected_formats[] is the table: how a format is told by its first bytes, and the functions that read it.
 *          A reader is pure but for its state: it is given blocks of any size and calls for each thing that the
 *          collection lists. Nobody's products are known here: collected_meet.h asks the policy.
 * Owns:    what open() gives is freed by close().
 * Fails:   ERR_MALFORMED, ERR_TRUNCATED, ERR_LIMIT, -ENOMEM; what the callback returns when it is negative.
 * Limits:  of json_record.h, csv_stream.h; COLLECTED_LINE_MAX a line.
 *
 * To add a format: its functions, one row in collected_formats[], in tests/unit/scan/test_collected.c a sample; a form of
 * JSON is an on_record function of collected_json.c. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum { COLLECTED_LINE_MAX = 16 * 1024, COLLECTED_PROBE_SIZE = 64 * 1024 };

enum collected_kind {
	COLLECTED_PACKAGE,     /* of `registry`, or of a system */
	COLLECTED_APPLICATION, /* by id and name */
	COLLECTED_EXTENSION,   /* of a browser or an editor */
	COLLECTED_PROCESS,
	COLLECTED_MODEL,
	COLLECTED_ADDRESS, /* a URL */
};

/* One thing on one machine. What is not known is empty. */
struct collected_item {
	enum collected_kind kind;
	struct view registry; /* npm, pypi, deb ... */
	struct view id, name, version, path, publisher;
	struct view machine; /* or the person, as the collection names them */
	uint64_t number;     /* record or line */
};

typedef int collected_on(void *context, const struct collected_item *item);

struct collected_format {
	const char *name, *help;
	int (*probe)(struct view first); /* how sure: 0 to 100 */
	int (*open)(struct view first, collected_on *on, void *context, void **ret);
	int (*feed)(void *reader, struct view block);
	int (*finish)(void *reader);
	void (*close)(void *reader);
	/* Records that there were, and what of them was left out because it broke the format or a limit. */
	void (*count)(const void *reader, uint64_t *ret_items, uint64_t *ret_not_understood);
};
extern const struct collected_format collected_formats[]; /* ends with name NULL */
/* The row that is surest; NULL when none is. */
const struct collected_format *collected_format_find(struct view first);

/* For the rows: */
int collected_probe_osquery(struct view first);
int collected_probe_wazuh(struct view first);
int collected_probe_cyclonedx(struct view first);
int collected_probe_spdx(struct view first);
int collected_probe_applications(struct view first);
int collected_open_osquery(struct view first, collected_on *on, void *context,
                           void **ret) must_check;
int collected_open_wazuh(struct view first, collected_on *on, void *context, void **ret) must_check;
int collected_open_cyclonedx(struct view first, collected_on *on, void *context,
                             void **ret) must_check;
int collected_open_spdx(struct view first, collected_on *on, void *context, void **ret) must_check;
int collected_open_applications(struct view first, collected_on *on, void *context,
                                void **ret) must_check;
int collected_json_feed(void *reader, struct view block) must_check;
int collected_json_finish(void *reader) must_check;
void collected_json_close(void *reader);
void collected_json_count(const void *reader, uint64_t *ret_items, uint64_t *ret_not_understood);

int collected_probe_csv(struct view first);
int collected_open_csv(struct view first, collected_on *on, void *context, void **ret) must_check;
int collected_csv_feed(void *reader, struct view block) must_check;
int collected_csv_finish(void *reader) must_check;
void collected_csv_close(void *reader);
void collected_csv_count(const void *reader, uint64_t *ret_items, uint64_t *ret_not_understood);

int collected_probe_spdx_lines(struct view first);
int collected_probe_android(struct view first);
int collected_open_spdx_lines(struct view first, collected_on *on, void *context,
                              void **ret) must_check;
int collected_open_android(struct view first, collected_on *on, void *context,
                           void **ret) must_check;
int collected_lines_feed(void *reader, struct view block) must_check;
int collected_lines_finish(void *reader) must_check;
void collected_lines_close(void *reader);
void collected_lines_count(const void *reader, uint64_t *ret_items, uint64_t *ret_not_understood);
