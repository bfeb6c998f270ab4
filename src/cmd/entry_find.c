#include "cmd/entry_find.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/exit_status.h"

static int take_row(void *context, const struct store_row *row)
{
	struct found_entry *found = context;
	found->number = row->seq;
	found->bytes.size = 0;
	buffer_add_view(&found->bytes, row->entry);
	return OK;
}

static int take_entry(void *context, uint64_t number, struct view entry)
{
	struct found_entry *found = context;
	found->number = number;
	buffer_add_view(&found->bytes, entry);
	return 1; /* one is enough */
}

struct view reference_spelt(const char *text, char room[static EVENT_REFERENCE_SIZE])
{
	size_t size = 0;
	for (; text[size] && size < EVENT_REFERENCE_SIZE - 1; size++)
		room[size] = (char)toupper((unsigned char)text[size]);
	return text[size] ? view_text(text) : view_of(room, size);
}

static int by_reference(struct evidence *e, const char *reference, struct found_entry *ret)
{
	char room[EVENT_REFERENCE_SIZE];
	struct store_filter filter = {event_field_find(view_text("reference")),
	                              reference_spelt(reference, room)};
	struct store_query query = {.kind = "event",
	                            .filters = &filter,
	                            .filter_count = 1,
	                            .since_us = TIME_MIN,
	                            .until_us = TIME_MAX,
	                            .after_seq = -1,
	                            .limit = 1,
	                            .newest_first = true};
	int r = evidence_index(e);
	if (r)
		return r;
	if (index_query(e->index, &query, take_row, ret) < 0) {
		fprintf(stderr, "writ: the index cannot be asked: %s\n", index_problem(e->index));
		return EXIT_STATUS_INTERNAL;
	}
	return EXIT_STATUS_OK;
}

int entry_find(struct evidence *e, const char *text, struct found_entry *ret)
{
	char *end;
	unsigned long long number = strtoull(text, &end, 10);
	int r = EXIT_STATUS_OK;
	if (*text && !*end && *text != '-') {
		int code = log_reader_walk(e->reader, number, true, take_entry, ret);
		if (code < 0 && code != ERR_MISSING) {
			fprintf(stderr, "writ: the log cannot be read: %s\n", err_text(code));
			r = EXIT_STATUS_EVIDENCE;
		} else if (ret->bytes.size && ret->number != number) {
			ret->bytes.size = 0;
		}
	} else {
		r = by_reference(e, text, ret);
	}
	if (r == EXIT_STATUS_OK && ret->bytes.size == 0) {
		fprintf(stderr,
		        "writ: no entry %s, expected an entry's number or an event's reference\n",
		        text);
		r = EXIT_STATUS_USAGE;
	}
	return r;
}
