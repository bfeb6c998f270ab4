#include <assert.h>
#include <errno.h>

#include "config/default.h"
#include "config/scalar.h"
#include "config/source.h"
#include "config/text.h"
#include "config/unique.h"

struct reading {
	struct source source;
	struct arena *arena;
	const char *file; /* in the arena */
};

static void read_struct(struct reading *r, const struct schema *s, const struct node *n, void *ret);

/* Adds what `why` says, after the name of the key, and empties it. */
static void complain_why(struct reading *r, struct config_mark at, const char *name,
                         struct buffer *why)
{
	buffer_add(why, "", 1);
	if (why->failed)
		source_fail(&r->source, -ENOMEM);
	else
		source_complain(&r->source, at, "%s: %s", name, (const char *)why->bytes);
	buffer_done(why);
}

static void complain_of_kind(struct reading *r, const struct schema_field *f, const char *name,
                             const struct node *n)
{
	static const char *const found[] = {[NODE_SCALAR] = "one value was found",
	                                    [NODE_LIST] = "a list was found",
	                                    [NODE_MAP] = "keys with values were found"};
	struct buffer why = {0};
	if (n->kind == NODE_BAD || n->kind == NODE_STOP)
		return;
	buffer_printf(&why, "%s, expected ", n->is_empty ? "nothing was found" : found[n->kind]);
	scalar_print_expected(f, &why);
	complain_why(r, n->at, name, &why);
	source_skip(&r->source, n);
}

static void read_scalar(struct reading *r, const struct schema_field *f, const char *name,
                        const struct node *n, void *ret)
{
	struct buffer why = {0};
	if (n->kind != NODE_SCALAR || n->is_empty) {
		complain_of_kind(r, f, name, n);
		return;
	}
	if (scalar_read(f, n->text, r->arena, ret, &why))
		return;
	if (!r->arena->failed) {
		complain_why(r, n->at, name, &why);
		return;
	}
	source_fail(&r->source, -ENOMEM);
	buffer_done(&why);
}

static void check_value(struct reading *r, const struct schema_field *f, const void *value,
                        struct config_mark at)
{
	struct buffer why = {0};
	if (!scalar_check(f, value, "the value", &why))
		complain_why(r, at, f->name, &why);
}

static void read_set(struct reading *r, const struct schema_field *f, const struct node *n,
                     uint64_t *ret)
{
	struct schema_field word = *f; /* the hook is for the whole set */
	word.check = NULL;
	struct source *s = &r->source;
	bool was_bad = s->is_bad;
	*ret = 0;
	s->is_bad = false;
	if (n->kind == NODE_LIST) {
		struct node item;
		while ((item = source_next(&r->source)).kind > NODE_END)
			read_scalar(r, &word, f->name, &item, ret);
	} else {
		read_scalar(r, &word, f->name, n, ret);
	}
	if (!s->is_bad && *ret == 0 && f->flags & SCHEMA_REQUIRED)
		source_complain(s, n->at, "%s: the list is empty, expected a word or more",
		                f->name);
	else if (!s->is_bad)
		check_value(r, f, ret, n->at);
	s->is_bad |= was_bad;
}

/* A list while it grows. */
struct items {
	struct buffer bytes, marks;
	size_t count;
};

static void read_item(struct reading *r, const struct schema_field *f, const struct node *n,
                      struct items *all)
{
	void *item = buffer_space(&all->bytes, item_size(f));
	if (!item) {
		source_fail(&r->source, -ENOMEM);
		return;
	}
	memset(item, 0, item_size(f));
	buffer_add(&all->marks, &n->at, sizeof(n->at));
	all->count++;
	if (f->child && n->kind == NODE_MAP) {
		read_struct(r, f->child, n, item);
	} else if (f->child) {
		const struct schema_field as = {.type = SCHEMA_STRUCT, .child = f->child};
		complain_of_kind(r, &as, f->name, n);
	} else {
		read_scalar(r, f->item, f->name, n, item);
	}
}

