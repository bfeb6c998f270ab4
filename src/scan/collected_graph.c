#include "scan/collected_graph.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "scan/collected_spdx.h"

enum {
	SLOTS = COLLECTED_GRAPH_NODES * 2,
	ROOM_NODES = 3,
	ROOM_TEXTS = COLLECTED_GRAPH_MEMBERS * COLLECTED_GRAPH_TEXT_MAX,
};

struct text {
	uint32_t at, size;
};

struct node {
	struct collected_graph_id id;
	struct text members[COLLECTED_GRAPH_MEMBERS];
	bool is_package;
	bool is_reference, is_purl, is_told; /* one whose locator ought to be one; which was told */
	uint32_t links, last;                /* the first and the last of its links; NONE */
	uint32_t of;                         /* the package that told it last; NONE */
};

struct link {
	uint32_t to, next;
};

struct collected_graph {
	uint8_t key[crypto_generichash_KEYBYTES];
	uint32_t node_count, link_count, text_size;
	uint64_t not_understood;
	uint32_t slots[SLOTS]; /* of an identifier; a node's number and 1 */
	struct node nodes[COLLECTED_GRAPH_NODES];
	struct link links[COLLECTED_GRAPH_LINKS];
	uint8_t texts[COLLECTED_GRAPH_TEXTS];
};

/* Memory that nothing was written to costs nothing. */
int collected_graph_new(struct collected_graph **ret)
{
	struct collected_graph *g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	randombytes_buf(g->key, sizeof(g->key));
	*ret = g;
	return OK;
}

static void forget(struct collected_graph *g)
{
	if (g->node_count)
		memset(g->slots, 0, sizeof(g->slots));
	explicit_bzero(g->nodes, g->node_count * sizeof(*g->nodes));
	explicit_bzero(g->texts, g->text_size);
	g->node_count = g->link_count = g->text_size = 0;
	g->not_understood = 0;
}

void collected_graph_free(struct collected_graph *g)
{
	if (g)
		forget(g);
	free(g);
}

bool collected_graph_has_room(const struct collected_graph *g)
{
	return g->node_count + ROOM_NODES <= COLLECTED_GRAPH_NODES &&
	       g->link_count < COLLECTED_GRAPH_LINKS &&
	       g->text_size + ROOM_TEXTS <= COLLECTED_GRAPH_TEXTS;
}

bool collected_graph_is_nearly_full(const struct collected_graph *g)
{
	return g->node_count >= COLLECTED_GRAPH_NODES / 8 * 7 ||
	       g->link_count >= COLLECTED_GRAPH_LINKS / 8 * 7 ||
	       g->text_size >= COLLECTED_GRAPH_TEXTS / 8 * 7;
}

struct collected_graph_id collected_graph_id(const struct collected_graph *g, const char *begin,
                                             struct view text)
{
	struct collected_graph_id id;
	crypto_generichash_state state;
	(void)crypto_generichash_init(&state, g->key, sizeof(g->key), sizeof(id.bytes));
	(void)crypto_generichash_update(&state, (const uint8_t *)begin, strlen(begin));
	(void)crypto_generichash_update(&state, text.bytes, text.size);
	(void)crypto_generichash_final(&state, id.bytes, sizeof(id.bytes));
	return id;
}

static uint32_t add_node(struct collected_graph *g)
{
	assert(g->node_count < COLLECTED_GRAPH_NODES);
	g->nodes[g->node_count] = (struct node){.links = COLLECTED_GRAPH_NONE,
	                                        .last = COLLECTED_GRAPH_NONE,
	                                        .of = COLLECTED_GRAPH_NONE};
	return g->node_count++;
}

uint32_t collected_graph_node(struct collected_graph *g, const struct collected_graph_id *id)
{
	uint32_t slot;
	if (!id)
		return add_node(g);
	memcpy(&slot, id->bytes, sizeof(slot));
	for (slot %= SLOTS; g->slots[slot]; slot = (slot + 1) % SLOTS) {
		if (memcmp(&g->nodes[g->slots[slot] - 1].id, id, sizeof(*id)) == 0)
			return g->slots[slot] - 1;
	}
	uint32_t node = add_node(g);
	g->nodes[node].id = *id;
	g->slots[slot] = node + 1;
	return node;
}

void collected_graph_set_package(struct collected_graph *g, uint32_t node)
{
	g->nodes[node].is_package = true;
}

