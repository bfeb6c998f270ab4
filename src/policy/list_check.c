#include "policy/list_check.h"

const char *const list_finding_texts[LIST_FINDINGS] = {
	[LIST_GOOD] = "it is a list",
	[LIST_SHRUNK] = "it has less than half of the names before",
	[LIST_EMPTY] = "it is empty",
	[LIST_MARKUP] = "it is a web page, not a list",
	[LIST_NAMELESS] = "no line of it is a name in its format",
	[LIST_TOO_LONG] = "it has more names than a list may have",
};

static void count(struct view text, enum name_list_format format, struct name_list_counts *ret)
{
	struct name_list list;
	struct name_list_entry entry;
	enum name_list_kind kind;
	*ret = (struct name_list_counts){0};
	name_list_open(text, format, &list);
	while ((kind = name_list_next(&list, &entry)) != NAME_LIST_END) {
		if (kind == NAME_LIST_PROBLEM)
			ret->problems++;
		else if (kind == NAME_LIST_NAME)
			ret->names++;
		else
			ret->exceptions++;
	}
	ret->format = list.format;
	ret->skipped = list.skipped;
}

enum list_finding list_check(struct view text, enum name_list_format format, size_t names_before,
                             struct name_list_counts *ret)
{
	static const struct view mark = {(const uint8_t *)"\xef\xbb\xbf", 3};
	struct view content = view_trim(view_starts_with(text, mark) ? view_skip(text, 3) : text);
	*ret = (struct name_list_counts){.format = format};
	if (content.size == 0)
		return LIST_EMPTY;
	if (content.bytes[0] == '<')
		return LIST_MARKUP;
	count(text, format, ret);
	if (ret->names == 0)
		return LIST_NAMELESS;
	if (ret->names > LIST_NAMES_MAX)
		return LIST_TOO_LONG;
	return ret->names < names_before / 2 + names_before % 2 ? LIST_SHRUNK : LIST_GOOD;
}
