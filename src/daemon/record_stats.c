#include "daemon/record_stats.h"

const struct record_counter_row record_counters[RECORD_COUNTERS] = {
	[RECORD_ENTRIES] = {"entries", "Entries of the log that are safe on disk."},
	[RECORD_CHECKPOINT_ENTRIES] = {"checkpoint_entries",
                                       "Of these, under a signed checkpoint."},
	[RECORD_CHECKPOINT_AT] = {"checkpoint_at", "When it was signed, microseconds since 1970."},
	[RECORD_EVENTS] = {"events", "Events taken from gates since the service started."},
	[RECORD_EVENTS_WRITTEN] = {"events_written", "Of these, counted in entries of the log."},
	[RECORD_LOST] = {"events_lost", "Events that a gate could not hand over; the log says so."},
	[RECORD_REFUSED] = {"events_refused", "Events from gates that were not valid."},
	[RECORD_WAITING] = {"waiting", "Entries that wait because the disk does not take them."},
	[RECORD_WRITE_ERRORS] = {"write_errors", "Attempts to write the log that failed."},
	[RECORD_INDEX_ERRORS] = {"index_errors", "Attempts to write the index that failed."},
	[RECORD_WRITING_FAILS] = {"writing_fails", "1 while the log cannot be written."},
};
