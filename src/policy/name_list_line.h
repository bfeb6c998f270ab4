/* name_list_line.h - what the readers of the formats share: one line, its words, its outcome.
 *
 * A reader is called with the line in list->left, trimmed and not empty, and again as long as it
 * leaves something there. It returns NAME_LIST_END when the (rest of the) line holds no name. */
#pragma once

#include "policy/name_list.h"

/* Columns are counted from list->whole. */
enum name_list_kind name_list_read_plain(struct name_list *list, struct name_list_entry *ret);
enum name_list_kind name_list_read_hosts(struct name_list *list, struct name_list_entry *ret);
enum name_list_kind name_list_read_adblock(struct name_list *list, struct name_list_entry *ret);
enum name_list_kind name_list_read_dnsmasq(struct name_list *list, struct name_list_entry *ret);
enum name_list_kind name_list_read_rpz(struct name_list *list, struct name_list_entry *ret);

/* Cuts the next word off the front of `text`, and the white space around it. */
static inline struct view name_list_word(struct view *text)
{
	*text = view_trim(*text);
	struct view word = {text->bytes, 0};
	while (word.size < text->size && !view_is_space(text->bytes[word.size]))
		word.size++;
	*text = view_trim(view_skip(*text, word.size));
	return word;
}

/* Ends the line with a problem at the begin of `at`. */
static inline enum name_list_kind name_list_problem(struct name_list *list, struct view at,
                                                    const char *expected,
                                                    struct name_list_entry *ret)
{
	ret->column = at.bytes ? (unsigned)(at.bytes - list->whole.bytes) + 1 : 1;
	ret->expected = expected;
	list->left = (struct view){0};
	return NAME_LIST_PROBLEM;
}

/* Drops what follows `mark` where that is at the begin or after white space. */
struct view name_list_cut_comment(struct view text, uint8_t mark);
/* True for any IPv4 or IPv6 address, also with a zone (`fe80::1%lo0`). */
bool name_list_is_address(struct view word);
/* Sets name and column from a name that names a host: letters, digits, `-`, `_` and international
 * characters; `*.` before it makes the rule NAME_BELOW. Returns list->kind, or a problem. */
enum name_list_kind name_list_take_name(struct name_list *list, struct view word,
                                        enum name_rule rule, struct name_list_entry *ret);
