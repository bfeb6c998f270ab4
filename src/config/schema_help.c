#include "config/scalar.h"
#include "config/schema.h"
#include "config/text.h"

enum { PREFIX_MAX = 256 };

/* Writes lines that begin with what the levels above gave: blanks, and # where they are optional. */
struct sample {
	struct buffer *out;
	char prefix[PREFIX_MAX];
	size_t size;
};

static void sample_struct(struct sample *s, const struct schema *schema);

static void push(struct sample *s, const char *text)
{
	size_t size = strlen(text);
	if (s->size + size >= PREFIX_MAX) {
		s->out->failed = true;
		return;
	}
	memcpy(s->prefix + s->size, text, size + 1);
	s->size += size;
}

static void pop(struct sample *s, size_t size)
{
	s->size = size;
	s->prefix[size] = 0;
}

/* An example for a row without a default, which reads as the type but may break the row's .check. */
static void print_example(const struct schema_field *f, struct buffer *out)
{
	static const char *const examples[] = {
		[SCHEMA_TEXT] = "text",
		[SCHEMA_ID] = "name-1",
		[SCHEMA_BOOL] = "no",
		[SCHEMA_DATE] = "2026-01-15",
		[SCHEMA_WHEN] = "unknown",
		[SCHEMA_CLOCK] = "08:00",
		[SCHEMA_NAME] = "name.example",
		[SCHEMA_PREFIX] = "192.0.2.0/24",
		[SCHEMA_ENDPOINT] = "192.0.2.1:53",
	};
	switch (f->type) {
	case SCHEMA_INT:
	case SCHEMA_SIZE:
	case SCHEMA_DURATION: schema_print_scalar(f, &f->min, out); break;
	case SCHEMA_CHOICE:
	case SCHEMA_SET: buffer_add_text(out, f->choices[0]); break;
	default: buffer_add_text(out, examples[f->type]);
	}
}

static void print_default(const struct schema_field *f, struct buffer *out)
{
	bool is_address = f->type == SCHEMA_PREFIX || f->type == SCHEMA_ENDPOINT;
	if (is_address || f->type == SCHEMA_TEXT || f->type == SCHEMA_NAME)
		text_print_yaml(view_text(f->default_text), is_address, out);
	else
		buffer_add_text(out, f->default_text);
}

static void sample_list(struct sample *s, const struct schema_field *f)
{
	size_t size = s->size;
	buffer_printf(s->out, "%s%s:\n", s->prefix, f->name);
	if (f->child) {
		buffer_printf(s->out, "%s  -\n", s->prefix);
		push(s, "    ");
		sample_struct(s, f->child);
		pop(s, size);
		return;
	}
	buffer_printf(s->out, "%s  - ", s->prefix);
	print_example(f->item, s->out);
	buffer_add_text(s->out, "\n");
}

static void sample_value(struct sample *s, const struct schema_field *f)
{
	size_t size = s->size;
	if (f->default_text) {
		buffer_printf(s->out, "%s%s: ", s->prefix, f->name);
		print_default(f, s->out);
		buffer_add_text(s->out, "\n");
	} else if (f->type == SCHEMA_STRUCT) {
		buffer_printf(s->out, "%s%s:\n", s->prefix, f->name);
		push(s, "  ");
		sample_struct(s, f->child);
		pop(s, size);
	} else if (f->type == SCHEMA_LIST) {
		sample_list(s, f);
	} else {
		buffer_printf(s->out, "%s%s: ", s->prefix, f->name);
		print_example(f, s->out);
		buffer_add_text(s->out, "\n");
	}
}

/* "duration such as ... from 1 ms to 1 min; default 5 s". A struct's keys follow by themselves. */
static void describe(const struct schema_field *f, struct buffer *out)
{
	if (f->type == SCHEMA_STRUCT)
		buffer_add_text(out, "keys with values");
	else
		scalar_print_expected(f, out);
	if (f->type == SCHEMA_LIST && f->list_max)
		buffer_printf(out, ", at most %zu", f->list_max);
	if (f->unit)
		buffer_printf(out, " (%s)", f->unit);
	if (f->default_text)
		buffer_printf(out, "; default %s", f->default_text);
	else if (f->flags & SCHEMA_REQUIRED)
		buffer_add_text(out, "; required");
}

static void sample_field(struct sample *s, const struct schema_field *f)
{
	size_t size = s->size;
	if (f->help)
		buffer_printf(s->out, "%s# %s\n", s->prefix, f->help);
	buffer_printf(s->out, "%s# Expects ", s->prefix);
	describe(f, s->out);
	buffer_add_text(s->out, ".\n");
	if (!(f->flags & SCHEMA_REQUIRED))
		push(s, "#");
	sample_value(s, f);
	pop(s, size);
}

static void sample_struct(struct sample *s, const struct schema *schema)
{
	for (const struct schema_field *f = schema->fields; f->name; f++)
		sample_field(s, f);
}

void schema_sample(const struct schema *s, struct buffer *out)
{
	struct sample sample = {.out = out};
	if (s->help)
		buffer_printf(out, "# %s\n\n", s->help);
	for (const struct schema_field *f = s->fields; f->name; f++) {
		if (f != s->fields)
			buffer_add_text(out, "\n");
		sample_field(&sample, f);
	}
}

static void manual_struct(const char *prefix, const struct schema *s, struct buffer *out)
{
	for (const struct schema_field *f = s->fields; f->name; f++) {
		struct buffer text = {0}, name = {0};
		buffer_printf(&name, "%s%s", prefix, f->name);
		buffer_printf(out, ".It Ic " VIEW_FMT " Ar %s\n", VIEW_ARG(buffer_view(&name)),
		              scalar_type_name(f->type));
		if (f->help)
			text_print_mdoc(f->help, out);
		buffer_add_text(&text, "Expects ");
		describe(f, &text);
		buffer_add(&text, ".", 2);
		buffer_add(&name, f->type == SCHEMA_LIST ? "[]." : ".",
		           f->type == SCHEMA_LIST ? 4 : 2);
		if (text.failed || name.failed) {
			out->failed = true;
		} else {
			text_print_mdoc((const char *)text.bytes, out);
			if (f->child)
				manual_struct((const char *)name.bytes, f->child, out);
		}
		buffer_done(&text);
		buffer_done(&name);
	}
}

void schema_manual(const struct schema *s, struct buffer *out)
{
	manual_struct("", s, out);
}
