#include "cmd/model_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "wire/gguf.h"
#include "wire/safetensors.h"

enum { HEADER_READ_MAX = 32 << 20 };

struct reading {
	struct arena *arena;
	model_file_field *on_field;
	void *context;
	int error;
};

static void emit(struct reading *r, enum kind_group group, const char *prefix, struct view value)
{
	const char *text = arena_printf(r->arena, "%s" VIEW_FMT, prefix, VIEW_ARG(value));
	if (r->error < 0 || value.size == 0)
		return;
	r->error = text ? r->on_field(r->context, group, text) : ERR_LIMIT;
}

/* https://huggingface.co/ORG/NAME says which repository it came from. */
static void emit_repository(struct reading *r, struct view url)
{
	static const char host[] = "https://huggingface.co/";
	if (view_starts_with(url, view_text(host)))
		emit(r, GROUP_MODEL, "", view_skip(url, strlen(host)));
}

static void emit_gguf(struct reading *r, const struct gguf *g)
{
	emit(r, GROUP_FILE, "gguf-architecture=", g->values[GGUF_ARCHITECTURE]);
	emit(r, GROUP_FILE, "gguf-tokenizer=", g->values[GGUF_TOKENIZER_PRE]);
	emit(r, GROUP_FILE, "gguf-projector=", g->values[GGUF_PROJECTOR]);
	emit(r, GROUP_FILE, "chat-template=", g->values[GGUF_CHAT_TEMPLATE]);
	emit_repository(r, g->values[GGUF_REPO_URL]);
	emit_repository(r, g->values[GGUF_BASE_REPO_URL]);
}

static void read_safetensors(struct reading *r, struct safetensors *s)
{
	struct safetensors_item item;
	while (r->error == OK && safetensors_next(s, &item) > 0) {
		if (item.kind != SAFETENSORS_METADATA)
			continue;
		if (view_is(item.key, "modelspec.architecture") ||
		    view_is(item.key, "architecture"))
			emit(r, GROUP_FILE, "config-architecture=", item.value);
		else if (view_is(item.key, "model_type"))
			emit(r, GROUP_FILE, "config-model-type=", item.value);
		else if (view_is(item.key, "base_model") ||
		         view_is(item.key, "ss_base_model_version") ||
		         view_is(item.key, "_name_or_path") || view_is(item.key, "model_name"))
			emit(r, GROUP_MODEL, "", item.value);
		else if (view_is(item.key, "repo_url"))
			emit_repository(r, item.value);
	}
}

static int read_head(const char *path, uint8_t *bytes, size_t room, size_t *ret_size)
{
	size_t size = 0;
	cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	while (size < room) {
		ssize_t got = read(fd, bytes + size, room - size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		size += (size_t)got;
	}
	*ret_size = size;
	return OK;
}

int model_file_read(const char *path, struct arena *a, model_file_field *on_field, void *context,
                    const char **ret_problem)
{
	struct reading reading = {.arena = a, .on_field = on_field, .context = context};
	struct gguf gguf;
	struct safetensors tensors;
	size_t size = 0;
	cleanup(free) uint8_t *bytes = malloc(HEADER_READ_MAX);
	if (!bytes)
		return -ENOMEM;
	int r = read_head(path, bytes, HEADER_READ_MAX, &size);
	if (r < 0) {
		*ret_problem = err_text(r);
		return ERR_INVALID;
	}
	struct view head = view_of(bytes, size);
	r = gguf_parse(head, &gguf);
	*ret_problem = "expected a GGUF or safetensors file";
	if (r == OK || r == ERR_TRUNCATED || gguf.entries_read > 0)
		emit_gguf(&reading, &gguf);
	else if (safetensors_open(head, &tensors) == OK)
		read_safetensors(&reading, &tensors);
	else
		return ERR_INVALID;
	return reading.error;
}
