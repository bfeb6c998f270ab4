#include "daemon/anchor_file.h"

#include "source/file.h"
#include "wire/dname.h"

enum { ANCHOR_FILE_SIZE_MAX = 1 << 20 };

static struct view take_word(struct view *line)
{
	struct view word = {.bytes = line->bytes};
	while (word.size < line->size && !view_is_space(line->bytes[word.size]))
		word.size++;
	*line = view_trim(view_skip(*line, word.size));
	return word;
}

static bool is_anchor_of(struct view line, const struct dname *zone)
{
	struct dname owner;
	struct view word = take_word(&line);
	if (dname_parse_text(word, &owner) < 0 || !dname_equal(&owner, zone))
		return false;
	while (line.size) {
		word = take_word(&line);
		if (view_is_nocase(word, "DS") || view_is_nocase(word, "DNSKEY"))
			return true;
	}
	return false;
}

int anchor_file_check(const char *path, const char *zone)
{
	struct buffer text = {0};
	struct dname name;
	int code = dname_parse_text(view_text(zone), &name);
	if (code == OK)
		code = file_read(path, ANCHOR_FILE_SIZE_MAX, &text);
	struct view rest = buffer_view(&text);
	bool has = false;
	while (code == OK && !has && rest.size)
		has = is_anchor_of(view_split(&rest, '\n'), &name);
	buffer_done(&text);
	return code < 0 ? code : has ? OK : ERR_MISSING;
}
