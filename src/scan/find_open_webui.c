/* Open WebUI keeps in its database where its models come from: base URLs, ids, and what a model of its own is made of.
 * Conversations, people and files are not looked at. */
#include "scan/find.h"
#include "scan/find_database.h"
#include "scan/meet.h"
#include "scan/scan_private.h"
#include "scan/text.h"

struct reading {
	struct scan *scan;
	struct scan_file *file;
	bool is_told; /* a query was answered */
};

/* Settings as JSON: read as a configuration file is. */
static int on_settings(void *context, sqlite3_stmt *row)
{
	struct reading *r = context;
	struct scan_file f = *r->file;
	f.name = "config.json";
	f.has_no_lines = true;
	f.bytes = sqlite_file_value(row, 0);
	scan_text(r->scan, &f);
	return r->scan->error;
}

/* A model of its own is what it is based on; one without a base is a model that a server offers. */
static int on_model(void *context, sqlite3_stmt *row)
{
	struct reading *r = context;
	struct view id = sqlite_file_value(row, 0), base = sqlite_file_value(row, 1);
	(void)scan_meet_model(r->scan, r->file, base.size ? base : id, SCAN_MODEL_CERTAIN);
	return r->scan->error;
}

/* Since 2026 a row a setting, before that a row for all; neighbours stay neighbours, as an address and its key. */
static const struct {
	const char *sql;
	sqlite_file_on_row *on_row;
} queries[] = {
	{"SELECT '{' || group_concat('\"' || key || '\": ' || value, ', ') || '}' "
         "FROM (SELECT key, value FROM config ORDER BY key)",
         on_settings},
	{"SELECT data FROM config ORDER BY id DESC LIMIT 1", on_settings},
	{"SELECT id, base_model_id FROM model", on_model},
};

static void read_database(struct reading *r, struct find_database *d)
{
	int code = OK;
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries) && r->scan->error == OK; i++) {
		int own = sqlite_file_each(&d->file, queries[i].sql, queries[i].on_row, r);
		/* a version has one of the two forms of settings */
		r->is_told |= own == OK;
		if (own > 0 && own != SQLITE_ERROR)
			code = own;
	}
	find_database_close(r->scan, r->file, d, code);
	if (code == OK && !r->is_told && r->scan->error == OK)
		scan_not_understood(r->scan, r->file, "no database of Open WebUI");
}

void find_open_webui(struct scan *s, struct scan_file *f)
{
	struct reading r = {s, f, false};
	struct find_database d;
	if (!sqlite_file_wipes())
		scan_unread(s, f->path, "it holds keys, and SQLite's memory cannot be wiped here");
	else if (find_database_open(s, f, &d))
		read_database(&r, &d);
}
