/* collected_graph.h - packages and their references as nodes of a graph, which a document may write in any order and in parts.
 *
 * What:    a node has an identifier, by which it is found again, or none. What there is of one is set, and a
 *          package is linked to its references. Then all is given at once: packages in their order, each with its
 *          references, then references that no package has.
 * Owns:    collected_graph_new(), collected_graph_free(), which wipes.
 * Fails:   -ENOMEM; what `on` of the things that are given returns when it is negative.
 * Limits:  memory is of one size. The caller asks for room before each element, and gives all where there is none: what
 *          would have been linked to that is not.
 * Needs:   sodium_init() called by the program.
 * Source:  RDF 1.1 XML Syntax; the classes Package and ExternalRef of SPDX 2.3. */
#pragma once

#include "scan/collected_record.h"

enum {
	COLLECTED_GRAPH_NODES = 1 << 17,
	COLLECTED_GRAPH_LINKS = 1 << 17,
	COLLECTED_GRAPH_TEXTS = 16 << 20,
	COLLECTED_GRAPH_TEXT_MAX = 4096, /* what goes beyond is left out */
	COLLECTED_GRAPH_NONE = UINT32_MAX,
};

struct collected_graph;

/* Short and of any text, so that two are equal only if their texts are. */
struct collected_graph_id {
	uint8_t bytes[16];
};

enum collected_graph_member {
	COLLECTED_GRAPH_NAME,
	COLLECTED_GRAPH_VERSION,
	COLLECTED_GRAPH_LOCATOR,
	COLLECTED_GRAPH_MEMBERS,
};

int collected_graph_new(struct collected_graph **ret) must_check;
void collected_graph_free(struct collected_graph *g);
/* For one element of a document: three nodes, a link, each member once. Without it nothing may be added. */
bool collected_graph_has_room(const struct collected_graph *g);
/* It soon has none: where nothing is open is the better place to give all. */
bool collected_graph_is_nearly_full(const struct collected_graph *g);
/* Of both together, and another in each graph, so that nobody can choose names that are slow to find. */
struct collected_graph_id collected_graph_id(const struct collected_graph *g, const char *begin,
                                             struct view text);
/* The node of that identifier, which may be new; NULL: a new one. */
uint32_t collected_graph_node(struct collected_graph *g, const struct collected_graph_id *id);
/* So is one that has a version or a reference, as nothing else has these. */
void collected_graph_set_package(struct collected_graph *g, uint32_t node);
/* It is a reference whose locator ought to be a package URL. */
void collected_graph_set_purl(struct collected_graph *g, uint32_t node);
/* The node that has it: another one where this has another text already, so that things that bear one name are all told. */
uint32_t collected_graph_set(struct collected_graph *g, uint32_t node,
                             enum collected_graph_member member, struct view text);
void collected_graph_link(struct collected_graph *g, uint32_t package, uint32_t reference);
/* Gives all, and forgets it. Not understood are: package URLs that are none, links that lead to no reference, nodes with two
 * texts of a kind, packages without a name, which may be parts of some that were given. */
int collected_graph_give(struct collected_graph *g, struct collected_out *out) must_check;
