#include "cmd/result_table.h"

#include "base/plural.h"
#include "cmd/table.h"
#include "finding/result_diff.h"

enum { SOURCES_SHOWN_MAX = 40, WHAT_SHOWN_MAX = 60, GONE_SHOWN_MAX = 100 };

/* A text of a source's may have bytes of value 0. */
static void copy_text(struct view v, char *to)
{
	for (size_t i = 0; i < v.size; i++)
		to[i] = (char)(v.bytes[i] ? v.bytes[i] : '?');
	to[v.size] = '\0';
}

static void add_view(struct table *t, struct view v)
{
	char text[WHAT_SHOWN_MAX + 4];
	size_t size = v.size < WHAT_SHOWN_MAX ? v.size : WHAT_SHOWN_MAX;
	copy_text(view_of(v.bytes, size), text);
	(void)snprintf(text + size, 4, "%s", v.size > size ? "..." : "");
	table_add(t, text);
}

static void add_time(struct table *t, int64_t at_us)
{
	char text[TIMESTAMP_TEXT_SIZE];
	(void)timestamp_print(at_us, text);
	if (at_us != TIME_MIN) {
		text[19] = 'Z';
		text[20] = '\0';
	}
	table_add(t, text);
}

static void add_sum(struct table *t, uint64_t sum)
{
	if (sum)
		table_printf(t, "%llu", (unsigned long long)sum);
	else
		table_add(t, NULL);
}

static void add_proof(struct table *t, struct view where, uint64_t at)
{
	char text[FINDING_PATH_MAX + 32];
	size_t size = where.size < FINDING_PATH_MAX ? where.size : FINDING_PATH_MAX;
	copy_text(view_of(where.bytes, size), text);
	if (at)
		(void)snprintf(text + size, sizeof(text) - size, ":%llu", (unsigned long long)at);
	table_add(t, text);
}

static void add_finding(struct table *t, const struct result *r, size_t index)
{
	const struct policy *p = findings_policy(r->findings);
	const struct finding *f = findings_at(r->findings, index);
	const struct image_identifier *i = policy_identifier(p, f->identifier);
	const struct findings_source *s = findings_source_at(r->findings, f->source);
	char facets[RESULT_FACETS_SIZE], subject[SUBJECT_TEXT_SIZE];
	if (r->diff)
		table_add(t, result_change_names[r->diff->changes[index]]);
	table_add(t, policy_text(p, policy_product(p, i->product)->id));
	table_add(t, result_facets(p, f->identifier, ",", facets));
	table_add(t, finding_strength_names[finding_strength_of(p, f)]);
	subjects_name(r->subjects, f, subject);
	if (r->subjects->mode != SUBJECTS_PLAIN)
		subject[8] = '\0';
	add_view(t, view_text(subject));
	table_add(t, result_unit(p, f));
	add_time(t, f->first_us);
	add_time(t, f->last_us);
	table_printf(t, "%llu", (unsigned long long)f->count);
	add_sum(t, f->bytes_up);
	add_sum(t, f->bytes_down);
	if (r->locate) {
		struct result_destination where = result_destination(r, f);
		table_add(t, where.country);
		table_add(t, where.network);
	}
	add_view(t, f->what);
	add_proof(t, f->where.size ? f->where : s->name, f->at);
}

/* What is new and where destinations are has columns where it is known. */
static void print_findings(const struct result *r, FILE *out)
{
	static const char *const titles[] = {"CHANGE", "PRODUCT", "FACETS", "PROVES", "SUBJECT",
	                                     "UNIT",   "FIRST",   "LAST",   "COUNT",  "UP",
	                                     "DOWN",   "WHAT",    "PROOF",  NULL};
	static const char *const located[] = {
		"CHANGE", "PRODUCT", "FACETS", "PROVES",  "SUBJECT", "UNIT", "FIRST", "LAST",
		"COUNT",  "UP",      "DOWN",   "COUNTRY", "NETWORK", "WHAT", "PROOF", NULL};
	struct table t;
	if (findings_count(r->findings) == 0)
		return;
	table_init(&t, (r->locate ? located : titles) + (r->diff ? 0 : 1));
	for (size_t i = 0; i < findings_count(r->findings); i++)
		add_finding(&t, r, i);
	table_print(&t, out);
	fputc('\n', out);
}

static void print_gone(const struct result_diff *d, FILE *out)
{
	static const char *const titles[] = {"GONE", "FACETS", "IDENTIFIER", "SUBJECT",
	                                     "UNIT", "LAST",   "WHAT",       NULL};
	struct table t;
	if (d->gone_count == 0)
		return;
	table_init(&t, titles);
	for (size_t i = 0; i < d->gone_count && i < GONE_SHOWN_MAX; i++) {
		const struct result_gone *g = &d->gone[i];
		add_view(&t, view_text(g->product));
		add_view(&t, view_text(g->facets));
		add_view(&t, view_text(g->identifier));
		add_view(&t, view_text(g->subject));
		add_view(&t, view_text(g->unit));
		add_view(&t, view_text(g->last));
		add_view(&t, view_text(g->what));
	}
	table_print(&t, out);
	if (d->gone_count > GONE_SHOWN_MAX)
		fprintf(out, "and %zu more, see --json\n", d->gone_count - GONE_SHOWN_MAX);
	fputc('\n', out);
}

