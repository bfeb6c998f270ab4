#include "audit/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK_SIZE = 256 * 1024 };

struct digest {
	pthread_t thread;
	int fd; /* -1: no thread */
	uint64_t size;
	atomic_bool stop;
	EVP_MD_CTX *context;
	bool is_good; /* so far; with a thread at its end: it is whole */
	uint8_t bytes[DIGEST_SIZE];
	uint8_t block[BLOCK_SIZE];
};

static void digest_free(struct digest *d)
{
	EVP_MD_CTX_free(d->context);
	free(d);
}

static void finish(struct digest *d)
{
	d->is_good = d->is_good && EVP_DigestFinal_ex(d->context, d->bytes, NULL);
}

static void *run(void *argument)
{
	struct digest *d = argument;
	uint64_t at = 0;
	while (d->is_good && at < d->size) {
		size_t size = d->size - at < BLOCK_SIZE ? (size_t)(d->size - at) : BLOCK_SIZE;
		ssize_t got = pread(d->fd, d->block, size, (off_t)at);
		d->is_good = got > 0 && !atomic_load_explicit(&d->stop, memory_order_relaxed) &&
		             EVP_DigestUpdate(d->context, d->block, (size_t)got);
		at += got > 0 ? (uint64_t)got : 0;
	}
	finish(d);
	return NULL;
}

int digest_begin_stream(struct digest **ret)
{
	struct digest *d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->fd = -1;
	d->context = EVP_MD_CTX_new();
	d->is_good = d->context && EVP_DigestInit_ex(d->context, EVP_sha256(), NULL);
	if (!d->is_good) {
		digest_free(d);
		return -ENOMEM;
	}
	*ret = d;
	return OK;
}

int digest_begin(int fd, uint64_t size, struct digest **ret)
{
	struct digest *d = NULL;
	int code = digest_begin_stream(&d);
	if (code < 0)
		return code;
	d->fd = fd;
	d->size = size;
	if (pthread_create(&d->thread, NULL, run, d) != 0) {
		digest_free(d);
		return -EAGAIN;
	}
	*ret = d;
	return OK;
}

void digest_add(struct digest *d, struct view bytes)
{
	d->is_good = d->is_good && EVP_DigestUpdate(d->context, bytes.bytes, bytes.size);
}

bool digest_end(struct digest *d, bool is_wanted, uint8_t ret[static DIGEST_SIZE])
{
	if (!d)
		return false;
	atomic_store_explicit(&d->stop, !is_wanted, memory_order_relaxed);
	if (d->fd < 0)
		finish(d);
	else
		(void)pthread_join(d->thread, NULL);
	bool is_there = is_wanted && d->is_good;
	if (is_there)
		memcpy(ret, d->bytes, DIGEST_SIZE);
	digest_free(d);
	return is_there;
}
