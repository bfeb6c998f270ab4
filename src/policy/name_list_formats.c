/* The readers of the formats that say all in one line; zones are in name_list_rpz.c. */
#include "policy/name_list_line.h"

static bool starts_with(struct view v, const char *text)
{
	return view_starts_with(v, view_text(text));
}

enum name_list_kind name_list_read_plain(struct name_list *list, struct name_list_entry *ret)
{
	struct view line = list->left;
	list->left = (struct view){0};
	if (line.bytes[0] == '!' || line.bytes[0] == ';' || starts_with(line, "//"))
		return NAME_LIST_END;
	line = name_list_cut_comment(line, '#');
	if (line.size == 0)
		return NAME_LIST_END;
	struct view word = name_list_word(&line);
	if (line.size)
		return name_list_problem(list, line, "one name a line, and nothing after it", ret);
	if (word.size > 1 && word.bytes[0] == '.') /* as Squid writes a name and all below it */
		word = view_skip(word, 1);
	return name_list_take_name(list, word, NAME_SUFFIX, ret);
}

/* Names that every hosts file gives to its own machine. */
static bool is_local(struct view name)
{
	static const char *const local[] = {
		"localhost",      "localhost.localdomain",
		"local",          "broadcasthost",
		"ip6-localhost",  "ip6-loopback",
		"ip6-localnet",   "ip6-mcastprefix",
		"ip6-allnodes",   "ip6-allrouters",
		"ip6-allhosts",   "0.0.0.0",
		"localhost4",     "localhost6",
		"ip6-allservers",
	};
	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++) {
		if (view_is_nocase(name, local[i]))
			return true;
	}
	return false;
}

static bool leads_nowhere(struct view address)
{
	return view_is(address, "0.0.0.0") || starts_with(address, "127.") ||
	       view_is(address, "::") || view_is(address, "::1") || view_is(address, "::0") ||
	       view_is(address, "0:0:0:0:0:0:0:0") || view_is(address, "0:0:0:0:0:0:0:1");
}

enum name_list_kind name_list_read_hosts(struct name_list *list, struct name_list_entry *ret)
{
	if (!list->is_begun) {
		list->left = name_list_cut_comment(list->left, '#');
		if (list->left.size == 0)
			return NAME_LIST_END;
		struct view address = name_list_word(&list->left);
		if (!name_list_is_address(address))
			return name_list_problem(list, address, "an address, then names", ret);
		list->kind = leads_nowhere(address) ? NAME_LIST_NAME : NAME_LIST_PROBLEM;
		if (list->left.size == 0)
			return name_list_problem(list, address, "a name after the address", ret);
	}
	while (list->left.size) {
		struct view word = name_list_word(&list->left);
		if (is_local(word))
			continue;
		if (list->kind == NAME_LIST_PROBLEM)
			return name_list_problem(
				list, list->whole,
				"0.0.0.0, 127.0.0.1, :: or ::1, for a name that is to be blocked",
				ret);
		return name_list_take_name(list, word, NAME_EXACT, ret);
	}
	return NAME_LIST_END;
}

/* What follows the name: an end mark, and options that leave the rule to hold for all traffic. */
static const char *check_adblock_tail(struct view tail)
{
	if (starts_with(tail, "^"))
		tail = view_skip(tail, 1);
	if (starts_with(tail, "|"))
		tail = view_skip(tail, 1);
	if (tail.size == 0)
		return NULL;
	if (tail.bytes[0] != '$')
		return "a rule for whole names, such as ||example.com^";
	tail = view_skip(tail, 1);
	do {
		struct view option = view_split(&tail, ',');
		if (!view_is(option, "important") && !view_is(option, "all"))
			return "no option but important and all: others limit the rule";
	} while (tail.bytes);
	return NULL;
}

