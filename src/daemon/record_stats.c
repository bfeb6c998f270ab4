#include "daemon/record_stats.h"

const struct counter_row record_counters[RECORD_COUNTERS] = {
	[RECORD_ENTRIES] = {"entries", true, "Entries of the log that are safe on disk."},
	[RECORD_CHECKPOINT_ENTRIES] = {"checkpoint_entries", true,
                                       "Of these, under a signed checkpoint."},
	[RECORD_CHECKPOINT_AT] = {"checkpoint_at", true,
                                  "When it was signed, microseconds since 1970."},
	[RECORD_EVENTS] = {"events", false, "Events taken from gates since the service started."},
	[RECORD_EVENTS_WRITTEN] = {"events_written", false,
                                   "Of these, counted in entries of the log."},
	[RECORD_LOST] = {"events_lost", false,
                         "Events that a gate could not hand over; the log says so."},
	[RECORD_REFUSED] = {"events_refused", false, "Events from gates that were not valid."},
	[RECORD_WAITING] = {"waiting", true,
                            "Entries that wait because the disk does not take them."},
	[RECORD_WRITE_ERRORS] = {"write_errors", false, "Attempts to write the log that failed."},
	[RECORD_INDEX_ERRORS] = {"index_errors", false, "Attempts to write the index that failed."},
	[RECORD_WRITING_FAILS] = {"writing_fails", true, "1 while the log cannot be written."},
	[RECORD_BYTES] = {"bytes", true, "Bytes in the evidence directory, at the last heartbeat."},
};
