/* packet_role.h - the process that judges packets: one thread a queue. */
#pragma once

#include "daemon/exit_status.h"

enum exit_status packet_role_main(int parent);
