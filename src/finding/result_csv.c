#include <string.h>

#include "finding/result.h"

/* RFC 4180 s2: quoted, quotes doubled. What begins like a formula would be run by a spreadsheet. */
static void cell(struct buffer *out, struct view v)
{
	buffer_add_text(out, out->size && out->bytes[out->size - 1] != '\n' ? ",\"" : "\"");
	if (v.size && strchr("=+-@\t\r", v.bytes[0]) && v.bytes[0])
		buffer_add_text(out, "'");
	for (const uint8_t *quote; v.size && (quote = memchr(v.bytes, '"', v.size));) {
		size_t size = (size_t)(quote - v.bytes) + 1;
		buffer_add(out, v.bytes, size);
		buffer_add_text(out, "\"");
		v = view_skip(v, size);
	}
	buffer_add_view(out, v);
	buffer_add_text(out, "\"");
}

static void text_cell(struct buffer *out, const char *text)
{
	cell(out, view_text(text));
}

static void number_cell(struct buffer *out, uint64_t number)
{
	buffer_printf(out, ",%llu", (unsigned long long)number);
}

static void time_cell(struct buffer *out, int64_t at_us)
{
	char text[TIMESTAMP_TEXT_SIZE];
	text_cell(out, at_us == TIME_MIN ? "" : timestamp_print(at_us, text));
}

static const char titles[] =
	"product,facets,identifier,proves,verdict,reason,subject,unit,what,destination,"
	"country,network,first,last,count,bytes_up,bytes_down,source,at,where\r\n";

static void write_finding(const struct result *r, const struct finding *f, struct buffer *out)
{
	const struct policy *p = findings_policy(r->findings);
	const struct image_identifier *i = policy_identifier(p, f->identifier);
	char subject[SUBJECT_TEXT_SIZE], address[ADDRESS_TEXT_SIZE], facets[RESULT_FACETS_SIZE];
	text_cell(out, policy_text(p, policy_product(p, i->product)->id));
	text_cell(out, result_facets(p, f->identifier, " ", facets));
	text_cell(out, policy_text(p, i->id));
	text_cell(out, finding_strength_names[finding_strength_of(p, f->identifier)]);
	text_cell(out, verdict_action_names[f->action]);
	text_cell(out, reason_name(f->reason));
	text_cell(out, subjects_name(r->subjects, f, subject));
	text_cell(out, result_unit(p, f));
	cell(out, f->what);
	text_cell(out, f->destination.size ? address_print(&f->destination, address) : "");
	struct result_destination where = result_destination(r, f);
	text_cell(out, where.country ? where.country : "");
	text_cell(out, where.network ? where.network : "");
	time_cell(out, f->first_us);
	time_cell(out, f->last_us);
	number_cell(out, f->count);
	number_cell(out, f->bytes_up);
	number_cell(out, f->bytes_down);
	cell(out, findings_source_at(r->findings, f->source)->name);
	number_cell(out, f->at);
	cell(out, f->where);
	buffer_add_text(out, "\r\n");
}

void result_write_csv(const struct result *r, struct buffer *out)
{
	buffer_add_text(out, titles);
	for (size_t i = 0; i < findings_count(r->findings); i++)
		write_finding(r, findings_at(r->findings, i), out);
}
