/* source.h - a YAML document as a stream of nodes with their places.
 *
 * What:    a thin layer over libyaml that refuses what a configuration does not need (anchors, aliases,
 *          tags, directives, further documents), holds the limits, and adds a problem for each.
 * Owns:    the parser; what node.text points to lives until the next call of source_next().
 * Fails:   sticky. After ERR_INVALID (not YAML), ERR_LIMIT or -ENOMEM every node is NODE_STOP.
 *          Problems after which reading can go on only set `is_bad`. */
#pragma once

#include <yaml.h>

#include "base/problem.h"
#include "config/schema.h"

enum node_kind {
	NODE_STOP, /* no more nodes: the document ended, or the source failed */
	NODE_END,  /* of the list or map that is open */
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
	NODE_BAD, /* a problem was added already; nothing to skip */
};

struct node {
	enum node_kind kind;
	bool is_empty;    /* a scalar of which nothing is written */
	struct view text; /* of a scalar */
	struct config_mark at;
};

struct source {
	const char *file;
	struct view text;
	struct problems *problems;
	int error;   /* OK or the failure */
	bool is_bad; /* a problem was added */
	/* below: private */
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event;
	size_t nodes;
	unsigned depth;
};

/* `file` and `text` are borrowed. */
void source_open(struct source *s, const char *file, struct view text, struct problems *p);
void source_close(struct source *s);

struct node source_next(struct source *s);
/* Passes over the rest of a node that source_next() returned. */
void source_skip(struct source *s, const struct node *n);

void source_complain(struct source *s, struct config_mark at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Takes note of memory that ran out. */
void source_fail(struct source *s, int error);
