#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/evidence_submit.h"
#include "cmd/findings.h"
#include "cmd/findings_record.h"
#include "cmd/open_catalogue.h"
#include "cmd/open_policy.h"
#include "daemon/exit_status.h"
#include "finding/evidence.h"
#include "policy/vocabulary.h"
#include "record/canonical.h"

#define OPTION_REASON                                                     \
	{                                                                 \
		"--reason", "TEXT", "Why; it goes into the evidence log." \
	}

const struct option findings_assign_options[] = {OPTION_REASON, OPTION_CONFIG, {0}};
const struct option findings_accept_options[] = {
	{"--exemption", "EXEMPTION", "The exemption that permits it."},
	OPTION_REASON,
	OPTION_CONFIG,
	OPTION_ORGANISATION,
	OPTION_CATALOGUE,
	{0}};
const struct option findings_remove_options[] = {OPTION_REASON, OPTION_CONFIG, {0}};
const struct option findings_close_options[] = {
	{"--run", "RUN", "The later run that did not find it, as `writ audit --record` named it."},
	OPTION_REASON,
	OPTION_CONFIG,
	{0}};

const char findings_assign_text[] =
	"Says who takes care of it; an empty name: nobody. The state stays.";
const char findings_accept_text[] =
	"The exemption must be one of the organisation's for that product, and for a facet of what was found, that has not "
	"ended. Who, why and under which exemption become an entry of the evidence log.";
const char findings_remove_text[] =
	"Says that it was removed. That is a claim: a later run over the same kind of source proves it (gone) or finds it "
	"again (open).";
const char findings_close_text[] =
	"Says that it is gone. The run must be complete, later than the last that found it, and not have found it. Runs "
	"over sources in the same folder close findings by themselves; this is for sources that lie elsewhere.";

/* Fills in what is special to one command; returns an exit status. */
typedef int fill_fn(const struct args *a, struct evidence *e, const struct finding_state *f,
                    struct evidence_change *change);

static int refuse(const struct args *a, const char *sentence)
{
	fprintf(stderr, "writ %s: %s\n", a->command->name, sentence);
	return EXIT_STATUS_USAGE;
}

static int find(const struct args *a, const struct states *states, const struct finding_state **ret)
{
	*ret = states_find(states, a->rest[0]);
	if (!*ret)
		return refuse(a, "no finding, or more than one, has an id that begins so");
	if ((*ret)->status == FINDING_FORGOTTEN)
		return refuse(a, "it is forgotten: the key of its month was erased, and what is "
		                 "still there is found anew, as another finding");
	return EXIT_STATUS_OK;
}

static int change(const struct command *c, int argc, char **argv, fill_fn *fill)
{
	struct args a;
	struct evidence e = {0};
	cleanup(states) struct states *states = NULL;
	const struct finding_state *f = NULL;
	struct buffer lines = {0};
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	const char *reason = args_value(&a, "--reason");
	if (!reason || !view_trim(view_text(reason)).size)
		return command_usage(c, "it needs --reason, which goes into the evidence log",
		                     NULL);
	r = evidence_open(&a, &e);
	if (r == EXIT_STATUS_OK)
		r = evidence_index(&e);
	if (r == EXIT_STATUS_OK)
		r = findings_states(&e, &states);
	if (r == EXIT_STATUS_OK)
		r = find(&a, states, &f);
	if (r == EXIT_STATUS_OK) {
		struct evidence_change made = {.finding = f->id,
		                               .actor = evidence_actor(&e.arena),
		                               .reason = reason,
		                               .status = f->status};
		r = fill(&a, &e, f, &made);
		evidence_write_change(&made, &lines);
		if (r == EXIT_STATUS_OK)
			r = evidence_submit(&e, buffer_view(&lines));
		if (r == EXIT_STATUS_OK)
			printf("%s is %s\n", made.finding, finding_status_names[made.status]);
	}
	buffer_done(&lines);
	evidence_close(&e);
	return r;
}

static int fill_assign(const struct args *a, struct evidence *e, const struct finding_state *f,
                       struct evidence_change *change)
{
	(void)e;
	(void)f;
	change->assignee = a->rest[1];
	return EXIT_STATUS_OK;
}

static const struct image_exemption *find_exemption(const struct policy *p, const char *id)
{
	for (uint32_t i = 0; i < p->exemption_count; i++) {
		const struct image_exemption *x = policy_exemption(p, i);
		if (strcmp(policy_text(p, x->id), id) == 0)
			return x;
	}
	return NULL;
}

