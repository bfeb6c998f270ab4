/* SPDX 2 as RDF/XML: packages and references wherever they lie, as typed elements or as descriptions with a type. One that
 * another refers to by name only is told without the package that it is of. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "scan/collected_record.h"
#include "scan/collected_xml.h"
#include "scan/xml_head.h"

static const char spdx_space[] = "http://spdx.org/rdf/terms#";
static const char rdf_space[] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/* What of a node is a member of its record. */
static const struct member {
	const char *space, *name;
	bool is_type; /* an address, of which the end counts */
} members[] = {
	{spdx_space, "name"},
	{spdx_space, "versionInfo"},
	{spdx_space, "referenceLocator"},
	{rdf_space, "type", true},
};
enum { MEMBERS = sizeof(members) / sizeof(*members) };

struct level {
	bool is_node;
	const struct member *member; /* or NULL */
};

struct reader {
	struct collected_records records;
	unsigned depth;
	struct level levels[XML_DEPTH_MAX + 1];
};

static bool is_name(struct xml_name name, const char *space, const char *local)
{
	return view_is(name.local, local) && view_is(name.space, space);
}

static bool is_node(struct xml_name name)
{
	return is_name(name, rdf_space, "Description") || is_name(name, spdx_space, "Package") ||
	       is_name(name, spdx_space, "ExternalRef");
}

static const struct member *member_of(struct xml_name name)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		if (is_name(name, members[i].space, members[i].name))
			return &members[i];
	}
	return NULL;
}

static int tell_member(struct reader *r, const struct member *m, struct view text)
{
	const uint8_t *hash = m->is_type && text.size ? memrchr(text.bytes, '#', text.size) : NULL;
	if (hash)
		text = view_skip(text, (size_t)(hash - text.bytes) + 1);
	return collected_tell_member(&r->records, m->name, JSON_TEXT, view_trim(text));
}

/* Members may be attributes, too. */
static int begin_node(struct reader *r, struct xml_name name, struct xml_attributes attributes)
{
	static const struct member type = {rdf_space, "type", true};
	struct xml_name own;
	struct view value;
	int code = collected_tell_entry(&r->records, "nodes");
	if (code == OK && view_is(name.space, spdx_space))
		code = tell_member(r, &type, name.local);
	while (code == OK && xml_attributes_next(&attributes, &own, &value)) {
		const struct member *m = member_of(own);
		code = m ? tell_member(r, m, value) : OK;
	}
	return code;
}

static int on_begin(void *context, struct xml_name name, struct xml_attributes attributes)
{
	struct reader *r = context;
	struct level *own = &r->levels[r->depth];
	bool is_root = r->depth == 0, is_in_node = !is_root && own[-1].is_node;
	if (is_root && !is_name(name, rdf_space, "RDF"))
		return ERR_MALFORMED;
	*own = (struct level){.is_node = !is_root && !is_in_node && is_node(name),
	                      .member = is_in_node ? member_of(name) : NULL};
	r->depth++;
	if (is_root)
		return collected_tell(&r->records, JSON_OBJECT_BEGIN, (struct view){0});
	if (own->is_node)
		return begin_node(r, name, attributes);
	struct view resource = xml_attribute(attributes, rdf_space, "resource");
	return own->member && resource.size ? tell_member(r, own->member, resource) : OK;
}

static int on_end(void *context, struct xml_name name, struct view text)
{
	struct reader *r = context;
	const struct level *own = &r->levels[--r->depth];
	(void)name;
	if (own->member)
		return tell_member(r, own->member, text);
	if (!own->is_node && r->depth > 0)
		return OK;
	return r->depth > 0 ? collected_tell_entry_end(&r->records)
	                    : collected_tell(&r->records, JSON_OBJECT_END, (struct view){0});
}

int collected_read_spdx_rdf(const struct collected_input *in, collected_on *on, void *context,
                            struct collected_count *count)
{
	static const struct xml_handlers handlers = {on_begin, on_end};
	cleanup(free) struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	int code = collected_records_begin(&collected_form_spdx_rdf, on, context, &r->records);
	if (code < 0)
		return code;
	code = collected_xml_read(&handlers, r, in, count);
	collected_records_end(&r->records, count);
	return code;
}

int collected_probe_spdx_rdf(struct view first)
{
	struct xml_head head;
	bool is_rdf = xml_head_read(first, &head) && view_is(head.root, "RDF");
	return is_rdf && collected_has_part(first, spdx_space) ? 95 : 0;
}
