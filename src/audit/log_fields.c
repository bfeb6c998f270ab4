#include "audit/log_fields.h"

#include "audit/log_time.h"

bool log_has(struct view text, const char *mark)
{
	return text.size && memmem(text.bytes, text.size, mark, strlen(mark));
}

bool log_cut(struct view text, const char *mark, struct view *ret_before, struct view *ret_after)
{
	const uint8_t *at = text.size ? memmem(text.bytes, text.size, mark, strlen(mark)) : NULL;
	if (!at)
		return false;
	*ret_before = view_of(text.bytes, (size_t)(at - text.bytes));
	*ret_after = view_skip(text, (size_t)(at - text.bytes) + strlen(mark));
	return true;
}

/* Of text that begins with a quote: the size with both quotes, or to the end. */
static size_t quoted_size(struct view text, uint8_t quote)
{
	for (size_t i = 1; i < text.size; i++) {
		if (text.bytes[i] == '\\')
			i++;
		else if (text.bytes[i] == quote &&
		         (i + 1 == text.size || text.bytes[i + 1] != quote))
			return i + 1;
		else if (text.bytes[i] == quote)
			i++;
	}
	return text.size;
}

static struct view unquote(struct view text, uint8_t quote)
{
	if (text.size < 2 || text.bytes[0] != quote || text.bytes[text.size - 1] != quote)
		return text;
	return view_of(text.bytes + 1, text.size - 2);
}

bool log_column_cut(struct view *rest, uint8_t separator, uint8_t quote, struct view *ret)
{
	if (!rest->bytes)
		return false;
	bool is_quoted = quote && rest->size && rest->bytes[0] == quote;
	size_t quoted = is_quoted ? quoted_size(*rest, quote) : 0;
	const uint8_t *end = memchr(rest->bytes + quoted, separator, rest->size - quoted);
	size_t size = end ? (size_t)(end - rest->bytes) : rest->size;
	struct view whole = view_of(rest->bytes, size);
	*ret = is_quoted ? unquote(whole, quote) : whole;
	*rest = end ? view_skip(*rest, size + 1) : (struct view){0};
	return true;
}

bool log_column_next(struct view *rest, uint8_t separator, struct view *ret)
{
	return log_column_cut(rest, separator, '"', ret);
}

/* Of text that begins with a bracket: the size of `[a b]` where a word ends with it; 0 for another, as `[2001:db8::1]:443`. */
static size_t bracketed_size(struct view text)
{
	const uint8_t *close = memchr(text.bytes, ']', text.size);
	size_t size = close ? (size_t)(close - text.bytes) + 1 : 0;
	bool is_word = size == text.size || text.bytes[size] == ' ' || text.bytes[size] == '\t';
	return is_word ? size : 0;
}

bool log_word_next(struct view *rest, struct view *ret)
{
	while (rest->size && (rest->bytes[0] == ' ' || rest->bytes[0] == '\t'))
		*rest = view_skip(*rest, 1);
	if (rest->size == 0)
		return false;
	size_t size = rest->bytes[0] == '[' ? bracketed_size(*rest) : 0;
	if (rest->bytes[0] == '"') {
		size = quoted_size(*rest, '"');
		*ret = unquote(view_of(rest->bytes, size), '"');
	} else if (size) {
		*ret = view_of(rest->bytes + 1, size - 2);
	} else {
		while (size < rest->size && rest->bytes[size] != ' ' && rest->bytes[size] != '\t')
			size++;
		*ret = view_of(rest->bytes, size);
	}
	*rest = view_skip(*rest, size);
	return true;
}

size_t log_words(struct view line, struct view *ret, size_t max)
{
	size_t count = 0;
	while (count < max && log_word_next(&line, &ret[count]))
		count++;
	return count;
}

bool log_is_second(struct log_state *state, struct view before)
{
	if (state->is_begin)
		state->has_queries |= log_has(before, "dns-query");
	return state->has_queries && log_has(before, "dns-response");
}

void log_syslog_time(struct view line, struct log_record *ret)
{
	struct view word;
	if (line.size && line.bytes[0] == '<')
		(void)view_split(&line, '>');
	for (int i = 0; i < 2 && log_word_next(&line, &word); i++)
		log_record_set(ret, LOG_TIME, word);
}

/* Of "-", or of elements of structured data: [id name="value"][id ...] */
static struct view skip_elements(struct view rest)
{
	struct view word;
	if (rest.size == 0 || rest.bytes[0] != '[') {
		(void)log_word_next(&rest, &word);
		return rest;
	}
	bool is_quoted = false;
	for (size_t i = 1; i < rest.size; i++) {
		bool is_end = !is_quoted && rest.bytes[i] == ']';
		if (rest.bytes[i] == '\\')
			i++;
		else if (rest.bytes[i] == '"')
			is_quoted = !is_quoted;
		else if (is_end && (i + 1 == rest.size || rest.bytes[i + 1] != '['))
			return view_skip(rest, i + 1);
	}
	return view_skip(rest, rest.size);
}

/* Cuts off 2026-01-15T10:00:00Z, or Jan 15 10:00:00, perhaps with a year. False: neither is there. */
static bool skip_syslog_time(struct view *rest)
{
	enum { DATE_SIZE = sizeof("2026-01-15") - 1, CLOCK_SIZE = sizeof("10:00:00") - 1 };
	struct view after = *rest, word;
	int64_t at_us;
	if (!log_word_next(&after, &word))
		return false;
	bool is_time = word.size > DATE_SIZE && word.bytes[DATE_SIZE] == 'T' &&
	               log_time_parse(word, &at_us) == OK;
	bool is_month = word.size == 3 && log_month_of(word) != 0;
	/* day, year, clock */
	for (int i = 0; is_month && !is_time && i < 3 && log_word_next(&after, &word); i++)
		is_time = i > 0 && word.size >= CLOCK_SIZE && word.bytes[2] == ':';
	if (is_time)
		*rest = after;
	return is_time;
}

struct view log_syslog_text(struct view line)
{
	struct view rest = line, word;
	bool has_version = false;
	if (rest.size && rest.bytes[0] == '<') {
		(void)view_split(&rest, '>');
		has_version = view_starts_with(rest, view_text("1 "));
		rest = view_skip(rest, has_version ? 2 : 0);
	}
	if (!skip_syslog_time(&rest))
		return line;
	if (has_version) {
		for (int i = 0; i < 4; i++)
			(void)log_word_next(&rest, &word);
		return view_trim(skip_elements(view_trim(rest)));
	}
	for (int i = 0; i < 2 && log_word_next(&rest, &word); i++) {
		if (word.size && word.bytes[word.size - 1] == ':')
			return view_trim(rest);
	}
	return line;
}
