#include "cmd/findings_record.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/plural.h"
#include "cmd/evidence_submit.h"
#include "cmd/result_places.h"
#include "daemon/exit_status.h"
#include "finding/evidence.h"

static int fold(void *states, const struct store_row *row)
{
	struct entry e;
	int code = entry_parse(row->entry, &e, NULL);
	if (code < 0)
		return code;
	return e.kind == ENTRY_ERASE ? states_erase(states, row->seq, &e)
	                             : states_add(states, row->seq, &e);
}

static int fold_all(struct evidence *e, enum entry_kind kind, struct states *states)
{
	struct store_query q = {.kind = entry_kinds[kind].name,
	                        .since_us = TIME_MIN,
	                        .until_us = TIME_MAX,
	                        .after_seq = -1};
	return index_query_all(e->index, &q, fold, states);
}

int findings_states(struct evidence *e, struct states **ret)
{
	struct states *states = NULL;
	int code = states_new(&states);
	if (code == OK)
		code = fold_all(e, ENTRY_FINDING, states);
	if (code == OK)
		code = fold_all(e, ENTRY_ERASE, states);
	if (code < 0) {
		states_free(states);
		return evidence_fail("read the findings of the evidence log", code);
	}
	*ret = states;
	return EXIT_STATUS_OK;
}

/* The key of this month, made when there is none yet. */
static int open_key(const char *folder, int64_t now_us, struct subjects *ret)
{
	char period[PSEUDONYM_PERIOD_SIZE], text[PSEUDONYM_TEXT_SIZE];
	struct pseudonym_keys keys;
	int code = evidence_become_owner(folder);
	if (code == OK)
		code = pseudonym_keys_open(folder, &keys);
	if (code == OK) {
		code = pseudonym_of(&keys, now_us, view_text(""), text);
		pseudonym_keys_done(&keys);
	}
	evidence_become_oneself();
	if (code == OK)
		code = subjects_open(ret, folder, pseudonym_period(now_us, period));
	return code;
}

static bool has_period(const struct subjects *keys, size_t count, const char *period)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].period, period) == 0)
			return true;
	}
	return false;
}

/* This month's, then those of the months in which findings were first recorded, the newest first. */
static int open_keys(const char *folder, int64_t now_us, const struct states *states,
                     struct subjects *keys, size_t *count)
{
	int code = open_key(folder, now_us, &keys[0]);
	*count = code == OK;
	for (size_t i = states_count(states); code == OK && i > 0; i--) {
		const char *period = states_at(states, i - 1)->period;
		if (*count < EVIDENCE_KEYS_MAX && !has_period(keys, *count, period) &&
		    subjects_open(&keys[*count], folder, period) == OK)
			(*count)++;
	}
	return code;
}

static int write_result(struct evidence *e, const struct result *r, const struct states *states)
{
	struct subjects keys[EVIDENCE_KEYS_MAX];
	struct evidence_submission s = {
		.result = r, .states = states, .keys = keys, .actor = evidence_actor(&e->arena)};
	struct evidence_counts counts;
	struct buffer lines = {0};
	const char *folder = options_subjects_directory(&e->options, &e->arena);
	evidence_make_id(s.run);
	int code = folder && s.actor ? open_keys(folder, r->at_us, states, keys, &s.key_count)
	                             : -ENOMEM;
	if (code == OK)
		code = evidence_write(&s, &lines, &counts);
	for (size_t i = 0; i < s.key_count; i++)
		subjects_done(&keys[i]);
	int status = code < 0 ? evidence_fail("name subjects by pseudonyms", code)
	                      : evidence_submit(e, buffer_view(&lines));
	buffer_done(&lines);
	if (status == EXIT_STATUS_OK)
		fprintf(stderr,
		        "recorded as run %s: %zu finding%s, %zu of them new, %zu known; %zu gone\n",
		        s.run, counts.found, plural_s(counts.found), counts.is_new, counts.again,
		        counts.gone);
	return status;
}

int findings_record_check(const struct args *a)
{
	struct evidence e;
	int status = args_has(a, "--record") ? evidence_open(a, &e) : EXIT_STATUS_OK;
	if (status == EXIT_STATUS_OK && args_has(a, "--record"))
		evidence_close(&e);
	return status;
}

/* The path from the root on, without links where it is still there. False for what has none: standard input, and what a
 * scan calls its parts. */
static bool path_of(const struct findings_source *s, char path[static PATH_MAX])
{
	char given[PATH_MAX], folder[PATH_MAX];
	int size = snprintf(given, sizeof(given), VIEW_FMT, VIEW_ARG(s->name));
	if (size >= (int)sizeof(given) || view_is(s->format, "scan") || strcmp(given, "-") == 0)
		return false;
	if (realpath(given, path))
		return true;
	if (given[0] == '/' || !getcwd(folder, sizeof(folder)))
		return false;
	return snprintf(path, PATH_MAX, "%s/%s", folder, given) < PATH_MAX;
}

/* In the log a name is the same file's whoever gives it, wherever that is done: by it later runs prove what is gone. */
static int name_sources(struct findings *f)
{
	char path[PATH_MAX];
	int code = OK;
	for (size_t i = 0; code == OK && i < findings_source_count(f); i++) {
		struct findings_source s = *findings_source_at(f, i);
		if (!path_of(&s, path))
			continue;
		s.name = view_text(path);
		code = findings_set_source(f, (uint32_t)i, &s);
	}
	return code < 0 ? evidence_fail("name the sources", code) : EXIT_STATUS_OK;
}

int findings_record(const struct args *a, const char *method, struct findings *f)
{
	struct evidence e;
	cleanup(states) struct states *states = NULL;
	struct result_places places;
	struct result r = {.method = method, .at_us = clock_now_us(), .findings = f};
	int status = evidence_open(a, &e);
	if (status)
		return status;
	result_places_open(&places, &e.options.packet.places);
	result_places_use(&places, &r);
	status = evidence_index(&e);
	if (status == EXIT_STATUS_OK)
		status = findings_states(&e, &states);
	if (status == EXIT_STATUS_OK)
		status = name_sources(f);
	if (status == EXIT_STATUS_OK)
		status = write_result(&e, &r, states);
	result_places_close(&places);
	evidence_close(&e);
	return status;
}
