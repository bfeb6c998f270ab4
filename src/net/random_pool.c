#include "net/random_pool.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

static void refill(struct random_pool *p)
{
	for (p->left = 0; p->left < sizeof(p->bytes);) {
		ssize_t got = getrandom(p->bytes + p->left, sizeof(p->bytes) - p->left, 0);
		assert(got > 0 || errno == EINTR);
		p->left += got > 0 ? (size_t)got : 0;
	}
}

void random_pool_take(struct random_pool *p, void *ret, size_t size)
{
	assert(size <= sizeof(p->bytes));
	if (p->left < size)
		refill(p);
	p->left -= size;
	memcpy(ret, p->bytes + p->left, size);
	memset(p->bytes + p->left, 0, size);
}
