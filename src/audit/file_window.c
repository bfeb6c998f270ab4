#include "audit/file_window.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

/* For the handler, which can be told nothing else. */
static _Thread_local struct {
	char *begin;
	size_t size;
	volatile sig_atomic_t is_cut;
} own;

/* Puts zero bytes where the file has no pages any more. */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
	char *at = info->si_addr;
	(void)context;
	if (own.begin && at >= own.begin && at < own.begin + own.size) {
		size_t page = (size_t)getpagesize();
		char *from = own.begin + (size_t)(at - own.begin) / page * page;
		size_t size = own.size - (size_t)(from - own.begin);
		own.is_cut = 1;
		if (mmap(from, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
		    MAP_FAILED)
			return;
	}
	(void)signal(number, SIG_DFL);
}

int file_window_guard(void)
{
	struct sigaction action = {.sa_sigaction = on_bus_error,
	                           .sa_flags = SA_SIGINFO | SA_NODEFER};
	return sigaction(SIGBUS, &action, NULL) < 0 ? -errno : OK;
}

int file_window_open(int fd, uint64_t from, size_t size, struct file_window *ret,
                     struct view *ret_bytes)
{
	size_t before = (size_t)(from % (uint64_t)getpagesize());
	assert(!own.begin && size && size <= FILE_WINDOW_SIZE);
	void *mapped =
		mmap(NULL, before + size, PROT_READ, MAP_PRIVATE, fd, (off_t)(from - before));
	if (mapped == MAP_FAILED)
		return -errno;
	(void)madvise(mapped, before + size, MADV_SEQUENTIAL);
	*ret = (struct file_window){.mapped = mapped, .size = before + size};
	own.begin = mapped;
	own.size = ret->size;
	own.is_cut = 0;
	*ret_bytes = view_of((char *)mapped + before, size);
	return OK;
}

void file_window_close(struct file_window *w)
{
	if (!w->mapped)
		return;
	w->is_cut = own.is_cut;
	own.begin = NULL;
	(void)munmap(w->mapped, w->size);
	w->mapped = NULL;
}