static void keep_items(struct reading *r, const struct items *all, struct schema_list *ret)
{
	*ret = (struct schema_list){
		.items = arena_copy(r->arena, all->bytes.bytes, all->bytes.size),
		.count = all->count,
		.marks = arena_copy(r->arena, all->marks.bytes, all->marks.size),
	};
	if (r->arena->failed || all->marks.failed)
		source_fail(&r->source, -ENOMEM);
}

static void read_items(struct reading *r, const struct schema_field *f, struct items *all)
{
	struct node item;
	while ((item = source_next(&r->source)).kind > NODE_END) {
		if (f->list_max && all->count == f->list_max) {
			source_complain(&r->source, item.at,
			                "%s: one item too many, expected at most %zu", f->name,
			                f->list_max);
			do
				source_skip(&r->source, &item);
			while ((item = source_next(&r->source)).kind > NODE_END);
			return;
		}
		read_item(r, f, &item, all);
	}
}

static void read_list(struct reading *r, const struct schema_field *f, const struct node *n,
                      struct schema_list *ret)
{
	struct items all = {0};
	struct source *s = &r->source;
	bool was_bad = s->is_bad;
	size_t repeated = 0;
	if (n->kind != NODE_LIST) {
		complain_of_kind(r, f, f->name, n);
		return;
	}
	s->is_bad = false;
	read_items(r, f, &all);
	keep_items(r, &all, ret);
	buffer_done(&all.bytes);
	buffer_done(&all.marks);
	if (s->error == OK && !s->is_bad) {
		int u = f->flags & SCHEMA_UNIQUE ? unique_check(f, ret, &repeated) : OK;
		if (u == ERR_EXISTS)
			source_complain(s, ret->marks[repeated],
			                "%s: the item was listed before, expected each once",
			                f->name);
		else if (u < 0)
			source_fail(s, u);
		else if ((int64_t)ret->count < f->min)
			source_complain(s, n->at, "%s: %zu items were found, expected at least %d",
			                f->name, ret->count, (int)f->min);
		else
			check_value(r, f, ret, n->at);
	}
	s->is_bad |= was_bad;
}

static void read_field(struct reading *r, const struct schema_field *f, const struct node *n,
                       void *ret)
{
	switch (f->type) {
	case SCHEMA_STRUCT:
		if (n->kind == NODE_MAP)
			read_struct(r, f->child, n, ret);
		else
			complain_of_kind(r, f, f->name, n);
		break;
	case SCHEMA_LIST: read_list(r, f, n, ret); break;
	case SCHEMA_SET: read_set(r, f, n, ret); break;
	default: read_scalar(r, f, f->name, n, ret);
	}
}

/* A struct while it is read. */
struct opened {
	const struct schema *schema;
	void *value;
	struct config_mark at;
	size_t count;              /* of rows */
	uint64_t written, present; /* bit of a row: the key was read; it had a value */
	struct config_mark marks[SCHEMA_FIELDS_MAX]; /* of the values */
	unsigned key_lines[SCHEMA_FIELDS_MAX];
};

static void complain_of_key(struct reading *r, const struct opened *o, const struct node *key)
{
	const char *names[SCHEMA_FIELDS_MAX];
	char quoted[TEXT_QUOTE_SIZE];
	struct buffer why = {0};
	const struct schema_field as = {.type = SCHEMA_STRUCT, .child = o->schema};
	for (size_t i = 0; i < o->count; i++)
		names[i] = o->schema->fields[i].name;
	buffer_printf(&why, "unknown key %s", text_quote(key->text, quoted));
	text_print_near(key->text, names, o->count, &why);
	buffer_add_text(&why, ", expected ");
	scalar_print_expected(&as, &why);
	complain_why(r, key->at, o->schema->name, &why);
}

/* Returns the row that the key names, or NULL with a problem. */
static const struct schema_field *find_field(struct reading *r, struct opened *o,
                                             const struct node *key)
{
	size_t i = 0;
	if (key->kind != NODE_SCALAR) {
		if (key->kind != NODE_BAD)
			source_complain(&r->source, key->at,
			                "%s: a list or map is a key, expected a word",
			                o->schema->name);
		source_skip(&r->source, key);
		return NULL;
	}
	while (i < o->count && !view_is(key->text, o->schema->fields[i].name))
		i++;
	if (i == o->count) {
		complain_of_key(r, o, key);
		return NULL;
	}
	if (o->written >> i & 1) {
		source_complain(&r->source, key->at,
		                "%s: written a second time, expected once (first on line %u)",
		                o->schema->fields[i].name, o->key_lines[i]);
		return NULL;
	}
	o->written |= UINT64_C(1) << i;
	o->key_lines[i] = key->at.line;
	return &o->schema->fields[i];
}

