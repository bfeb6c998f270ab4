#include "net/thread.h"

#include <signal.h>

int thread_start(pthread_t *ret, void *(*run)(void *), void *context)
{
	sigset_t all, before;
	pthread_t thread;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = -pthread_create(&thread, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code == OK)
		*ret = thread;
	return code;
}
