#include "scan/sqlite_file.h"

#include <string.h>

#include "scan/sqlite_vfs.h"

enum { STEPS = 1000, MEMORY_MAX = 64 << 20 };

/* SQLite's own, which the wiping ones go on to. */
static sqlite3_mem_methods plain;
static bool is_wiping;

static void wipe_and_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, (size_t)plain.xSize(memory));
	plain.xFree(memory);
}

static void *wipe_and_move(void *memory, int size)
{
	int before = plain.xSize(memory);
	void *moved = plain.xMalloc(size);
	if (!moved)
		return NULL;
	memcpy(moved, memory, (size_t)(before < size ? before : size));
	wipe_and_free(memory);
	return moved;
}

/* Possible before its first use only; later it is refused, and nothing changes. */
static void make_it_wipe(void)
{
	if (is_wiping || sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain) != SQLITE_OK)
		return;
	sqlite3_mem_methods wiping = plain;
	wiping.xFree = wipe_and_free;
	wiping.xRealloc = wipe_and_move;
	is_wiping = sqlite3_config(SQLITE_CONFIG_MALLOC, &wiping) == SQLITE_OK;
}

bool sqlite_file_wipes(void)
{
	make_it_wipe();
	return is_wiping;
}

/* A hostile file must not keep SQLite busy for ever. */
static int count_steps(void *context)
{
	struct sqlite_file *f = context;
	f->steps += STEPS;
	return f->steps > SQLITE_FILE_STEPS_MAX;
}

/* Before anything is read: then a log is read without the shared memory beside it, which would be written. Nothing is
 * spilled into files, and nothing that is in the log is brought into the database. */
static int set_up(sqlite3 *db)
{
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, SQLITE_FILE_VALUE_MAX);
	return sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY", NULL,
	                    NULL, NULL);
}

int sqlite_file_open(int fd, int log, struct sqlite_file *ret)
{
	char name[SQLITE_VFS_NAME_MAX];
	sqlite3 *db = NULL;
	make_it_wipe();
	const char *vfs = sqlite_vfs_use();
	if (!vfs)
		return SQLITE_ERROR;
	(void)sqlite3_soft_heap_limit64(MEMORY_MAX);
	sqlite_vfs_name(fd, log, name);
	int code = sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, vfs);
	if (code == SQLITE_OK)
		code = set_up(db);
	if (code != SQLITE_OK) {
		sqlite3_close(db);
		return code;
	}
	*ret = (struct sqlite_file){.db = db};
	return OK;
}

void sqlite_file_close(struct sqlite_file *f)
{
	sqlite3_close(f->db);
	f->db = NULL;
}

int sqlite_file_each(struct sqlite_file *f, const char *sql, sqlite_file_on_row *on_row,
                     void *context)
{
	sqlite3_stmt *rows = NULL;
	int own = OK;
	sqlite3_progress_handler(f->db, STEPS, count_steps, f);
	int code = sqlite3_prepare_v2(f->db, sql, -1, &rows, NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(rows);
		if (code == SQLITE_ROW)
			own = on_row(context, rows);
		if (own < 0)
			break;
	}
	(void)sqlite3_finalize(rows);
	return own < 0 ? own : code == SQLITE_DONE ? OK : code;
}

const char *sqlite_file_problem(int code)
{
	return code < 0 ? err_text(code) : sqlite3_errstr(code);
}

struct view sqlite_file_value(sqlite3_stmt *row, int column)
{
	const void *bytes = sqlite3_column_blob(row, column);
	return view_of(bytes, bytes ? (size_t)sqlite3_column_bytes(row, column) : 0);
}