static bool is_adblock_comment(struct view line)
{
	if (line.bytes[0] == '#') /* `##.banner` and its like hide parts of pages */
		return line.size == 1 || !memchr("#@?$%", line.bytes[1], 5);
	return line.bytes[0] == '!' || line.bytes[0] == '[';
}

enum name_list_kind name_list_read_adblock(struct name_list *list, struct name_list_entry *ret)
{
	struct view line = list->left;
	list->left = (struct view){0};
	if (is_adblock_comment(line))
		return NAME_LIST_END;
	if (line.bytes[0] != '#')
		line = name_list_cut_comment(line, '#');
	if (starts_with(line, "@@")) {
		list->kind = NAME_LIST_EXCEPTION;
		line = view_skip(line, 2);
	}
	bool is_anchored = starts_with(line, "||");
	if (is_anchored)
		line = view_skip(line, 2);
	struct view name = {line.bytes, 0};
	while (name.size < line.size && !memchr("^$|/#", line.bytes[name.size], 5))
		name.size++;
	struct view tail = view_skip(line, name.size);
	const char *expected = check_adblock_tail(tail);
	if (expected)
		return name_list_problem(list, tail, expected, ret);
	return name_list_take_name(list, name, is_anchored ? NAME_SUFFIX : NAME_EXACT, ret);
}

enum dnsmasq_verb { DNSMASQ_ADDRESS, DNSMASQ_SERVER };

static const struct {
	const char *text;
	enum dnsmasq_verb verb;
} dnsmasq_verbs[] = {
	{"address=/", DNSMASQ_ADDRESS},
	{"server=/", DNSMASQ_SERVER},
	{"local=/", DNSMASQ_SERVER},
};

/* Sets what the names of the line are; returns what was expected of the target otherwise. */
static const char *read_dnsmasq_target(struct name_list *list, enum dnsmasq_verb verb,
                                       struct view target)
{
	bool is_default = view_is(target, "#");
	if (verb == DNSMASQ_ADDRESS)
		return target.size == 0 || is_default || name_list_is_address(target)
		               ? NULL
		               : "an address, # or nothing after the last /";
	if (is_default)
		list->kind = NAME_LIST_EXCEPTION;
	return target.size == 0 || is_default ? NULL
	                                      : "no server: the name would be resolved there";
}

/* Leaves in list->left the names between the first `/` and the last. */
static enum name_list_kind begin_dnsmasq_line(struct name_list *list, struct name_list_entry *ret)
{
	struct view line = name_list_cut_comment(list->left, '#');
	list->left = (struct view){0};
	if (line.size == 0)
		return NAME_LIST_END;
	size_t row = 0, rows = sizeof(dnsmasq_verbs) / sizeof(*dnsmasq_verbs);
	while (row < rows && !starts_with(line, dnsmasq_verbs[row].text))
		row++;
	if (row == rows)
		return name_list_problem(list, line,
		                         "address=/name/, server=/name/ or local=/name/", ret);
	struct view names = view_skip(line, strlen(dnsmasq_verbs[row].text));
	const uint8_t *last = names.size ? memrchr(names.bytes, '/', names.size) : NULL;
	if (!last)
		return name_list_problem(list, names, "a / after the name", ret);
	struct view target = view_skip(names, (size_t)(last - names.bytes) + 1);
	const char *expected = read_dnsmasq_target(list, dnsmasq_verbs[row].verb, target);
	if (expected)
		return name_list_problem(list, target, expected, ret);
	list->left = view_of(names.bytes, (size_t)(last - names.bytes));
	return NAME_LIST_NAME;
}

enum name_list_kind name_list_read_dnsmasq(struct name_list *list, struct name_list_entry *ret)
{
	if (!list->is_begun) {
		enum name_list_kind kind = begin_dnsmasq_line(list, ret);
		if (kind != NAME_LIST_NAME)
			return kind;
	}
	return name_list_take_name(list, view_split(&list->left, '/'), NAME_SUFFIX, ret);
}