/* "web app" -> their bits */
static uint32_t facets_of(const char *names)
{
	struct view rest = view_text(names);
	uint32_t facets = 0;
	while (rest.size) {
		struct view name = view_split(&rest, ' ');
		for (unsigned i = 0; i < FACET_COUNT; i++)
			facets |= view_is(name, facet_names[i]) ? 1u << i : 0;
	}
	return facets;
}

static int check_exemption(const struct args *a, const struct policy *p, const char *id,
                           const struct finding_state *f)
{
	const struct image_exemption *x = find_exemption(p, id);
	if (!x)
		return refuse(a, "the organisation has no exemption of that id");
	const struct image_product *product = policy_product(p, x->product);
	if (product && strcmp(policy_text(p, product->id), f->product) != 0)
		return refuse(a, "that exemption is for another product");
	if (!(x->facets & facets_of(f->facets)))
		return refuse(a, "that exemption is for other facets of the product");
	if (x->not_after_us <= clock_now_us())
		return refuse(a, "that exemption has ended");
	return EXIT_STATUS_OK;
}

static int fill_accept(const struct args *a, struct evidence *e, const struct finding_state *f,
                       struct evidence_change *change)
{
	struct opened_policy opened;
	(void)e;
	change->exemption = args_value(a, "--exemption");
	change->status = FINDING_ACCEPTED;
	if (!change->exemption)
		return refuse(a, "it needs --exemption: use is accepted only under one");
	int r = compile_policy(a, &opened);
	if (r)
		return r;
	r = check_exemption(a, &opened.policy, change->exemption, f);
	close_policy(&opened);
	return r;
}

static int fill_remove(const struct args *a, struct evidence *e, const struct finding_state *f,
                       struct evidence_change *change)
{
	(void)e;
	change->status = FINDING_REMOVED;
	return f->status == FINDING_GONE ? refuse(a, "it is gone already") : EXIT_STATUS_OK;
}

/* The first entry of a run, and whether its finding is in it. */
struct looking {
	const char *run;
	bool is_there, is_complete;
	uint64_t entry;
};

static int look(void *context, const struct store_row *row)
{
	struct looking *l = context;
	struct entry e;
	struct arena a;
	int code = entry_parse(row->entry, &e, NULL);
	if (code < 0)
		return code;
	arena_init(&a, 0);
	const char *run = entry_text(&e, "run", &a);
	if (!l->is_there && run && strcmp(run, l->run) == 0) {
		struct view complete;
		l->is_there = true;
		l->entry = row->seq;
		l->is_complete = canonical_find(e.data, "is_complete", &complete) &&
		                 view_is(complete, "true");
	}
	arena_done(&a);
	return OK;
}

static int fill_close(const struct args *a, struct evidence *e, const struct finding_state *f,
                      struct evidence_change *change)
{
	struct looking l = {.run = args_value(a, "--run")};
	struct store_query q = {
		.kind = "audit", .since_us = f->since_us, .until_us = TIME_MAX, .after_seq = -1};
	change->run = l.run;
	change->status = FINDING_GONE;
	if (!l.run)
		return refuse(a, "it needs --run: a later run proves that it is gone");
	int code = index_query_all(e->index, &q, look, &l);
	if (code < 0)
		return evidence_fail("read the runs of the evidence log", code);
	if (!l.is_there)
		return refuse(a, "the evidence log has no such run since it was found");
	if (!l.is_complete)
		return refuse(a, "that run could not read everything, and proves nothing");
	if (strcmp(f->run, l.run) == 0)
		return refuse(a, "that run found it");
	if (l.entry < f->found_entry)
		return refuse(a, "a later run than that found it");
	return EXIT_STATUS_OK;
}

int cmd_findings_assign(const struct command *c, int argc, char **argv)
{
	return change(c, argc, argv, fill_assign);
}

int cmd_findings_accept(const struct command *c, int argc, char **argv)
{
	return change(c, argc, argv, fill_accept);
}

int cmd_findings_remove(const struct command *c, int argc, char **argv)
{
	return change(c, argc, argv, fill_remove);
}

int cmd_findings_close(const struct command *c, int argc, char **argv)
{
	return change(c, argc, argv, fill_close);
}
