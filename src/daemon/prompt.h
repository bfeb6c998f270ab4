/* prompt.h - a process that others wait for is let in at once.
 *
 * Linux 6.12 and later: a process that asks for short turns (sched_setattr(2), sched_runtime) takes the processor from
 * one in the middle of a long turn as soon as it has something to do; it gets no more of it in all. Without
 * that, a gate waits up to 3 ms for whoever else works on its processor: the recorder, or a reload.
 * Threads and programs that are started afterwards inherit it. Earlier kernels ignore it. */
#pragma once

/* Where the kernel does not take it, nothing changes. */
void prompt_ask(void);
