#include "finding/evidence.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "finding/nameless.h"
#include "record/event.h"

/* A run whose entry would grow beyond this goes on in another. */
enum { ENTRY_FULL = 40000, NAME_MAX_SHOWN = 4096 };

static struct json_writer begin(struct buffer *out, const char *kind)
{
	buffer_printf(out, "%s ", kind);
	return (struct json_writer){.out = out, .canonical = true};
}

static int64_t number(uint64_t n)
{
	return n > (uint64_t)EVENT_SUM_MAX ? EVENT_SUM_MAX : (int64_t)n;
}

static void write_source(const struct findings_source *s, struct json_writer *j)
{
	char hex[sizeof(s->sha256) * 2 + 1];
	struct view name = s->name;
	if (name.size > NAME_MAX_SHOWN)
		name.size = NAME_MAX_SHOWN;
	json_object_begin(j, NULL);
	json_int(j, "bytes", number(s->bytes));
	json_time(j, "first", s->first_us);
	json_optional(j, "format", s->format);
	json_int(j, "items", number(s->items));
	json_time(j, "last", s->last_us);
	json_view(j, "name", name);
	json_int(j, "not_understood", number(s->not_understood));
	json_optional(j, "problem", s->problem);
	if (s->has_sha256)
		json_text(j, "sha256",
		          sodium_bin2hex(hex, sizeof(hex), s->sha256, sizeof(s->sha256)));
	else
		json_no_value(j, "sha256");
	json_object_end(j);
}

/* One entry, with as many sources from `first` on as it holds. Returns the source after them. */
static size_t write_run_part(const struct evidence_submission *s, size_t first, int64_t part,
                             struct buffer *out)
{
	const struct findings *f = s->result->findings;
	size_t i = first, at = out->size;
	char version[POLICY_VERSION_TEXT_SIZE];
	struct json_writer j = begin(out, "audit");
	json_object_begin(&j, NULL);
	json_text(&j, "actor", s->actor);
	json_int(&j, "dropped", number(findings_dropped(f)));
	json_int(&j, "findings", number(findings_count(f)));
	json_bool(&j, "is_complete", result_is_complete(s->result));
	json_bool(&j, "is_nil", findings_count(f) == 0);
	json_text(&j, "method", s->result->method);
	json_int(&j, "part", part);
	json_text(&j, "policy", policy_version_print(policy_version(findings_policy(f)), version));
	json_text(&j, "run", s->run);
	json_int(&j, "source_count", number(findings_source_count(f)));
	json_array_begin(&j, "sources");
	while (i < findings_source_count(f) && out->size - at < ENTRY_FULL)
		write_source(findings_source_at(f, i++), &j);
	json_array_end(&j);
	json_object_end(&j);
	buffer_add_text(out, "\n");
	return i;
}

static void write_run(const struct evidence_submission *s, struct buffer *out)
{
	size_t at = 0, count = findings_source_count(s->result->findings);
	int64_t part = 1;
	do
		at = write_run_part(s, at, part++, out);
	while (at < count && !out->failed);
}

static void make_id(const struct evidence_submission *s, const struct finding *f,
                    const struct subjects *key, char id[static PSEUDONYM_TEXT_SIZE])
{
	const struct policy *p = findings_policy(s->result->findings);
	const struct image_identifier *i = policy_identifier(p, f->identifier);
	char subject[SUBJECT_TEXT_SIZE];
	char text[SUBJECT_TEXT_SIZE + 2 * FINDING_PATH_MAX + FINDING_TEXT_MAX + 512];
	/* a file says something with its machine only, which the source names */
	struct view machine = f->where.size
	                              ? findings_source_at(s->result->findings, f->source)->name
	                              : (struct view){0};
	int size = snprintf(
		text, sizeof(text), "finding\n%s\n%s\n%s\n%s\n" VIEW_FMT VIEW_FMT "%s" VIEW_FMT,
		policy_text(p, policy_product(p, i->product)->id), policy_text(p, i->id),
		subjects_name(key, f, subject), result_unit(p, f), VIEW_ARG(f->where),
		VIEW_ARG(machine), f->item.size ? "\n" : "", VIEW_ARG(f->item));
	if (size >= (int)sizeof(text))
		size = (int)sizeof(text) - 1;
	(void)pseudonym_make(&key->key, view_of(text, (size_t)size), id);
	id[FINDING_ID_SIZE - 1] = '\0';
}

