#include "daemon/record_erase.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "daemon/log_line.h"
#include "record/submission.h"
#include "source/file.h"

enum { FILE_MODE = 0600, PATH_SIZE = 4200 };

static const char *path_of(const struct record_keys *keys, char path[static PATH_SIZE])
{
	(void)snprintf(path, PATH_SIZE, "%s/" ERASURE_FILE, keys->directory);
	return path;
}

struct search {
	const char *id;
	bool is_there;
};

static int compare_id(void *context, const struct store_row *row)
{
	struct search *s = context;
	struct entry e;
	struct arena a;
	arena_init(&a, 0);
	const char *id = entry_parse(row->entry, &e, NULL) == OK ? entry_text(&e, "id", &a) : NULL;
	s->is_there |= id && strcmp(id, s->id) == 0;
	arena_done(&a);
	return OK;
}

/* Without an index it is not known, and said twice rather than not at all: the id tells that it was one. */
static bool is_written(struct record_writer *w, const char *id)
{
	struct search s = {.id = id};
	struct store_query q = {.kind = entry_kinds[ENTRY_ERASE].name,
	                        .since_us = TIME_MIN,
	                        .until_us = TIME_MAX,
	                        .after_seq = -1};
	(void)!record_writer_query(w, &q, compare_id, &s);
	return s.is_there;
}

static int write_entry(struct record_writer *w, struct view entry, const char *id, int64_t now_us)
{
	if (is_written(w, id))
		return OK;
	struct buffer *out = record_writer_begin(w);
	buffer_add_view(out, entry);
	if (!record_writer_end(w, out->failed ? -ENOMEM : OK))
		return -ENOMEM;
	return record_writer_commit(w, now_us);
}

static int remove_line(const char *path)
{
	return unlink(path) < 0 ? -errno : file_sync_folder_of(path);
}

/* What a line asks for. */
struct erasure {
	struct buffer entry;
	struct arena arena;
	const char *period, *id;
};

static int read_line(struct view line, int64_t now_us, struct erasure *ret)
{
	struct entry e;
	*ret = (struct erasure){0};
	arena_init(&ret->arena, 0);
	int code = submission_next(&line, now_us, &ret->entry);
	if (code == OK)
		code = entry_parse(buffer_view(&ret->entry), &e, NULL);
	if (code < 0)
		return code;
	ret->period = entry_text(&e, "period", &ret->arena);
	ret->id = entry_text(&e, "id", &ret->arena);
	return ret->period && ret->id ? OK : -ENOMEM;
}

static void erasure_done(struct erasure *x)
{
	buffer_done(&x->entry);
	arena_done(&x->arena);
}

/* From where it stands to the end. */
static int finish(struct record_writer *w, const struct record_keys *keys, const struct erasure *x,
                  int64_t now_us)
{
	char path[PATH_SIZE];
	int code = pseudonym_erase(keys->keys, x->period);
	/* there was a key when this was begun: it is gone, by whatever hand */
	if (code == OK || code == ERR_MISSING)
		code = write_entry(w, buffer_view(&x->entry), x->id, now_us);
	if (code == OK)
		code = remove_line(path_of(keys, path));
	if (code == OK)
		log_line(LOG_LEVEL_NOTICE, "the key of pseudonyms of %s was erased, as asked",
		         x->period);
	return code;
}

/* Whether there is a file to be erased: one that is empty or damaged as well, as the entry is still to be written. */
static int look(const struct record_keys *keys, const char *period)
{
	struct pseudonym_key key = {0};
	int code = pseudonym_key_read(keys->directory, period, &key);
	pseudonym_key_done(&key);
	return code == ERR_DENIED || code == ERR_INVALID ? OK : code;
}

static int begin(struct record_writer *w, const struct record_keys *keys, struct view line,
                 const struct erasure *x, int64_t now_us)
{
	char path[PATH_SIZE];
	int code = look(keys, x->period);
	if (code == OK)
		code = file_replace(path_of(keys, path), line, FILE_MODE);
	return code < 0 ? code : finish(w, keys, x, now_us);
}

/* `ret_period` is the month of what was cut short; "" when nothing was. */
static int resume(struct record_writer *w, const struct record_keys *keys, int64_t now_us,
                  char ret_period[static PSEUDONYM_PERIOD_SIZE])
{
	char path[PATH_SIZE];
	struct buffer line = {0};
	struct erasure x = {0};
	ret_period[0] = '\0';
	int code = file_read(path_of(keys, path), ENTRY_SIZE_MAX, &line);
	if (code == -ENOENT)
		return OK;
	if (code == OK)
		code = read_line(buffer_view(&line), now_us, &x);
	if (code == OK)
		code = finish(w, keys, &x, now_us);
	if (code == OK)
		memcpy(ret_period, x.period, PSEUDONYM_PERIOD_SIZE);
	else
		log_line(LOG_LEVEL_ERROR,
		         "cannot end the erasure of a key of pseudonyms that %s tells of: %s", path,
		         err_text(code));
	erasure_done(&x);
	buffer_done(&line);
	return code;
}

int record_erase(struct record_writer *w, const struct record_keys *keys, struct view line,
                 int64_t now_us)
{
	char ended[PSEUDONYM_PERIOD_SIZE];
	struct erasure x = {0};
	int code = resume(w, keys, now_us, ended);
	if (code == OK)
		code = read_line(line, now_us, &x);
	/* asked for again after it was cut short: one erasure, one entry */
	if (code == OK && strcmp(ended, x.period) != 0)
		code = begin(w, keys, line, &x, now_us);
	erasure_done(&x);
	return code;
}

void record_erase_resume(struct record_writer *w, const struct record_keys *keys, int64_t now_us)
{
	char ended[PSEUDONYM_PERIOD_SIZE];
	int code = resume(w, keys, now_us, ended);
	(void)code; /* was logged */
}
