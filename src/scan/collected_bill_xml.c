/* CycloneDX and SPDX 2 as XML: the same records as their JSON has, by tables of the elements that are something in a record. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "scan/collected_record.h"
#include "scan/collected_xml.h"
#include "scan/xml_head.h"

enum element_kind {
	ELEMENT_OBJECT, /* the member of an object that is one */
	ELEMENT_LIST,
	ELEMENT_ITEM,  /* of a list; or outermost */
	ELEMENT_ENTRY, /* of a list that has no element of its own, but the name of each */
	ELEMENT_TEXT,
};

/* Lists of components and services are looked for wherever they lie, as in JSON; the rest where it means something. */
static const struct element {
	const char *name, *in; /* the known element that it lies in; NULL: any */
	enum element_kind kind;
} cyclonedx[] =
	{
		{"components", NULL, ELEMENT_LIST},
		{"services", NULL, ELEMENT_LIST},
		{"bom", "", ELEMENT_ITEM},
		{"metadata", "bom", ELEMENT_OBJECT},
		{"component", "metadata", ELEMENT_OBJECT},
		{"component", "components", ELEMENT_ITEM},
		{"group", "component", ELEMENT_TEXT},
		{"name", "component", ELEMENT_TEXT},
		{"version", "component", ELEMENT_TEXT},
		{"purl", "component", ELEMENT_TEXT},
		{"service", "services", ELEMENT_ITEM},
		{"name", "service", ELEMENT_TEXT},
		{"endpoints", "service", ELEMENT_LIST},
		{"endpoint", "endpoints", ELEMENT_TEXT},
		{0},
},
  spdx[] = {
	  {"Document", "", ELEMENT_ITEM},
	  {"packages", "Document", ELEMENT_ENTRY},
	  {"name", "packages", ELEMENT_TEXT},
	  {"versionInfo", "packages", ELEMENT_TEXT},
	  {"externalRefs", "packages", ELEMENT_ENTRY},
	  {"referenceType", "externalRefs", ELEMENT_TEXT},
	  {"referenceLocator", "externalRefs", ELEMENT_TEXT},
	  {0},
};

struct reader {
	struct collected_records records;
	const struct element *elements;
	const struct element *open[XML_DEPTH_MAX + 1]; /* NULL: one that means nothing */
	unsigned depth;
	char space[128]; /* of the outermost element; others of it count */
};

static const struct element *element_of(const struct element *e, struct view name, const char *in)
{
	for (; e->name; e++) {
		if (view_is(name, e->name) && (!e->in || (in && strcmp(e->in, in) == 0)))
			return e;
	}
	return NULL;
}

/* The only attribute that says something is the type of a component. */
static int begin_object(struct collected_records *to, const struct element *e, struct view type)
{
	int code;
	switch (e->kind) {
	case ELEMENT_ENTRY: code = collected_tell_entry(to, e->name); break;
	case ELEMENT_OBJECT:
		code = collected_tell_member(to, e->name, JSON_OBJECT_BEGIN, (struct view){0});
		break;
	default: code = collected_tell(to, JSON_OBJECT_BEGIN, (struct view){0});
	}
	return code == OK && type.size ? collected_tell_member(to, "type", JSON_TEXT, type) : code;
}

static int end_object(struct collected_records *to, const struct element *e)
{
	return e->kind == ELEMENT_ENTRY ? collected_tell_entry_end(to)
	                                : collected_tell(to, JSON_OBJECT_END, (struct view){0});
}

static bool is_own(struct reader *r, struct xml_name name)
{
	if (r->depth == 0 && name.space.size < sizeof(r->space))
		memcpy(r->space, name.space.bytes ? name.space.bytes : (const uint8_t *)"",
		       name.space.size);
	return view_is(name.space, r->space);
}

static int on_begin(void *context, struct xml_name name, struct xml_attributes attributes)
{
	struct reader *r = context;
	const struct element *above = r->depth ? r->open[r->depth - 1] : NULL, *e = NULL;
	if (is_own(r, name))
		e = element_of(r->elements, name.local,
		               r->depth == 0 ? ""
		               : above       ? above->name
		                             : NULL);
	if (r->depth == 0 && !e)
		return ERR_MALFORMED;
	r->open[r->depth++] = e;
	if (!e || e->kind == ELEMENT_TEXT)
		return OK;
	if (e->kind == ELEMENT_LIST)
		return collected_tell_member(&r->records, e->name, JSON_ARRAY_BEGIN,
		                             (struct view){0});
	return begin_object(&r->records, e, xml_attribute(attributes, "", "type"));
}

static int on_end(void *context, struct xml_name name, struct view text)
{
	struct reader *r = context;
	const struct element *e = r->open[--r->depth];
	(void)name;
	if (!e)
		return OK;
	if (e->kind == ELEMENT_LIST)
		return collected_tell(&r->records, JSON_ARRAY_END, (struct view){0});
	if (e->kind != ELEMENT_TEXT)
		return end_object(&r->records, e);
	return strcmp(e->in, "endpoints") == 0
	               ? collected_tell(&r->records, JSON_TEXT, view_trim(text))
	               : collected_tell_member(&r->records, e->name, JSON_TEXT, view_trim(text));
}

static int read_xml(const struct collected_form *form, const struct element *elements,
                    const struct collected_input *in, collected_on *on, void *context,
                    struct collected_count *count)
{
	static const struct xml_handlers handlers = {on_begin, on_end};
	cleanup(free) struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->elements = elements;
	int code = collected_records_begin(form, on, context, &r->records);
	if (code < 0)
		return code;
	code = collected_xml_read(&handlers, r, in, count);
	collected_records_end(&r->records, count);
	return code;
}

int collected_read_cyclonedx_xml(const struct collected_input *in, collected_on *on, void *context,
                                 struct collected_count *count)
{
	return read_xml(&collected_form_cyclonedx, cyclonedx, in, on, context, count);
}

int collected_read_spdx_xml(const struct collected_input *in, collected_on *on, void *context,
                            struct collected_count *count)
{
	return read_xml(&collected_form_spdx, spdx, in, on, context, count);
}

int collected_probe_cyclonedx_xml(struct view first)
{
	struct xml_head head;
	bool is_bom = xml_head_read(first, &head) && view_is(head.root, "bom") &&
	              collected_has_part(head.attributes, "http://cyclonedx.org/schema/bom/");
	return is_bom ? 95 : 0;
}

int collected_probe_spdx_xml(struct view first)
{
	struct xml_head head;
	bool is_document = xml_head_read(first, &head) && view_is(head.root, "Document");
	return is_document && collected_has_part(first, "<SPDXID>") ? 95 : 0;
}
