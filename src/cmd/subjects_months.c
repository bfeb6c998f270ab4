#include "cmd/subjects_months.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "cmd/findings_record.h"
#include "daemon/exit_status.h"

enum { MONTHS_MAX = 12 * 1000 };

static struct subjects_month *find(const struct subjects_months *m, const char *period)
{
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->rows[i].period, period) == 0)
			return &m->rows[i];
	}
	return NULL;
}

const struct subjects_month *subjects_months_find(const struct subjects_months *m,
                                                  const char *period)
{
	return find(m, period);
}

static int add(struct subjects_months *m, const char *period, struct subjects_month **ret)
{
	if (m->count == MONTHS_MAX)
		return ERR_LIMIT;
	struct subjects_month *rows = reallocarray(m->rows, m->count + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	m->rows = rows;
	*ret = &rows[m->count++];
	**ret = (struct subjects_month){.state = ERR_MISSING};
	memcpy((*ret)->period, period, PSEUDONYM_PERIOD_SIZE);
	return OK;
}

static int key_state(const char *directory, const char *period)
{
	struct pseudonym_key key = {0};
	int code = pseudonym_key_read(directory, period, &key);
	pseudonym_key_done(&key);
	return code;
}

static int read_keys(struct subjects_months *m)
{
	struct subjects_month *month;
	DIR *folder = opendir(m->directory);
	if (!folder)
		return errno == ENOENT ? OK : -errno;
	int code = OK;
	for (const struct dirent *d; code == OK && (d = readdir(folder));) {
		if (!pseudonym_period_is_valid(d->d_name))
			continue;
		code = add(m, d->d_name, &month);
		if (code == OK)
			month->state = key_state(m->directory, month->period);
	}
	closedir(folder);
	return code;
}

struct reading {
	struct subjects_months *months;
	struct arena *arena;
};

/* Of several the latest counts: it was there again, as from a backup. */
static int read_erasure(void *context, const struct store_row *row)
{
	struct reading *r = context;
	struct entry e;
	int code = entry_parse(row->entry, &e, NULL);
	const char *period = code == OK ? entry_text(&e, "period", r->arena) : NULL;
	if (!period || !pseudonym_period_is_valid(period))
		return code;
	struct subjects_month *month = find(r->months, period);
	code = month ? OK : add(r->months, period, &month);
	if (code < 0)
		return code;
	month->is_told = true;
	month->entry = row->seq;
	month->at_us = row->time_us;
	month->actor = entry_text(&e, "actor", r->arena);
	month->reason = entry_text(&e, "reason", r->arena);
	return r->arena->failed ? -ENOMEM : OK;
}

static int read_erasures(struct evidence *e, struct subjects_months *m)
{
	struct reading r = {.months = m, .arena = &e->arena};
	struct store_query q = {.kind = entry_kinds[ENTRY_ERASE].name,
	                        .since_us = TIME_MIN,
	                        .until_us = TIME_MAX,
	                        .after_seq = -1};
	return index_query_all(e->index, &q, read_erasure, &r);
}

static int count_findings(const struct states *states, struct subjects_months *m)
{
	for (size_t i = 0; i < states_count(states); i++) {
		const struct finding_state *f = states_at(states, i);
		if (f->status == FINDING_GONE || finding_state_is_nameless(f) ||
		    !pseudonym_period_is_valid(f->period))
			continue;
		struct subjects_month *month = find(m, f->period);
		int code = month ? OK : add(m, f->period, &month);
		if (code < 0)
			return code;
		month->findings++;
		month->forgotten += f->status == FINDING_FORGOTTEN;
	}
	return OK;
}

static int compare(const void *a, const void *b)
{
	const struct subjects_month *one = a, *other = b;
	return strcmp(one->period, other->period);
}

int subjects_months_read(struct evidence *e, struct subjects_months *ret)
{
	struct subjects_months m = {.directory =
	                                    options_subjects_directory(&e->options, &e->arena)};
	cleanup(states) struct states *states = NULL;
	int status = findings_states(e, &states);
	if (status)
		return status;
	int code = m.directory ? read_keys(&m) : -ENOMEM;
	if (code == OK)
		code = read_erasures(e, &m);
	if (code == OK)
		code = count_findings(states, &m);
	if (code < 0) {
		fprintf(stderr, "writ: cannot read of which months %s has keys: %s\n",
		        m.directory ? m.directory : "the evidence directory", err_text(code));
		subjects_months_done(&m);
		return (int)exit_status_of(code);
	}
	if (m.count)
		qsort(m.rows, m.count, sizeof(*m.rows), compare);
	*ret = m;
	return EXIT_STATUS_OK;
}

void subjects_months_done(struct subjects_months *m)
{
	free(m->rows);
	m->rows = NULL;
	m->count = 0;
}
