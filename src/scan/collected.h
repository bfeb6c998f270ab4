/* collected.h - what others collected of machines: inventories, application lists, bills of materials.
 *
 * What:    collected_formats[] is the table: how a format is told by its first bytes, and the functions that read it.
 *          A reader is pure: it asks for blocks, of any size, and calls for each thing that the collection lists.
 *          Nobody's products are known here: collected_meet.h asks the policy.
 * Owns:    a reader wipes what it kept.
 * Fails:   ERR_MALFORMED, ERR_TRUNCATED, ERR_LIMIT, -ENOMEM; what next() or the callback returns when it is negative.
 * Limits:  of json_record.h, csv_stream.h, collected_graph.h; COLLECTED_LINE_MAX a line.
 *
 * To add a format: its functions, one row in collected_formats[], in tests/unit/scan/test_collected.c a sample; a form of
 * JSON is a struct collected_form. */
#pragma once

#include "base/err.h"
#include "base/view.h"
#include "finding/example.h"

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

/* The blocks of a collection, one after another: empty at the end, good until the next is asked for. */
struct collected_input {
	struct view
		first; /* what the format was told by; good until the second block is asked for */
	int (*next)(void *context, struct view *ret);
	void *context;
};

/* What was read, also where an error ended it. */
struct collected_count {
	uint64_t items;                     /* records or lines that there were */
	uint64_t not_understood;            /* left out because they broke the format or a limit */
	char example[FINDING_EXAMPLE_SIZE]; /* the first of them that can be shown; or empty */
	/* of an error, where the reader knows; or of what it read on behind */
	const char *why;
	uint64_t line, column; /* from 1; 0: not known */
};

typedef int collected_probe(struct view first); /* how sure: 0 to 100 */
typedef int collected_reader(const struct collected_input *in, collected_on *on, void *context,
                             struct collected_count *count);

struct collected_format {
	const char *name, *help;
	collected_probe *probe;
	collected_reader *read;
};
extern const struct collected_format collected_formats[]; /* ends with name NULL */
/* The row that is surest; NULL when none is. */
const struct collected_format *collected_format_find(struct view first);

/* For the rows: */

/* Each block, until there is none or one of both is not OK, which is returned. */
int collected_feed(const struct collected_input *in, int (*feed)(void *context, struct view block),
                   void *context) must_check;

collected_probe collected_probe_cyclonedx, collected_probe_cyclonedx_xml, collected_probe_spdx,
	collected_probe_spdx_yaml, collected_probe_spdx_rdf, collected_probe_spdx_xml,
	collected_probe_spdx_lines, collected_probe_osquery, collected_probe_wazuh,
	collected_probe_applications, collected_probe_android, collected_probe_csv;
collected_reader collected_read_cyclonedx, collected_read_cyclonedx_xml, collected_read_spdx,
	collected_read_spdx_yaml, collected_read_spdx_rdf, collected_read_spdx_xml,
	collected_read_spdx_lines, collected_read_osquery, collected_read_wazuh,
	collected_read_applications, collected_read_android, collected_read_csv;
