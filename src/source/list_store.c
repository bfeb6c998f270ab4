#include "source/list_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "source/file.h"

enum { FILE_MODE = 0644, STATE_SIZE_MAX = 64 << 10 };

static const char *const endings[LIST_FILES] = {
	[LIST_FILE_COPY] = "list",
	[LIST_FILE_OFFER] = "offer",
	[LIST_FILE_HELD] = "held",
	[LIST_FILE_STATE] = "state",
};

/* clang-format off */
#define AT(member) .offset = offsetof(struct list_version, member)
static const struct schema_field version_fields[] = {
	{.name = "sha256", .type = SCHEMA_TEXT, AT(sha256), .min = 64, .max = 64, .help = "Of its bytes."},
	{.name = "url", .type = SCHEMA_TEXT, AT(url), .help = "From where it is."},
	{.name = "etag", .type = SCHEMA_TEXT, AT(etag), .max = LIST_ETAG_MAX, .help = "ETag."},
	{.name = "modified", .type = SCHEMA_TEXT, AT(modified), .max = LIST_ETAG_MAX, .help = "Last-Modified."},
	{.name = "names", .type = SCHEMA_INT, AT(names), .min = 0, .max = INT64_MAX, .default_text = "0",
	 .help = "Names in it."},
	{.name = "fetched", .type = SCHEMA_WHEN, AT(fetched_us), .help = "When it was sent."},
	{.name = NULL},
};
#undef AT
static const struct schema version_schema = {.name = "version", .size = sizeof(struct list_version),
	.fields = version_fields, .help = "One content.", .place_offset = offsetof(struct list_version, place)};

#define AT(member) .offset = offsetof(struct list_state, member)
static const struct schema_field state_fields[] = {
	{.name = "url", .type = SCHEMA_TEXT, AT(url), .help = "That was asked last."},
	{.name = "checked", .type = SCHEMA_WHEN, AT(checked_us), .help = "When the server last answered well."},
	{.name = "tried", .type = SCHEMA_WHEN, AT(tried_us), .help = "When it was last asked."},
	{.name = "failures", .type = SCHEMA_INT, AT(failures), .min = 0, .max = INT64_MAX, .default_text = "0",
	 .help = "Tries without success since."},
	{.name = "problem", .type = SCHEMA_TEXT, AT(problem), .max = LIST_SENTENCE_MAX, .help = "What is wrong."},
	{.name = "copy", .type = SCHEMA_STRUCT, AT(copy), .child = &version_schema, .help = "In force."},
	{.name = "offer", .type = SCHEMA_STRUCT, AT(offer), .child = &version_schema, .help = "Coming."},
	{.name = "held", .type = SCHEMA_STRUCT, AT(held), .child = &version_schema, .help = "Kept back."},
	{.name = NULL},
};
#undef AT
/* clang-format on */
const struct schema list_state_schema = {.name = "state",
                                         .size = sizeof(struct list_state),
                                         .fields = state_fields,
                                         .help = "How a fetched list stands.",
                                         .place_offset = offsetof(struct list_state, place)};

#define NO_VERSION                          \
	{                                   \
		.fetched_us = SCHEMA_ABSENT \
	}
const struct list_state list_state_none = {.checked_us = SCHEMA_ABSENT,
                                           .tried_us = SCHEMA_ABSENT,
                                           .copy = NO_VERSION,
                                           .offer = NO_VERSION,
                                           .held = NO_VERSION};

/* A version that the file does not name reads with no number at all. */
static void settle_version(struct list_version *v)
{
	if (!v->sha256)
		*v = list_state_none.copy;
}

char *list_store_path(const char *folder, const char *id, enum list_file file)
{
	char *path = NULL;
	return asprintf(&path, "%s/%s.%s", folder, id, endings[file]) < 0 ? NULL : path;
}

int list_store_read(const char *folder, const char *id, enum list_file file, size_t size_max,
                    struct buffer *ret)
{
	cleanup(free) char *path = list_store_path(folder, id, file);
	struct stat st;
	if (!path)
		return -ENOMEM;
	cleanup(fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ERR_MISSING : errno == ELOOP ? ERR_DENIED : -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return ERR_DENIED;
	return file_read_open(fd, size_max, ret);
}

int list_store_write(const char *folder, const char *id, enum list_file file, struct view bytes)
{
	cleanup(free) char *path = list_store_path(folder, id, file);
	return path ? file_replace(path, bytes, FILE_MODE) : -ENOMEM;
}

int list_store_move(const char *folder, const char *id, enum list_file from, enum list_file to)
{
	cleanup(free) char *old = list_store_path(folder, id, from);
	cleanup(free) char *new = list_store_path(folder, id, to);
	if (!old || !new)
		return -ENOMEM;
	return rename(old, new) < 0 ? -errno : file_sync_folder_of(new);
}

int list_store_remove(const char *folder, const char *id, enum list_file file)
{
	cleanup(free) char *path = list_store_path(folder, id, file);
	if (!path)
		return -ENOMEM;
	return unlink(path) < 0 && errno != ENOENT ? -errno : OK;
}

int list_state_read(const char *folder, const char *id, struct arena *a, struct list_state *ret)
{
	struct buffer text = {0};
	struct problems problems = {0};
	int code = list_store_read(folder, id, LIST_FILE_STATE, STATE_SIZE_MAX, &text);
	if (code == OK)
		code = schema_read(&list_state_schema, id, buffer_view(&text), a, &problems, ret);
	else if (code == ERR_MISSING)
		*ret = list_state_none;
	if (code == OK) {
		settle_version(&ret->copy);
		settle_version(&ret->offer);
		settle_version(&ret->held);
	}
	problems_done(&problems);
	buffer_done(&text);
	return code == ERR_MISSING ? OK : code;
}

int list_state_write(const char *folder, const char *id, const struct list_state *s)
{
	struct buffer text = {0};
	schema_print(&list_state_schema, s, 0, &text);
	int code = text.failed ? -ENOMEM
	                       : list_store_write(folder, id, LIST_FILE_STATE, buffer_view(&text));
	buffer_done(&text);
	return code;
}

const char *list_sha256(struct view bytes, char text[static LIST_SHA256_SIZE])
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, bytes.bytes, bytes.size);
	return sodium_bin2hex(text, LIST_SHA256_SIZE, hash, sizeof(hash));
}
