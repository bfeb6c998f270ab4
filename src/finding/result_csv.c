#include <string.h>

#include "finding/result.h"
#include "finding/result_diff.h"

/* RFC 4180 s2: quoted, quotes doubled. What begins like a formula would be run by a spreadsheet. Room is taken for the
 * most that it can be. */
static void cell(struct buffer *out, struct view v)
{
	bool is_first = out->size == 0 || out->bytes[out->size - 1] == '\n';
	uint8_t *at = buffer_space(out, 2 * v.size + sizeof(",\"'\"") - 1);
	if (!at)
		return;
	if (!is_first)
		*at++ = ',';
	*at++ = '"';
	if (v.size && v.bytes[0] && strchr("=+-@\t\r", v.bytes[0]))
		*at++ = '\'';
	for (size_t i = 0; i < v.size; i++) {
		*at++ = v.bytes[i];
		if (v.bytes[i] == '"')
			*at++ = '"';
	}
	*at++ = '"';
	out->size = (size_t)(at - out->bytes);
}

static void text_cell(struct buffer *out, const char *text)
{
	cell(out, view_text(text));
}

static void number_cell(struct buffer *out, uint64_t number)
{
	buffer_add(out, ",", 1);
	buffer_add_number(out, number);
}

static void time_cell(struct buffer *out, int64_t at_us)
{
	char text[TIMESTAMP_TEXT_SIZE];
	text_cell(out, at_us == TIME_MIN ? "" : timestamp_print(at_us, text));
}

static const char titles[] =
	"product,facets,identifier,proves,verdict,reason,subject,unit,what,destination,"
	"country,network,first,last,count,bytes_up,bytes_down,source,at,where,item";

/* The cells that say what was found, and where they stand: most often the next row has them alike. */
struct head {
	const struct finding *of; /* NULL: none was written yet */
	size_t at, size;
};

static bool has_head(const struct head *h, const struct finding *f)
{
	return h->of && h->of->identifier == f->identifier && h->of->action == f->action &&
	       h->of->reason == f->reason && h->of->is_indirect == f->is_indirect;
}

static void write_head(const struct policy *p, const struct finding *f, struct buffer *out)
{
	const struct image_identifier *i = policy_identifier(p, f->identifier);
	char facets[RESULT_FACETS_SIZE];
	text_cell(out, policy_text(p, policy_product(p, i->product)->id));
	text_cell(out, result_facets(p, f->identifier, " ", facets));
	text_cell(out, policy_text(p, i->id));
	text_cell(out, finding_strength_names[finding_strength_of(p, f)]);
	text_cell(out, verdict_action_names[f->action]);
	text_cell(out, reason_name(f->reason));
}

static void copy_head(const struct head *h, struct buffer *out)
{
	uint8_t *at = buffer_space(out, h->size);
	if (at)
		memcpy(at, out->bytes + h->at, h->size);
}

static void write_finding(const struct result *r, size_t index, struct head *h, struct buffer *out)
{
	const struct finding *f = findings_at(r->findings, index);
	const struct policy *p = findings_policy(r->findings);
	char subject[SUBJECT_TEXT_SIZE], address[ADDRESS_TEXT_SIZE];
	size_t begin = out->size;
	if (has_head(h, f)) {
		copy_head(h, out);
	} else {
		write_head(p, f, out);
		*h = (struct head){f, begin, out->size - begin};
	}
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
	cell(out, f->item);
	if (r->diff)
		text_cell(out, result_change_names[r->diff->changes[index]]);
	buffer_add_text(out, "\r\n");
}

void result_write_csv(const struct result *r, struct buffer *out)
{
	struct head head = {0};
	buffer_add_text(out, titles);
	buffer_add_text(out, r->diff ? ",change\r\n" : "\r\n");
	for (size_t i = 0; i < findings_count(r->findings); i++)
		write_finding(r, i, &head, out);
}
