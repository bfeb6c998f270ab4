#include "cmd/model_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "scan/model_head.h"
#include "source/file.h"

enum { HEADER_READ_MAX = 32 << 20 };

struct reading {
	struct arena *arena;
	model_file_field *on_field;
	void *context;
	int error;
	bool has_any;
};

static void emit(struct reading *r, enum kind_group group, const char *prefix, struct view value)
{
	const char *text = arena_printf(r->arena, "%s" VIEW_FMT, prefix, VIEW_ARG(value));
	if (r->error < 0 || value.size == 0)
		return;
	r->has_any = true;
	r->error = text ? r->on_field(r->context, group, text) : ERR_LIMIT;
}

static int on_head_field(void *context, const char *kind, struct view value)
{
	struct reading *r = context;
	char prefix[64];
	bool is_model = strcmp(kind, "model") == 0;
	(void)snprintf(prefix, sizeof(prefix), "%s%s", is_model ? "" : kind, is_model ? "" : "=");
	emit(r, is_model ? GROUP_MODEL : GROUP_FILE, prefix, value);
	return r->error;
}

static int read_head(const char *path, uint8_t *bytes, size_t room, size_t *ret_size)
{
	cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t filled = fd < 0 ? -errno : file_fill(fd, bytes, room);
	if (filled < 0)
		return (int)filled;
	*ret_size = (size_t)filled;
	return OK;
}

int model_file_read(const char *path, struct arena *a, model_file_field *on_field, void *context,
                    const char **ret_problem)
{
	struct reading reading = {.arena = a, .on_field = on_field, .context = context};
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
	*ret_problem = "expected a GGUF or safetensors file, or a config.json";
	r = model_head_read(head, on_head_field, &reading);
	if (r == ERR_INVALID || (r == ERR_MALFORMED && !reading.has_any))
		return ERR_INVALID;
	return reading.error;
}
