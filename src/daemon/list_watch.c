#include "daemon/list_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "source/file.h"

struct folder {
	uv_fs_event_t event;
	struct list_watch *watch;
	struct folder *next;
	char *path;
};

struct list_watch {
	uv_timer_t quiet;
	uv_loop_t *loop;
	struct folder *folders;
	char **files;
	size_t count;
	const char *changed; /* one of files */
	list_watch_fn *tell;
	void *context;
};

static void on_quiet(uv_timer_t *timer)
{
	struct list_watch *w = timer->data;
	const char *file = w->changed;
	w->changed = NULL;
	if (!file || w->tell(w->context, file))
		return;
	w->changed = file;
	uv_timer_start(timer, on_quiet, LIST_WATCH_QUIET_MS, 0);
}

static const char *find_file(const struct list_watch *w, const char *folder, const char *name)
{
	for (size_t i = 0; i < w->count; i++) {
		const char *slash = strrchr(w->files[i], '/');
		size_t size = slash ? (size_t)(slash - w->files[i]) : 0;
		if (slash && strcmp(slash + 1, name) == 0 && strlen(folder) == size &&
		    memcmp(folder, w->files[i], size) == 0)
			return w->files[i];
	}
	return NULL;
}

static void on_event(uv_fs_event_t *event, const char *name, int kinds, int status)
{
	(void)kinds;
	const struct folder *f = event->data;
	struct list_watch *w = f->watch;
	const char *file = name && status == 0 ? find_file(w, f->path, name) : NULL;
	if (!file)
		return;
	w->changed = file;
	uv_timer_start(&w->quiet, on_quiet, LIST_WATCH_QUIET_MS, 0);
}

static void on_folder_closed(uv_handle_t *handle)
{
	struct folder *f = handle->data;
	free(f->path);
	free(f);
}

static void clear(struct list_watch *w)
{
	while (w->folders) {
		struct folder *f = w->folders;
		w->folders = f->next;
		uv_close((uv_handle_t *)&f->event, on_folder_closed);
	}
	for (size_t i = 0; i < w->count; i++)
		free(w->files[i]);
	free(w->files);
	w->files = NULL;
	w->count = 0;
	w->changed = NULL;
}

static int watch_folder(struct list_watch *w, char *path)
{
	for (const struct folder *f = w->folders; f; f = f->next) {
		if (strcmp(f->path, path) == 0) {
			free(path);
			return OK;
		}
	}
	struct folder *f = calloc(1, sizeof(*f));
	if (!f) {
		free(path);
		return -ENOMEM;
	}
	uv_fs_event_init(w->loop, &f->event);
	f->event.data = f;
	f->watch = w;
	f->path = path;
	f->next = w->folders;
	w->folders = f;
	return uv_fs_event_start(&f->event, on_event, path, 0);
}

int list_watch_new(uv_loop_t *loop, list_watch_fn *tell, void *context, struct list_watch **ret)
{
	struct list_watch *w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->loop = loop;
	w->tell = tell;
	w->context = context;
	uv_timer_init(loop, &w->quiet);
	w->quiet.data = w;
	*ret = w;
	return OK;
}

static bool is_same(const struct list_watch *w, const char *const *files, size_t count)
{
	bool same = w->count == count;
	for (size_t i = 0; same && i < count; i++)
		same = strcmp(w->files[i], files[i]) == 0;
	return same;
}

int list_watch_set(struct list_watch *w, const char *const *files, size_t count)
{
	/* what changes meanwhile is not missed */
	if (is_same(w, files, count))
		return OK;
	bool was_changed = w->changed != NULL;
	clear(w);
	w->files = calloc(count + 1, sizeof(*w->files));
	int worst = w->files ? OK : -ENOMEM;
	for (size_t i = 0; w->files && i < count; i++) {
		const char *slash = strrchr(files[i], '/');
		w->files[w->count] = strdup(files[i]);
		w->count += w->files[w->count] != NULL;
		char *folder = slash ? strndup(files[i], (size_t)(slash - files[i])) : NULL;
		int code = folder ? watch_folder(w, folder) : -ENOMEM;
		worst = code < 0 ? code : worst;
	}
	if (was_changed && w->count)
		w->changed = w->files[0];
	return worst;
}

static void on_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void list_watch_free(struct list_watch *w)
{
	if (!w)
		return;
	clear(w);
	uv_close((uv_handle_t *)&w->quiet, on_watch_closed);
}
