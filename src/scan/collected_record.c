#include "scan/collected_record.h"

static int on_record(void *context, const struct json_records *j)
{
	struct collected_records *r = context;
	return r->form->on_record(r, j);
}

int collected_records_begin(const struct collected_form *form, collected_on *on, void *context,
                            struct collected_records *ret)
{
	*ret = (struct collected_records){.form = form, .out = {.on = on, .context = context}};
	int code = json_records_new(on_record, ret, &ret->records);
	if (code == OK && form->kept)
		json_records_keep(ret->records, form->kept);
	return code;
}

void collected_records_end(struct collected_records *r, struct collected_count *count)
{
	if (r->form->on_end)
		r->form->on_end(r);
	collected_out_end(&r->out, count);
	count->not_understood += json_records_cut(r->records);
	json_records_free(r->records);
	explicit_bzero(r->references, sizeof(r->references));
}

int collected_tell(struct collected_records *r, enum json_event event, struct view text)
{
	return json_records_event(r->records, event, text);
}

int collected_tell_member(struct collected_records *r, const char *key, enum json_event event,
                          struct view text)
{
	int code = collected_tell(r, JSON_KEY, view_text(key));
	return code == OK ? collected_tell(r, event, text) : code;
}

int collected_tell_entry(struct collected_records *r, const char *key)
{
	int code = collected_tell_member(r, key, JSON_ARRAY_BEGIN, (struct view){0});
	return code == OK ? collected_tell(r, JSON_OBJECT_BEGIN, (struct view){0}) : code;
}

int collected_tell_entry_end(struct collected_records *r)
{
	int code = collected_tell(r, JSON_OBJECT_END, (struct view){0});
	return code >= 0 ? collected_tell(r, JSON_ARRAY_END, (struct view){0}) : code;
}

int collected_give(struct collected_out *out, const struct collected_item *item)
{
	struct collected_item own = *item;
	own.number = ++out->items;
	return out->on(out->context, &own);
}

void collected_not_understood(struct collected_out *out, struct view text)
{
	out->not_understood++;
	if (*out->example == '\0')
		finding_example(text, out->example);
}

void collected_out_end(const struct collected_out *out, struct collected_count *count)
{
	count->items += out->items;
	count->not_understood += out->not_understood;
	memcpy(count->example, out->example, sizeof(count->example));
}

struct view collected_records_any(const struct json_records *j, const char *const *paths)
{
	struct view text = {0};
	for (; *paths && text.size == 0; paths++)
		text = json_record_text(j, *paths);
	return text;
}

bool collected_has_part(struct view text, const char *part)
{
	return text.size && memmem(text.bytes, text.size, part, strlen(part));
}
