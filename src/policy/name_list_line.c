#include "policy/name_list_line.h"

#include <arpa/inet.h>

#define EXPECTED_NAME "a domain name, such as example.com"

struct view name_list_cut_comment(struct view text, uint8_t mark)
{
	const uint8_t *at = text.size ? memchr(text.bytes, mark, text.size) : NULL;
	while (at && at > text.bytes && !view_is_space(at[-1])) {
		size_t next = (size_t)(at - text.bytes) + 1;
		at = memchr(text.bytes + next, mark, text.size - next);
	}
	return at ? view_trim(view_of(text.bytes, (size_t)(at - text.bytes))) : text;
}

bool name_list_is_address(struct view word)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t address[16];
	const uint8_t *zone = word.size ? memchr(word.bytes, '%', word.size) : NULL;
	if (zone)
		word.size = (size_t)(zone - word.bytes);
	if (word.size == 0 || word.size >= sizeof(text))
		return false;
	memcpy(text, word.bytes, word.size);
	text[word.size] = 0;
	return inet_pton(memchr(text, ':', word.size) ? AF_INET6 : AF_INET, text, address) == 1;
}

/* A byte of a host's name in lower case, '.' itself, 0 for what may not stand in one. */
static const uint8_t folded[128] = {
	['-'] = '-', ['.'] = '.', ['_'] = '_', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3',
	['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['a'] = 'a',
	['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h',
	['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o',
	['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v',
	['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c',
	['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j',
	['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q',
	['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x',
	['Y'] = 'y', ['Z'] = 'z',
};

/* The usual line of a list of a million: ASCII, no final dot. False: not that, or not a name. */
static bool parse_ascii(struct view text, struct dname *ret)
{
	if (text.size == 0 || text.size > DNAME_SIZE_MAX - 2)
		return false;
	unsigned labels = 1;
	size_t label = 0; /* where the length of the open label stands */
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.bytes[i] < sizeof(folded) ? folded[text.bytes[i]] : 0;
		if (c == 0)
			return false;
		ret->bytes[i + 1] = c;
		if (c != '.')
			continue;
		if (i == label || i - label > 63)
			return false;
		ret->bytes[label] = (uint8_t)(i - label);
		label = i + 1;
		labels++;
	}
	if (text.size == label || text.size - label > 63)
		return false;
	ret->bytes[label] = (uint8_t)(text.size - label);
	ret->bytes[text.size + 1] = 0;
	ret->size = (uint8_t)(text.size + 2);
	ret->labels = (uint8_t)labels;
	return true;
}

/* Mapping can make a dot or a slash out of a wider one, so what comes out is checked, too. */
static bool parse_international(struct view text, struct dname *ret)
{
	bool is_ascii = true;
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.bytes[i];
		is_ascii = is_ascii && c < 0x80;
		if (c < 0x80 && folded[c] == 0)
			return false;
	}
	char mapped[DNAME_TEXT_SIZE];
	return !is_ascii && dname_parse_text(text, ret) == OK && ret->labels &&
	       parse_ascii(view_text(dname_print(ret, mapped)), ret);
}

/* No top-level domain is a number: `1.2.3.4` is an address that lost its place. */
static bool ends_in_number(struct view text)
{
	size_t at = text.size;
	while (at && text.bytes[at - 1] >= '0' && text.bytes[at - 1] <= '9')
		at--;
	return at < text.size && (at == 0 || text.bytes[at - 1] == '.');
}

enum name_list_kind name_list_take_name(struct name_list *list, struct view word,
                                        enum name_rule rule, struct name_list_entry *ret)
{
	struct view text = word;
	if (view_starts_with(text, view_text("*."))) {
		text = view_skip(text, 2);
		rule = NAME_BELOW;
	}
	if (text.size > 1 && text.bytes[text.size - 1] == '.')
		text.size--;
	if (!parse_ascii(text, &ret->name) && !parse_international(text, &ret->name))
		return name_list_problem(list, word, EXPECTED_NAME, ret);
	if (ends_in_number(text))
		return name_list_problem(list, word, EXPECTED_NAME ", not an address or a number",
		                         ret);
	ret->rule = rule;
	ret->column = (unsigned)(word.bytes - list->whole.bytes) + 1;
	return list->kind;
}
