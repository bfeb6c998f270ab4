/* compile_internal.h - what the files of the compiler share: compile.c (catalogue and organisation),
 * compile_rules.c (what each obligation does here), compile_exemptions.c (permissions), compile_index.c
 * (the look-ups), compile_own.c (rules and lists of the organisation's own), compile_windows.c (times of the
 * week), compile_answers.c (what blocked names are answered with). Nobody else includes it. */
#pragma once

#include "policy/address_index.h"
#include "policy/compile.h"
#include "policy/image_builder.h"
#include "policy/name_index_builder.h"

struct compiler {
	const struct policy_sources *from;
	struct image_builder image;
	struct problems *problems, *warnings;
	struct policy_counts counts;
	uint32_t unit_words;
	uint32_t *order_rows;           /* row of each order that is adopted, NONE for others */
	uint32_t *obligation_rows;      /* first obligation row of each order, likewise */
	uint32_t *own_rows;             /* order row of each own rule, then of each list */
	uint32_t *zone_rows;            /* first clock of each zone, then where the last ends */
	struct image_product *products; /* rows, written once their rules are known */
	size_t product_count;           /* catalogue, then lists */
	uint32_t identifier_count;
	int error; /* first of -ENOMEM, ERR_LIMIT */
};

static inline void compiler_fail(struct compiler *c, int error)
{
	if (error < 0 && c->error == 0)
		c->error = error;
}

/* Puts what was collected into the image and frees it; memory that ran out fails the compilation. */
uint32_t compiler_take_text(struct compiler *c, struct buffer *text);
/* Joins a list of texts, one a line, into one text of the image. */
uint32_t compiler_text_list(struct compiler *c, const struct schema_list *list);

/* Adds an empty set over units; returns its first word and where the words are. The pointer is good
 * until the next set is added. */
uint64_t *compiler_unit_set(struct compiler *c, uint32_t *ret_first);
/* Sets the bits of the named units; all units when the list is empty. */
void compiler_set_units(struct compiler *c, uint64_t *words, const struct schema_list *units);
/* Index of a product or order by id, or -1. */
int compiler_find_product(const struct compiler *c, const char *id);
int compiler_find_order(const struct compiler *c, const char *id);

/* Index of a product of the catalogue or a list, or -1. */
int compiler_find_listed(const struct compiler *c, const char *id);
/* The order row of the own rule or list that orders call `own-ID`, or NONE. */
uint32_t compiler_find_own(const struct compiler *c, const char *id);

void compile_clocks(struct compiler *c);
/* Adds the windows; returns the first row. */
uint32_t compile_windows(struct compiler *c, const struct schema_list *windows);
void compile_answers(struct compiler *c);
/* Adds a rule's own answer; NONE when it has none. */
uint32_t compile_answer(struct compiler *c, const struct block_answer *answer);
uint32_t compiler_network_bits(uint64_t networks);

/* Adds own rules on that product of the catalogue behind its others. */
void compile_own_rules(struct compiler *c, size_t product);
void compile_own_list(struct compiler *c, size_t list);
void compile_rules(struct compiler *c);
void compile_exemptions(struct compiler *c);
void compile_indexes(struct compiler *c);