static bool has_news(const struct findings_source *s)
{
	return s->problem.size || s->not_understood;
}

static void add_source(struct table *t, const struct findings_source *s)
{
	table_printf(t, VIEW_FMT, VIEW_ARG(s->name));
	table_printf(t, VIEW_FMT, VIEW_ARG(s->format));
	table_printf(t, "%llu", (unsigned long long)s->items);
	table_printf(t, "%llu", (unsigned long long)s->not_understood);
	add_time(t, s->first_us);
	add_time(t, s->last_us);
	if (s->problem.size)
		table_printf(t, VIEW_FMT, VIEW_ARG(s->problem));
	else if (s->example.size)
		table_printf(t, "not understood, as: " VIEW_FMT, VIEW_ARG(s->example));
	else
		table_add(t, NULL);
}

static void print_sources(const struct result *r, FILE *out)
{
	static const char *const titles[] = {"SOURCE", "FORMAT", "ITEMS", "NOT UNDERSTOOD",
	                                     "FROM",   "UNTIL",  "NOTE",  NULL};
	struct table t;
	size_t count = findings_source_count(r->findings), shown = 0;
	table_init(&t, titles);
	for (size_t i = 0; i < count && shown < SOURCES_SHOWN_MAX; i++) {
		const struct findings_source *s = findings_source_at(r->findings, i);
		if (count > SOURCES_SHOWN_MAX && !has_news(s))
			continue;
		add_source(&t, s);
		shown++;
	}
	if (shown)
		table_print(&t, out);
	else
		table_drop(&t);
	if (shown < count)
		fprintf(out, "and %zu more source%s, see --json\n", count - shown,
		        plural_s(count - shown));
	fputc('\n', out);
}

struct totals {
	size_t read, unread;
	uint64_t bytes, items, not_understood;
	int64_t first_us, last_us;
};

static struct totals add_up(const struct findings *f)
{
	struct totals t = {.first_us = TIME_MAX, .last_us = TIME_MIN};
	for (size_t i = 0; i < findings_source_count(f); i++) {
		const struct findings_source *s = findings_source_at(f, i);
		t.read += !s->problem.size;
		t.unread += s->problem.size != 0;
		t.bytes += s->bytes;
		t.items += s->items;
		t.not_understood += s->not_understood;
		if (s->first_us != TIME_MIN && s->first_us < t.first_us)
			t.first_us = s->first_us;
		if (s->last_us > t.last_us)
			t.last_us = s->last_us;
	}
	return t;
}

static void print_span(const struct totals *t, FILE *out)
{
	char first[TIMESTAMP_TEXT_SIZE], last[TIMESTAMP_TEXT_SIZE];
	if (t->last_us != TIME_MIN)
		fprintf(out, ", from %s to %s", timestamp_print(t->first_us, first),
		        timestamp_print(t->last_us, last));
}

static void print_summary(const struct result *r, FILE *out)
{
	struct totals t = add_up(r->findings);
	size_t count = findings_count(r->findings), proofs = 0;
	for (size_t i = 0; i < count; i++)
		proofs += finding_strength_of(findings_policy(r->findings),
		                              findings_at(r->findings, i)) == FINDING_USE;
	if (count)
		fprintf(out, "%zu finding%s, %zu of which %s.\n", count, plural_s(count), proofs,
		        plural(proofs, "proves use by itself", "prove use by themselves"));
	else
		fprintf(out, "Nothing was found.\n");
	const char *items = r->more ? r->more->items : "lines or packets";
	const char *item = r->more ? r->more->item : "line or packet";
	fprintf(out, "%s read %zu source%s wholly: %llu %s in %llu byte%s", r->method, t.read,
	        plural_s(t.read), (unsigned long long)t.items, plural(t.items, item, items),
	        (unsigned long long)t.bytes, plural_s(t.bytes));
	print_span(&t, out);
	fprintf(out, ".\n");
	if (t.unread || t.not_understood)
		fprintf(out, "Not read, or not wholly: %zu. Of the %s not understood: %llu.\n",
		        t.unread, items, (unsigned long long)t.not_understood);
	if (findings_dropped(r->findings))
		fprintf(out, "There was no room for the findings of %llu sighting%s more.\n",
		        (unsigned long long)findings_dropped(r->findings),
		        plural_s(findings_dropped(r->findings)));
	if (r->diff)
		fprintf(out,
		        "Since the earlier result: %zu new, %zu still there, %zu not seen again.\n",
		        r->diff->new_count, r->diff->still_count, r->diff->gone_count);
}

void result_table_print(const struct result *r, FILE *out)
{
	print_findings(r, out);
	if (r->diff)
		print_gone(r->diff, out);
	print_sources(r, out);
	if (r->more && r->more->print)
		r->more->print(r->more->context, out);
	print_summary(r, out);
}