void collected_graph_set_purl(struct collected_graph *g, uint32_t node)
{
	g->nodes[node].is_purl = true;
}

static struct view member_of(const struct collected_graph *g, const struct node *n,
                             enum collected_graph_member member)
{
	return view_of(g->texts + n->members[member].at, n->members[member].size);
}

static uint32_t add_other(struct collected_graph *g, uint32_t node)
{
	uint32_t other = add_node(g);
	g->nodes[other].is_package = g->nodes[node].is_package;
	g->nodes[other].is_reference = g->nodes[node].is_reference;
	g->nodes[other].is_purl = g->nodes[node].is_purl;
	g->not_understood++;
	return other;
}

uint32_t collected_graph_set(struct collected_graph *g, uint32_t node,
                             enum collected_graph_member member, struct view text)
{
	struct view own = member_of(g, &g->nodes[node], member);
	g->nodes[node].is_reference |= member == COLLECTED_GRAPH_LOCATOR;
	if (text.size > COLLECTED_GRAPH_TEXT_MAX)
		text.size = COLLECTED_GRAPH_TEXT_MAX;
	if (text.size == 0 || view_equal(own, text))
		return node;
	if (own.size)
		node = add_other(g, node);
	assert(text.size <= COLLECTED_GRAPH_TEXTS - g->text_size);
	memcpy(g->texts + g->text_size, text.bytes, text.size);
	g->nodes[node].members[member] = (struct text){g->text_size, (uint32_t)text.size};
	g->text_size += (uint32_t)text.size;
	g->nodes[node].is_package |= member == COLLECTED_GRAPH_VERSION;
	return node;
}

void collected_graph_link(struct collected_graph *g, uint32_t package, uint32_t reference)
{
	struct node *own = &g->nodes[package];
	assert(g->link_count < COLLECTED_GRAPH_LINKS);
	g->links[g->link_count] = (struct link){reference, COLLECTED_GRAPH_NONE};
	if (own->last == COLLECTED_GRAPH_NONE)
		own->links = g->link_count;
	else
		g->links[own->last].next = g->link_count;
	own->last = g->link_count++;
	own->is_package = true;
}

static int give_reference(struct collected_graph *g, struct node *reference,
                          struct collected_out *out, struct view name, bool *is_name)
{
	struct view locator = member_of(g, reference, COLLECTED_GRAPH_LOCATOR);
	if (!reference->is_told)
		(void)collected_spdx_check(out, reference->is_purl, locator);
	reference->is_told = true;
	return collected_spdx_reference(out, locator, name, is_name);
}

/* A link that is written twice is one. */
static int give_references(struct collected_graph *g, const struct node *package,
                           struct collected_out *out, bool *is_name)
{
	uint32_t number = (uint32_t)(package - g->nodes);
	struct view name = member_of(g, package, COLLECTED_GRAPH_NAME);
	int code = OK;
	for (uint32_t i = package->links; code >= 0 && i != COLLECTED_GRAPH_NONE;
	     i = g->links[i].next) {
		struct node *reference = &g->nodes[g->links[i].to];
		if (reference->of == number)
			continue;
		reference->of = number;
		g->not_understood += !reference->is_reference;
		code = give_reference(g, reference, out, name, is_name);
	}
	return code;
}

/* One that its references call by its own name is told by them. */
static int give_package(struct collected_graph *g, const struct node *package,
                        struct collected_out *out)
{
	bool is_told = false;
	struct collected_item item = {.kind = COLLECTED_PACKAGE,
	                              .name = member_of(g, package, COLLECTED_GRAPH_NAME),
	                              .version = member_of(g, package, COLLECTED_GRAPH_VERSION)};
	item.id = item.name;
	g->not_understood += item.name.size == 0;
	int code = give_references(g, package, out, &is_told);
	return code >= 0 && !is_told && item.id.size ? collected_give(out, &item) : code;
}

int collected_graph_give(struct collected_graph *g, struct collected_out *out)
{
	bool is_name = false;
	int code = OK;
	for (uint32_t i = 0; code >= 0 && i < g->node_count; i++) {
		if (g->nodes[i].is_package)
			code = give_package(g, &g->nodes[i], out);
	}
	for (uint32_t i = 0; code >= 0 && i < g->node_count; i++) {
		if (!g->nodes[i].is_told)
			code = give_reference(g, &g->nodes[i], out, (struct view){0}, &is_name);
	}
	out->not_understood += g->not_understood;
	forget(g);
	return code < 0 ? code : OK;
}
