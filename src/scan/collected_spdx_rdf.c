/* SPDX 2 as RDF/XML: packages and references wherever they lie, as typed elements or as descriptions with a type, in one another
 * or with each other's names, whole or in parts. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "scan/collected_graph.h"
#include "scan/collected_spdx.h"
#include "scan/collected_xml.h"
#include "scan/xml_head.h"

static const char spdx_space[] = "http://spdx.org/rdf/terms#";
static const char rdf_space[] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/* What of a node means something. */
static const struct property {
	const char *space, *name;
	enum property_kind {
		PROPERTY_TEXT,
		PROPERTY_TYPE,           /* of a node */
		PROPERTY_REFERENCE_TYPE, /* of its locator */
		PROPERTY_REFERENCE,
	} kind;
	enum collected_graph_member member; /* of a text */
} properties[] = {
	{spdx_space, "name", PROPERTY_TEXT, COLLECTED_GRAPH_NAME},
	{spdx_space, "versionInfo", PROPERTY_TEXT, COLLECTED_GRAPH_VERSION},
	{spdx_space, "referenceLocator", PROPERTY_TEXT, COLLECTED_GRAPH_LOCATOR},
	{spdx_space, "referenceType", PROPERTY_REFERENCE_TYPE, 0},
	{spdx_space, "externalRef", PROPERTY_REFERENCE, 0},
	{rdf_space, "type", PROPERTY_TYPE, 0},
};

/* The attributes that name a node, of the element that it is or of a property that leads to it. Addresses are compared
 * as they are written. */
static const struct naming {
	const char *name, *begin; /* how an address begins, or what is none */
	bool is_of_node, is_of_property;
} namings[] = {
	{"about", "<", true, false},
	{"ID", "<#", true, false},
	{"resource", "<", false, true},
	{"nodeID", "_:", true, true},
};

struct level {
	bool is_node, is_package, is_purl;
	const struct property *property; /* or NULL */
	bool has_id;                     /* its own, or of what it leads to */
	struct collected_graph_id id;
	uint32_t node; /* COLLECTED_GRAPH_NONE until something is known of it */
};

struct reader {
	struct collected_graph *graph;
	struct collected_out out;
	unsigned depth, open; /* levels; those of them that have a node */
	unsigned literal;     /* the levels with the one whose elements are a text; 0: none is */
	struct level levels[XML_DEPTH_MAX + 1];
};

static bool is_name(struct xml_name name, const char *space, const char *local)
{
	return view_is(name.local, local) && view_is(name.space, space);
}

static bool is_known_node(struct xml_name name)
{
	return is_name(name, rdf_space, "Description") || is_name(name, spdx_space, "Package") ||
	       is_name(name, spdx_space, "ExternalRef");
}

static const struct property *property_of(struct xml_name name)
{
	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++) {
		if (is_name(name, properties[i].space, properties[i].name))
			return &properties[i];
	}
	return NULL;
}

static void take_id(struct reader *r, struct level *own, struct xml_attributes attributes,
                    bool is_property)
{
	for (size_t i = 0; i < sizeof(namings) / sizeof(*namings); i++) {
		const struct naming *n = &namings[i];
		bool is_any = is_property ? n->is_of_property : n->is_of_node;
		struct view text =
			is_any ? xml_attribute(attributes, rdf_space, n->name) : (struct view){0};
		if (text.size == 0)
			continue;
		own->id = collected_graph_id(r->graph, n->begin, text);
		own->has_id = true;
		return;
	}
}

static uint32_t node_of(struct reader *r, struct level *own)
{
	if (own->node == COLLECTED_GRAPH_NONE) {
		own->node = collected_graph_node(r->graph, own->has_id ? &own->id : NULL);
		r->open++;
	}
	if (own->is_package)
		collected_graph_set_package(r->graph, own->node);
	if (own->is_purl)
		collected_graph_set_purl(r->graph, own->node);
	return own->node;
}

/* Of a type, which is an address, the end counts. */
static bool is_package_type(struct view type)
{
	const uint8_t *hash = type.size ? memrchr(type.bytes, '#', type.size) : NULL;
	return hash && view_is(view_skip(type, (size_t)(hash - type.bytes) + 1), "Package");
}

/* A locator without a text is there all the same. */
static void set(struct reader *r, struct level *own, const struct property *p, struct view text)
{
	text = view_trim(text);
	bool is_locator = p->member == COLLECTED_GRAPH_LOCATOR;
	if (p->kind == PROPERTY_TEXT && (text.size || is_locator))
		own->node = collected_graph_set(r->graph, node_of(r, own), p->member, text);
	if (p->kind == PROPERTY_TYPE && is_package_type(text)) {
		own->is_package = true;
		(void)node_of(r, own);
	}
	if (p->kind == PROPERTY_REFERENCE_TYPE && collected_spdx_is_purl(text)) {
		own->is_purl = true;
		(void)node_of(r, own);
	}
}

