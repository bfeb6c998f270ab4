/* The reader of response policy zones: the parts of a zone file that such lists use. */
#include "policy/name_list_line.h"

#define EXPECTED_RECORD "a record, such as `example.com CNAME .`"

/* Reads a name of the zone file: "@", relative to the origin, or with a final dot. */
static int read_name(const struct name_list *list, struct view word, struct dname *ret)
{
	if (view_is(word, "@")) {
		*ret = list->origin;
		return OK;
	}
	struct dname name;
	int r = dname_parse_text(word, &name);
	if (r < 0)
		return r;
	if (word.bytes[word.size - 1] != '.') {
		if (name.size + list->origin.size - 1 > DNAME_SIZE_MAX)
			return ERR_LIMIT;
		memcpy(name.bytes + name.size - 1, list->origin.bytes, list->origin.size);
		name.size = (uint8_t)(name.size + list->origin.size - 1);
		name.labels = (uint8_t)(name.labels + list->origin.labels);
	}
	*ret = name;
	return OK;
}

static void set_zone(struct name_list *list, const struct dname *zone)
{
	list->zone = *zone;
	list->has_zone = true;
}

static enum name_list_kind read_directive(struct name_list *list, struct view line,
                                          struct name_list_entry *ret)
{
	struct view word = name_list_word(&line);
	if (view_is_nocase(word, "$TTL"))
		return NAME_LIST_END;
	if (!view_is_nocase(word, "$ORIGIN"))
		return name_list_problem(list, word, "$TTL or $ORIGIN", ret);
	struct view text = name_list_word(&line);
	struct dname origin;
	if (text.size == 0 || read_name(list, text, &origin) < 0)
		return name_list_problem(list, text.size ? text : word, "$ORIGIN and a name", ret);
	list->origin = origin;
	if (!list->has_zone)
		set_zone(list, &origin);
	return NAME_LIST_END;
}

/* A record that goes on over lines until its parentheses are closed. */
static void count_parentheses(struct name_list *list, struct view line)
{
	for (size_t i = 0; i < line.size; i++) {
		if (line.bytes[i] == '(')
			list->open_count++;
		else if (line.bytes[i] == ')' && list->open_count)
			list->open_count--;
	}
}

static bool is_ttl_or_class(struct view word)
{
	return (word.size && word.bytes[0] >= '0' && word.bytes[0] <= '9') ||
	       view_is_nocase(word, "IN");
}

/* Whether the name's last label says that it is not a name but an address or a name server. */
static bool is_other_trigger(const struct dname *name)
{
	static const char *const other[] = {"rpz-ip", "rpz-client-ip", "rpz-nsip", "rpz-nsdname"};
	size_t at = 0;
	for (unsigned i = 1; i < name->labels; i++)
		at += name->bytes[at] + 1u;
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		if (view_is(view_of(name->bytes + at + 1, name->bytes[at]), other[i]))
			return true;
	}
	return false;
}

/* Takes the zone's own name off the owner, and `*.` off the front. */
static enum name_list_kind take_owner(struct name_list *list, struct view word,
                                      enum name_list_kind kind, struct name_list_entry *ret)
{
	struct dname name = list->owner;
	if (!dname_is_under(&name, &list->zone))
		return name_list_problem(list, word, "a name in the zone", ret);
	name.size = (uint8_t)(name.size - list->zone.size + 1);
	name.labels = (uint8_t)(name.labels - list->zone.labels);
	name.bytes[name.size - 1] = 0;
	bool is_wildcard = name.labels && name.bytes[0] == 1 && name.bytes[1] == '*';
	if (is_wildcard) {
		name.size = (uint8_t)(name.size - 2);
		name.labels--;
		memmove(name.bytes, name.bytes + 2, name.size);
	}
	if (name.labels == 0)
		return name_list_problem(list, word, "a name below the zone", ret);
	if (is_other_trigger(&name))
		return name_list_problem(list, word, "a name: other triggers are not names", ret);
	ret->name = name;
	ret->rule = is_wildcard ? NAME_BELOW : NAME_EXACT;
	ret->column = (unsigned)(word.bytes - list->whole.bytes) + 1;
	return kind;
}

/* `at`: where problems of the owner are shown. */
static enum name_list_kind read_record(struct name_list *list, struct view at, struct view rest,
                                       struct name_list_entry *ret)
{
	struct view type = name_list_word(&rest);
	while (is_ttl_or_class(type))
		type = name_list_word(&rest);
	struct view target = name_list_word(&rest);
	if (view_is_nocase(type, "SOA")) {
		set_zone(list, &list->owner);
		return NAME_LIST_END;
	}
	if (view_is_nocase(type, "NS") || view_is_nocase(type, "TXT"))
		return NAME_LIST_END;
	bool is_address = view_is_nocase(type, "A") || view_is_nocase(type, "AAAA");
	if ((!is_address && !view_is_nocase(type, "CNAME")) || target.size == 0)
		return name_list_problem(list, type.size ? type : at, EXPECTED_RECORD, ret);
	if (is_address && !name_list_is_address(target))
		return name_list_problem(list, target, "an address", ret);
	if (!is_address && view_is_nocase(target, "rpz-tcp-only."))
		return name_list_problem(list, target, "an action that blocks or passes", ret);
	bool passes = !is_address && view_is_nocase(target, "rpz-passthru.");
	return take_owner(list, at, passes ? NAME_LIST_EXCEPTION : NAME_LIST_NAME, ret);
}

enum name_list_kind name_list_read_rpz(struct name_list *list, struct name_list_entry *ret)
{
	struct view line = list->left;
	list->left = (struct view){0};
	const uint8_t *comment = memchr(line.bytes, ';', line.size);
	if (comment)
		line = view_trim(view_of(line.bytes, (size_t)(comment - line.bytes)));
	bool goes_on = list->open_count > 0;
	count_parentheses(list, line);
	if (goes_on || line.size == 0)
		return NAME_LIST_END;
	if (line.bytes[0] == '$')
		return read_directive(list, line, ret);
	if (view_is_space(list->whole.bytes[0])) /* no owner: that of the record before */
		return read_record(list, line, line, ret);
	struct view rest = line, owner = name_list_word(&rest);
	if (read_name(list, owner, &list->owner) < 0)
		return name_list_problem(list, owner, "the name that the record is for", ret);
	return read_record(list, owner, rest, ret);
}
