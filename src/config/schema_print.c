#include "base/arena.h"
#include "config/default.h"
#include "config/scalar.h"

const struct schema_field schema_text = {.type = SCHEMA_TEXT};
const struct schema_field schema_id = {.type = SCHEMA_ID};
const struct schema_field schema_prefix = {.type = SCHEMA_PREFIX};
const struct schema_field schema_endpoint = {.type = SCHEMA_ENDPOINT};

struct printer {
	struct buffer *out;
	unsigned flags;
	unsigned indent; /* spaces before the next line */
	bool after_dash; /* the next line stands behind the dash of its item */
};

static void print_field(struct printer *p, const struct schema_field *f, const void *value);

static void begin_line(struct printer *p)
{
	if (!p->after_dash)
		buffer_printf(p->out, "%*s", (int)p->indent, "");
	p->after_dash = false;
}

/* A nested struct counts as absent when it lacks something required: nothing was written then. */
static bool is_absent(const struct schema_field *f, const void *value)
{
	if (f->type == SCHEMA_LIST)
		return !((const struct schema_list *)value)->items;
	if (f->type == SCHEMA_SET && f->default_text)
		return false; /* left out it would become the default */
	if (f->type != SCHEMA_STRUCT)
		return scalar_is_absent(f->type, value);
	for (const struct schema_field *c = f->child->fields; c->name; c++) {
		if (c->flags & SCHEMA_REQUIRED && is_absent(c, field_of(c, value)))
			return true;
	}
	return false;
}

static bool is_default(const struct schema_field *f, const void *value)
{
	struct arena a;
	struct buffer mine = {0}, other = {0};
	arena_init(&a, 0);
	void *base = arena_alloc(&a, field_size(f));
	bool same = f->default_text && base && default_fill(f, "", &a, base) == OK;
	if (same) {
		print_field(&(struct printer){.out = &mine}, f, value);
		print_field(&(struct printer){.out = &other}, f, base);
		same = !mine.failed && !other.failed &&
		       view_equal(buffer_view(&mine), buffer_view(&other));
	}
	buffer_done(&mine);
	buffer_done(&other);
	arena_done(&a);
	return same;
}

/* Returns how many fields were printed. */
static size_t print_fields(struct printer *p, const struct schema *s, const void *value)
{
	size_t count = 0;
	for (const struct schema_field *f = s->fields; f->name; f++) {
		size_t before = p->out->size;
		const void *at = field_of(f, value);
		if (is_absent(f, at))
			continue;
		if (!(p->flags & SCHEMA_PRINT_SHORT) || f->flags & SCHEMA_REQUIRED ||
		    !is_default(f, at))
			print_field(p, f, at);
		count += p->out->size > before;
	}
	return count;
}

static void print_struct(struct printer *p, const struct schema_field *f, const void *value)
{
	struct buffer body = {0};
	struct printer inner = {.out = &body, .flags = p->flags, .indent = p->indent + 2};
	size_t count = print_fields(&inner, f->child, value);
	if (count) {
		begin_line(p);
		buffer_printf(p->out, "%s:\n", f->name);
		buffer_add_view(p->out, buffer_view(&body));
	} else if (f->flags & SCHEMA_REQUIRED) {
		begin_line(p);
		buffer_printf(p->out, "%s: {}\n", f->name);
	}
	p->out->failed |= body.failed;
	buffer_done(&body);
}

static void print_item(struct printer *p, const struct schema_field *f, const void *item)
{
	begin_line(p);
	buffer_add_text(p->out, "- ");
	if (!f->child) {
		schema_print_scalar(f->item, item, p->out);
		buffer_add_text(p->out, "\n");
		return;
	}
	struct printer inner = *p;
	inner.indent += 2;
	inner.after_dash = true;
	if (print_fields(&inner, f->child, item) == 0)
		buffer_add_text(p->out, "{}\n");
}

static void print_list(struct printer *p, const struct schema_field *f,
                       const struct schema_list *list)
{
	begin_line(p);
	buffer_printf(p->out, list->count ? "%s:\n" : "%s: []\n", f->name);
	p->indent += 2;
	for (size_t i = 0; i < list->count; i++)
		print_item(p, f, (const char *)list->items + i * item_size(f));
	p->indent -= 2;
}

static void print_field(struct printer *p, const struct schema_field *f, const void *value)
{
	if (f->flags & SCHEMA_SECRET && p->flags & SCHEMA_PRINT_HIDDEN) {
		begin_line(p);
		buffer_printf(p->out, "# %s: set, not shown\n", f->name);
		return;
	}
	if (f->type == SCHEMA_STRUCT) {
		print_struct(p, f, value);
	} else if (f->type == SCHEMA_LIST) {
		print_list(p, f, value);
	} else {
		begin_line(p);
		buffer_printf(p->out, "%s: ", f->name);
		if (scalar_is_absent(f->type, value))
			buffer_add_text(p->out, "[]"); /* a SET, see is_absent() */
		schema_print_scalar(f, value, p->out);
		buffer_add_text(p->out, "\n");
	}
}

void schema_print(const struct schema *s, const void *value, unsigned flags, struct buffer *out)
{
	struct printer p = {.out = out, .flags = flags};
	print_fields(&p, s, value);
}
