#include "policy/name_list.h"

#include "policy/name_list_line.h"

static const struct {
	const char *text;
	enum name_list_kind (*read)(struct name_list *list, struct name_list_entry *ret);
} formats[] = {
	[NAME_LIST_AUTO] = {"auto", NULL},
	[NAME_LIST_PLAIN] = {"plain", name_list_read_plain},
	[NAME_LIST_HOSTS] = {"hosts", name_list_read_hosts},
	[NAME_LIST_ADBLOCK] = {"adblock", name_list_read_adblock},
	[NAME_LIST_DNSMASQ] = {"dnsmasq", name_list_read_dnsmasq},
	[NAME_LIST_RPZ] = {"rpz", name_list_read_rpz},
};

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

const char *name_list_format_text(enum name_list_format format)
{
	return formats[format].text;
}

static bool starts_with(struct view v, const char *text)
{
	return view_starts_with(v, view_text(text));
}

/* Votes of one line: how sure it is, and of which format. */
enum { VOTE = 1, CERTAIN = 1000, LINES_JUDGED = 100 };

static unsigned judge_line(struct view line, enum name_list_format *ret)
{
	if (line.size == 0 || memchr("#!;", line.bytes[0], 3))
		return 0;
	*ret = NAME_LIST_ADBLOCK;
	if (starts_with(line, "[Adblock"))
		return CERTAIN;
	if (starts_with(line, "||") || starts_with(line, "@@"))
		return VOTE;
	*ret = NAME_LIST_RPZ;
	if (starts_with(line, "$TTL") || starts_with(line, "$ORIGIN"))
		return CERTAIN;
	*ret = NAME_LIST_DNSMASQ;
	if (starts_with(line, "address=/") || starts_with(line, "server=/") ||
	    starts_with(line, "local=/"))
		return VOTE;
	struct view word = name_list_word(&line);
	*ret = NAME_LIST_HOSTS;
	if (line.size && name_list_is_address(word))
		return VOTE;
	*ret = NAME_LIST_RPZ;
	while (line.size) {
		word = name_list_word(&line);
		if (view_is_nocase(word, "SOA"))
			return CERTAIN;
		if (view_is_nocase(word, "CNAME"))
			return VOTE;
	}
	*ret = NAME_LIST_PLAIN;
	return VOTE;
}

static enum name_list_format detect(struct view text)
{
	unsigned votes[FORMATS] = {0}, judged = 0;
	while (text.size && judged < LINES_JUDGED) {
		enum name_list_format format;
		unsigned vote = judge_line(view_trim(view_split(&text, '\n')), &format);
		if (vote == 0)
			continue;
		votes[format] += vote;
		judged++;
	}
	unsigned best = NAME_LIST_PLAIN;
	for (unsigned i = best + 1; i < FORMATS; i++) {
		if (votes[i] > votes[best])
			best = i;
	}
	return best;
}

void name_list_open(struct view text, enum name_list_format format, struct name_list *ret)
{
	if (starts_with(text, "\xef\xbb\xbf"))
		text = view_skip(text, 3);
	*ret = (struct name_list){
		.format = format == NAME_LIST_AUTO ? detect(text) : format,
		.rest = text,
		.zone = {.size = 1},
		.origin = {.size = 1},
		.owner = {.size = 1},
	};
}

/* Moves to the next line that is not blank; false after the last one. */
static bool next_line(struct name_list *list)
{
	while (list->rest.size) {
		list->whole = view_split(&list->rest, '\n');
		list->line++;
		list->left = view_trim(list->whole);
		list->kind = NAME_LIST_NAME;
		if (list->left.size)
			return true;
		list->skipped++;
	}
	return false;
}

enum name_list_kind name_list_next(struct name_list *list, struct name_list_entry *ret)
{
	for (;;) {
		list->is_begun = list->left.size != 0;
		if (!list->is_begun && !next_line(list))
			return NAME_LIST_END;
		ret->line = list->line;
		enum name_list_kind kind = formats[list->format].read(list, ret);
		if (kind != NAME_LIST_END)
			return kind;
		list->skipped += !list->is_begun;
	}
}

static int add_entry(const struct name_list_source *source, const struct name_list_entry *entry,
                     enum name_list_kind kind, struct name_index_builder *builder)
{
	bool is_name = kind == NAME_LIST_NAME;
	if (!is_name && source->exception == source->value)
		return OK;
	return name_index_builder_add(builder, &entry->name, entry->rule,
	                              is_name ? source->value : source->exception);
}

int name_list_add(const struct name_list_source *source, struct name_index_builder *builder,
                  struct problems *problems, struct name_list_counts *ret)
{
	struct name_list list;
	struct name_list_entry entry;
	struct name_list_counts counts = {0};
	enum name_list_kind kind;
	name_list_open(source->text, source->format, &list);
	while ((kind = name_list_next(&list, &entry)) != NAME_LIST_END) {
		if (kind == NAME_LIST_PROBLEM) {
			if (counts.problems++ < NAME_LIST_PROBLEMS_SHOWN)
				problem_add(problems, source->file, entry.line, entry.column,
				            "cannot be used, expected %s", entry.expected);
			continue;
		}
		*(kind == NAME_LIST_NAME ? &counts.names : &counts.exceptions) += 1;
		int r = add_entry(source, &entry, kind, builder);
		if (r < 0)
			return r;
	}
	counts.format = list.format;
	counts.skipped = list.skipped;
	*ret = counts;
	return OK;
}
