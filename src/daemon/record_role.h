/* record_role.h - the only process that writes evidence: from the rings of the gates to the log.
 *
 * One turn of its loop: hear the parent, empty the rings into the aggregates, write what is due, commit
 * it all as one group. So under load the groups grow by themselves, and one synchronisation carries many
 * entries. */
#pragma once

#include "daemon/exit_status.h"

enum exit_status record_role_main(int parent);