/* What a finding is in the log: as what it has it already, or NULL; under which key, or NULL where that is erased and it
 * names nobody. */
struct recognised {
	const struct finding_state *known;
	const struct subjects *key;
	char id[PSEUDONYM_TEXT_SIZE];
};

static void recognise(const struct evidence_submission *s, const struct nameless *nameless,
                      const struct finding *f, struct recognised *ret)
{
	for (size_t i = 0; i < s->key_count; i++) {
		ret->key = &s->keys[i];
		make_id(s, f, ret->key, ret->id);
		ret->known = states_get(s->states, ret->id);
		if (ret->known)
			return;
	}
	ret->known = nameless_find(nameless, s->result->findings, f);
	ret->key = ret->known ? NULL : &s->keys[0];
	if (ret->known)
		(void)snprintf(ret->id, sizeof(ret->id), "%s", ret->known->id);
	else
		make_id(s, f, ret->key, ret->id);
}

static void write_finding(const struct evidence_submission *s, const struct finding *f,
                          const struct recognised *as, struct buffer *out)
{
	const struct findings *all = s->result->findings;
	const struct policy *p = findings_policy(all);
	const struct image_identifier *i = policy_identifier(p, f->identifier);
	const struct findings_source *source = findings_source_at(all, f->source);
	enum finding_status status = as->known && as->known->status == FINDING_ACCEPTED
	                                     ? FINDING_ACCEPTED
	                                     : FINDING_OPEN;
	char facets[RESULT_FACETS_SIZE], subject[SUBJECT_TEXT_SIZE] = "";
	struct result_destination destination = result_destination(s->result, f);
	struct json_writer j = begin(out, "finding");
	json_object_begin(&j, NULL);
	json_text(&j, "actor", s->actor);
	json_int(&j, "at", number(f->at));
	json_int(&j, "bytes_down", number(f->bytes_down));
	json_int(&j, "bytes_up", number(f->bytes_up));
	json_text(&j, "confidence", confidence_names[i->confidence]);
	json_int(&j, "count", number(f->count));
	json_text(&j, "country", destination.country);
	json_text(&j, "facets", result_facets(p, f->identifier, " ", facets));
	json_text(&j, "finding", as->id);
	json_time(&j, "first", f->first_us);
	json_optional(&j, "format", source->format);
	json_text(&j, "identifier", policy_text(p, i->id));
	json_optional(&j, "item", f->item);
	json_time(&j, "last", f->last_us);
	json_text(&j, "network", destination.network);
	json_text(&j, "period", as->key ? as->key->period : as->known->period);
	json_text(&j, "product", policy_text(p, policy_product(p, i->product)->id));
	json_text(&j, "proves", finding_strength_names[finding_strength_of(p, f)]);
	json_text(&j, "run", s->run);
	json_view(&j, "source", source->name);
	json_text(&j, "state", finding_status_names[status]);
	if (as->key)
		(void)subjects_name(as->key, f, subject);
	json_optional(&j, "subject", view_text(subject));
	json_optional(&j, "unit", view_text(result_unit(p, f)));
	json_text(&j, "verdict", verdict_action_names[f->action]);
	json_text(&j, "verdict_reason", reason_name(f->reason));
	json_optional(&j, "what", f->what);
	json_optional(&j, "where", f->where);
	json_object_end(&j);
	buffer_add_text(out, "\n");
}

void evidence_write_change(const struct evidence_change *c, struct buffer *out)
{
	struct json_writer j = begin(out, "finding");
	json_object_begin(&j, NULL);
	json_text(&j, "actor", c->actor);
	if (c->assignee)
		json_text(&j, "assignee", c->assignee);
	if (c->exemption)
		json_text(&j, "exemption", c->exemption);
	json_text(&j, "finding", c->finding);
	json_text(&j, "reason", c->reason);
	if (c->run)
		json_text(&j, "run", c->run);
	json_text(&j, "state", finding_status_names[c->status]);
	json_object_end(&j);
	buffer_add_text(out, "\n");
}

