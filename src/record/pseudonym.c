#include "record/pseudonym.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/timestamp.h"

enum { PSEUDONYM_SIZE = 16 };

const char *pseudonym_period(int64_t time_us, char text[static PSEUDONYM_PERIOD_SIZE])
{
	char date[TIMESTAMP_TEXT_SIZE];
	(void)timestamp_print_date(time_us, date);
	memcpy(text, date, PSEUDONYM_PERIOD_SIZE - 1);
	text[PSEUDONYM_PERIOD_SIZE - 1] = '\0';
	return text;
}

void pseudonym_key_init(struct pseudonym_key *key, const uint8_t bytes[static PSEUDONYM_KEY_SIZE])
{
	(void)crypto_auth_hmacsha256_init(&key->begun, bytes, PSEUDONYM_KEY_SIZE);
}

void pseudonym_key_draw(struct pseudonym_key *key)
{
	uint8_t bytes[PSEUDONYM_KEY_SIZE];
	randombytes_buf(bytes, sizeof(bytes));
	pseudonym_key_init(key, bytes);
	sodium_memzero(bytes, sizeof(bytes));
}

void pseudonym_key_done(struct pseudonym_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

const char *pseudonym_make(const struct pseudonym_key *key, struct view subject,
                           char text[static PSEUDONYM_TEXT_SIZE])
{
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state = key->begun;
	(void)crypto_auth_hmacsha256_update(&state, subject.bytes, subject.size);
	(void)crypto_auth_hmacsha256_final(&state, mac);
	return sodium_bin2hex(text, PSEUDONYM_TEXT_SIZE, mac, PSEUDONYM_SIZE);
}

int pseudonym_keys_open(const char *path, struct pseudonym_keys *ret)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret = (struct pseudonym_keys){.directory_fd = fd};
	return OK;
}

static void forget(struct pseudonym_keys *keys)
{
	pseudonym_key_done(&keys->key);
	keys->period[0] = '\0';
}

void pseudonym_keys_done(struct pseudonym_keys *keys)
{
	forget(keys);
	if (keys->directory_fd >= 0)
		close(keys->directory_fd);
	keys->directory_fd = -1;
}

/* The key must be on the disk before anything is written under it, and never be half there. */
static int make_key(struct pseudonym_keys *keys, const char *period)
{
	static const char tmp[] = "tmp";
	uint8_t key[PSEUDONYM_KEY_SIZE];
	(void)unlinkat(keys->directory_fd, tmp, 0);
	cleanup(fd) int fd =
		openat(keys->directory_fd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	randombytes_buf(key, sizeof(key));
	ssize_t done = write(fd, key, sizeof(key));
	sodium_memzero(key, sizeof(key));
	if (done != sizeof(key))
		return done < 0 ? -errno : -ENOSPC;
	/* a link fails where a rename would replace a key that another process made meanwhile */
	if (fsync(fd) < 0 ||
	    (linkat(keys->directory_fd, tmp, keys->directory_fd, period, 0) < 0 && errno != EEXIST))
		return -errno;
	if (unlinkat(keys->directory_fd, tmp, 0) < 0 || fsync(keys->directory_fd) < 0)
		return -errno;
	return OK;
}

/* Takes the descriptor, or what became of opening it. */
static int read_file(int opened, struct pseudonym_key *ret)
{
	uint8_t key[PSEUDONYM_KEY_SIZE + 1] = {0};
	cleanup(fd) int fd = opened;
	if (fd < 0)
		return errno == ENOENT ? ERR_MISSING : -errno;
	ssize_t size = read(fd, key, sizeof(key));
	int code = size < 0                           ? -errno
	           : sodium_is_zero(key, sizeof(key)) ? ERR_DENIED
	           : size == PSEUDONYM_KEY_SIZE       ? OK
	                                              : ERR_INVALID;
	if (code == OK)
		pseudonym_key_init(ret, key);
	sodium_memzero(key, sizeof(key));
	return code;
}

enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NOFOLLOW };

static int read_key(struct pseudonym_keys *keys, const char *period)
{
	int code = read_file(openat(keys->directory_fd, period, OPEN_FLAGS), &keys->key);
	if (code == OK)
		memcpy(keys->period, period, PSEUDONYM_PERIOD_SIZE);
	return code;
}

int pseudonym_of(struct pseudonym_keys *keys, int64_t time_us, struct view subject,
                 char text[static PSEUDONYM_TEXT_SIZE])
{
	char period[PSEUDONYM_PERIOD_SIZE];
	(void)pseudonym_period(time_us, period);
	if (strcmp(period, keys->period) != 0) {
		int err = read_key(keys, period);
		if (err == ERR_MISSING) {
			err = make_key(keys, period);
			if (err == OK)
				err = read_key(keys, period);
		}
		if (err < 0)
			return err;
	}
	(void)pseudonym_make(&keys->key, subject, text);
	return OK;
}

bool pseudonym_period_is_valid(const char *period)
{
	int64_t at;
	char date[16], again[PSEUDONYM_PERIOD_SIZE];
	(void)snprintf(date, sizeof(date), "%.7s-01", period);
	return strlen(period) == PSEUDONYM_PERIOD_SIZE - 1 &&
	       timestamp_parse(view_text(date), &at) == OK &&
	       strcmp(pseudonym_period(at, again), period) == 0;
}

int pseudonym_key_read(const char *directory, const char *period, struct pseudonym_key *ret)
{
	char path[4096];
	if (!pseudonym_period_is_valid(period) ||
	    snprintf(path, sizeof(path), "%s/%s", directory, period) >= (int)sizeof(path))
		return ERR_MALFORMED;
	return read_file(open(path, OPEN_FLAGS), ret);
}

int pseudonym_erase(struct pseudonym_keys *keys, const char *period)
{
	static const uint8_t zeros[PSEUDONYM_KEY_SIZE];
	if (!pseudonym_period_is_valid(period))
		return ERR_MALFORMED;
	/* whatever becomes of the file */
	if (strcmp(period, keys->period) == 0)
		forget(keys);
	cleanup(fd) int fd = openat(keys->directory_fd, period, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? ERR_MISSING : -errno;
	/* overwritten first: cutting alone leaves the key in freed blocks of simple file systems */
	if (pwrite(fd, zeros, sizeof(zeros), 0) < 0 || fsync(fd) < 0 || ftruncate(fd, 0) < 0 ||
	    fsync(fd) < 0)
		return -errno;
	return OK;
}
