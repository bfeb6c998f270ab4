/* fetch_role.h - the process that keeps fetched lists current: the only one that talks to their servers.
 *
 * What:    asks each server when its time has come (fetch_plan.h), a few at a time, and keeps what passes
 *          (fetch_list.h). Newer lists are offered to the parent, all of a moment together; once it has
 *          made a policy with them they are the copies in force, and if none could be made with them they
 *          are held.
 * Fails:   a server's failure is a sentence in the state of its list. A folder that cannot be written ends
 *          the role, which is started again. */
#pragma once

#include "daemon/exit_status.h"

enum exit_status fetch_role_main(int parent);
