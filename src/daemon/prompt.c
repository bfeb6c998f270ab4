#include "daemon/prompt.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TURN_NS = 100 * 1000 }; /* the shortest that the kernel takes */

void prompt_ask(void)
{
	struct sched_attr how = {.size = sizeof(how)};
	if (syscall(SYS_sched_getattr, 0, &how, sizeof(how), 0) < 0)
		return;
	/* an administrator's real time is quicker than this */
	if (how.sched_policy != SCHED_NORMAL)
		return;
	how.sched_runtime = TURN_NS;
	(void)syscall(SYS_sched_setattr, 0, &how, 0);
}