/* Properties may be attributes, too. */
static void set_attributes(struct reader *r, struct level *own, struct xml_attributes attributes)
{
	struct xml_name name;
	struct view value;
	while (xml_attributes_next(&attributes, &name, &value)) {
		const struct property *p = property_of(name);
		if (p)
			set(r, own, p, value);
	}
}

static bool has_properties(struct xml_attributes attributes)
{
	struct xml_name name;
	struct view value;
	while (xml_attributes_next(&attributes, &name, &value)) {
		if (property_of(name))
			return true;
	}
	return false;
}

static void link_reference(struct reader *r, struct level *package, struct level *reference)
{
	collected_graph_link(r->graph, node_of(r, package), node_of(r, reference));
}

static void begin_node(struct reader *r, struct level *own, struct xml_name name,
                       struct xml_attributes attributes)
{
	const struct property *p = own[-1].property;
	own->is_node = true;
	own->is_package = is_name(name, spdx_space, "Package");
	take_id(r, own, attributes, false);
	if (own->is_package)
		(void)node_of(r, own);
	set_attributes(r, own, attributes);
	if (p && p->kind == PROPERTY_REFERENCE)
		link_reference(r, &own[-2], own);
	if (p && p->kind == PROPERTY_REFERENCE_TYPE)
		set(r, &own[-2], p, xml_attribute(attributes, rdf_space, "about"));
}

/* Literal, and whatever else is not known. */
static bool is_literal(struct xml_attributes attributes)
{
	struct view type = xml_attribute(attributes, rdf_space, "parseType");
	return type.size && !view_is(type, "Resource") && !view_is(type, "Collection");
}

/* What a property leads to, of whatever name, can lie in it, be named, or be written as its own attributes or elements. */
static void begin_property(struct reader *r, struct level *own, struct xml_name name,
                           struct xml_attributes attributes)
{
	const struct property *p = property_of(name);
	own->property = p;
	if (is_literal(attributes)) {
		r->literal = r->depth;
		return;
	}
	if (p && p->kind != PROPERTY_REFERENCE) {
		struct view address = xml_attribute(attributes, rdf_space, "resource");
		if (address.size)
			set(r, &own[-1], p, address);
		return;
	}
	own->is_node = view_is(xml_attribute(attributes, rdf_space, "parseType"), "Resource");
	if (!p && !own->is_node && !has_properties(attributes))
		return;
	take_id(r, own, attributes, true);
	set_attributes(r, own, attributes);
	if (p && (own->is_node || own->has_id || own->node != COLLECTED_GRAPH_NONE))
		link_reference(r, &own[-1], own);
}

/* Where there is none all is given. What is open then is told in two parts, of which one may lack the name. */
static int make_room(struct reader *r)
{
	bool is_place = collected_graph_is_nearly_full(r->graph) && r->open == 0;
	if (collected_graph_has_room(r->graph) && !is_place)
		return OK;
	for (unsigned i = 0; i < r->depth; i++)
		r->levels[i].node = COLLECTED_GRAPH_NONE;
	r->open = 0;
	return collected_graph_give(r->graph, &r->out);
}

/* Nodes and properties take turns. What is known is a node wherever it lies. */
static int on_begin(void *context, struct xml_name name, struct xml_attributes attributes)
{
	struct reader *r = context;
	struct level *own = &r->levels[r->depth];
	bool is_root = r->depth == 0;
	if (is_root && !is_name(name, rdf_space, "RDF"))
		return ERR_MALFORMED;
	int code = make_room(r);
	if (code < 0)
		return code;
	*own = (struct level){.node = COLLECTED_GRAPH_NONE};
	r->depth++;
	if (is_root || r->literal)
		return OK;
	if (own[-1].is_node && !is_known_node(name))
		begin_property(r, own, name, attributes);
	else
		begin_node(r, own, name, attributes);
	return OK;
}

static int on_end(void *context, struct xml_name name, struct view text)
{
	struct reader *r = context;
	(void)name;
	if (r->literal == r->depth)
		r->literal = 0;
	struct level *own = &r->levels[--r->depth];
	r->open -= own->node != COLLECTED_GRAPH_NONE;
	if (!own->property)
		return OK;
	int code = make_room(r);
	if (code >= 0)
		set(r, &own[-1], own->property, text);
	return code;
}

/* All that is known is told, also of a file that is broken. */
int collected_read_spdx_rdf(const struct collected_input *in, collected_on *on, void *context,
                            struct collected_count *count)
{
	static const struct xml_handlers handlers = {on_begin, on_end};
	cleanup(free) struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->out = (struct collected_out){.on = on, .context = context};
	int code = collected_graph_new(&r->graph);
	if (code < 0)
		return code;
	code = collected_xml_read(&handlers, r, in, count);
	int given = collected_graph_give(r->graph, &r->out);
	collected_out_end(&r->out, count);
	collected_graph_free(r->graph);
	return code < 0 ? code : given;
}

int collected_probe_spdx_rdf(struct view first)
{
	struct xml_head head;
	bool is_rdf = xml_head_read(first, &head) && view_is(head.root, "RDF");
	return is_rdf && collected_has_part(first, spdx_space) ? 95 : 0;
}
