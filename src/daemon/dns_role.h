/* dns_role.h - the process of the DNS gate: sets it up, confines itself, answers until told to stop.
 *
 * While the role is down its sockets stay open in the parent: queries wait in their buffers and are
 * answered by the next one. A DNS client that gets no answer asks again, so there is no fail-open and
 * fail-closed to choose between. */
#pragma once

#include "daemon/exit_status.h"

enum exit_status dns_role_main(int parent);