static struct view folder_of(struct view path)
{
	const uint8_t *slash = path.size ? memrchr(path.bytes, '/', path.size) : NULL;
	return view_of(path.bytes, slash ? (size_t)(slash - path.bytes) : 0);
}

/* Whether the name is of one file or machine: standard input has none, and one that does not begin at the root is
 * another file's in another folder. */
static bool is_place(const struct findings_source *s)
{
	return view_starts_with(s->name, view_text("/")) || view_is(s->format, "scan");
}

/* "squid gz" is of the kind "squid", and "mapping gateway xz" of "mapping gateway": what it was packed in is no other kind. */
static struct view kind_of(struct view format)
{
	struct view rest = format, word = view_split(&rest, ' ');
	if (view_is(word, "mapping"))
		(void)view_split(&rest, ' ');
	size_t size = format.size - rest.size;
	return view_of(format.bytes, rest.size && size ? size - 1 : size);
}

/* Logs of several kinds that follow each other: the next such source may lack the one that it was found in. */
static bool is_mixed(const struct findings_source *s)
{
	struct view kind = kind_of(s->format);
	return view_is(kind, "zeek") || view_is(kind, "zeek-json");
}

/* Whether that source would show the finding if there still were one: it begins after it was seen last, or, where
 * it says no times, is the same file or machine as it is now. */
static bool would_show(const struct findings_source *s, const struct finding_state *f)
{
	if (s->problem.size || s->not_understood || !is_place(s) || is_mixed(s) ||
	    !view_equal(kind_of(s->format), kind_of(view_text(f->format))))
		return false;
	if (s->first_us == TIME_MIN)
		return view_is(s->name, f->source);
	return f->last_us != TIME_MIN && s->first_us > f->last_us &&
	       view_equal(folder_of(s->name), folder_of(view_text(f->source)));
}

static bool is_gone(const struct evidence_submission *s, const struct finding_state *f)
{
	const struct findings *all = s->result->findings;
	if ((f->status != FINDING_OPEN && f->status != FINDING_REMOVED) || findings_dropped(all))
		return false;
	/* a finding whose key is erased, or not at hand, could be there and not be recognised */
	bool is_known = finding_state_is_nameless(f);
	for (size_t i = 0; i < s->key_count; i++)
		is_known |= strcmp(s->keys[i].period, f->period) == 0;
	bool shows = false;
	for (size_t i = 0; is_known && !shows && i < findings_source_count(all); i++)
		shows = would_show(findings_source_at(all, i), f);
	return shows;
}

static void write_gone(const struct evidence_submission *s, const bool *is_met,
                       struct evidence_counts *counts, struct buffer *out)
{
	for (size_t i = 0; i < states_count(s->states); i++) {
		const struct finding_state *f = states_at(s->states, i);
		if (is_met[i] || !is_gone(s, f))
			continue;
		struct evidence_change c = {
			.finding = f->id,
			.actor = s->actor,
			.reason = "a later run over the same kind of source did not find it",
			.run = s->run,
			.status = FINDING_GONE};
		evidence_write_change(&c, out);
		counts->gone++;
	}
}

int evidence_write(const struct evidence_submission *s, struct buffer *out,
                   struct evidence_counts *ret)
{
	const struct findings *all = s->result->findings;
	struct evidence_counts counts = {.found = findings_count(all)};
	struct nameless nameless = {0};
	bool *is_met = calloc(states_count(s->states) + 1, sizeof(*is_met));
	int code = is_met ? nameless_init(&nameless, s->states) : -ENOMEM;
	if (code == OK)
		write_run(s, out);
	for (size_t i = 0; code == OK && i < findings_count(all) && !out->failed; i++) {
		struct recognised as;
		recognise(s, &nameless, findings_at(all, i), &as);
		if (as.known)
			is_met[as.known - states_at(s->states, 0)] = true;
		counts.again += as.known != NULL;
		counts.is_new += !as.known;
		write_finding(s, findings_at(all, i), &as, out);
	}
	if (code == OK) {
		nameless_spread(&nameless, s->states, is_met);
		write_gone(s, is_met, &counts, out);
	}
	nameless_done(&nameless);
	free(is_met);
	if (code < 0 || out->failed)
		return -ENOMEM;
	*ret = counts;
	return OK;
}