static void read_pairs(struct reading *r, struct opened *o)
{
	struct node key;
	while ((key = source_next(&r->source)).kind > NODE_END) {
		const struct schema_field *f = find_field(r, o, &key);
		struct node n = source_next(&r->source);
		if (n.kind == NODE_STOP)
			return;
		if (!f) {
			source_skip(&r->source, &n);
			continue;
		}
		size_t i = (size_t)(f - o->schema->fields);
		o->marks[i] = n.at;
		if (n.is_empty && !(f->flags & SCHEMA_REQUIRED))
			continue;
		o->present |= UINT64_C(1) << i;
		read_field(r, f, &n, field_at(f, o->value));
	}
}

static void fill_absent(struct reading *r, const struct opened *o)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct schema_field *f = &o->schema->fields[i];
		struct buffer why = {0};
		if (o->present >> i & 1)
			continue;
		if (default_fill(f, r->file, r->arena, field_at(f, o->value)) < 0)
			source_fail(&r->source, -ENOMEM);
		if (!(f->flags & SCHEMA_REQUIRED))
			continue;
		buffer_printf(&why, "\"%s\" is missing, expected ", f->name);
		scalar_print_expected(f, &why);
		complain_why(r, o->at, o->schema->name, &why);
	}
}

static void keep_place(struct reading *r, const struct opened *o)
{
	if (o->schema->place_offset == SCHEMA_NO_PLACE)
		return;
	const struct config_mark *marks =
		arena_copy(r->arena, o->marks, o->count * sizeof(*o->marks));
	*(struct config_place *)((char *)o->value + o->schema->place_offset) =
		(struct config_place){r->file, o->at.line, o->at.column, marks};
}

static void close_struct(struct reading *r, struct opened *o)
{
	fill_absent(r, o);
	keep_place(r, o);
	if (r->arena->failed)
		source_fail(&r->source, -ENOMEM);
	const struct schema_field as = {.name = o->schema->name, .check = o->schema->check};
	if (!r->source.is_bad && r->source.error == OK)
		check_value(r, &as, o->value, o->at);
}

static void read_struct(struct reading *r, const struct schema *s, const struct node *n, void *ret)
{
	struct opened o = {.schema = s, .value = ret, .at = n->at};
	bool was_bad = r->source.is_bad;
	while (s->fields[o.count].name)
		o.count++;
	assert(o.count <= SCHEMA_FIELDS_MAX);
	r->source.is_bad = false;
	if (n->kind == NODE_MAP)
		read_pairs(r, &o);
	if (r->source.error == OK)
		close_struct(r, &o);
	r->source.is_bad |= was_bad;
}

static void read_document(struct reading *r, const struct schema *s, void *ret)
{
	const struct schema_field as = {.type = SCHEMA_STRUCT, .child = s};
	struct node n = source_next(&r->source);
	bool is_empty = n.kind == NODE_STOP || n.is_empty;
	if (n.kind == NODE_MAP || (is_empty && r->source.error == OK))
		read_struct(r, s, &n, ret);
	else
		complain_of_kind(r, &as, s->name, &n);
	if (n.kind != NODE_STOP)
		(void)source_next(&r->source); /* what follows the document must be nothing */
}

int schema_read(const struct schema *s, const char *file, struct view text, struct arena *a,
                struct problems *p, void *ret)
{
	struct reading r = {.arena = a, .file = arena_text(a, view_text(file))};
	void *value = arena_alloc(a, s->size);
	if (!value || !r.file)
		return -ENOMEM;
	source_open(&r.source, file, text, p);
	read_document(&r, s, value);
	source_close(&r.source);
	int error = r.source.error ? r.source.error : r.source.is_bad ? ERR_INVALID : OK;
	if (error == OK)
		memcpy(ret, value, s->size);
	return error;
}
