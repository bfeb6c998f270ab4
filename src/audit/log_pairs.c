/* log_pairs.c - lines of keys with their values. */
#include "audit/log_fields.h"

static bool is_key(uint8_t c)
{
	return view_is_digit(c) || view_is_letter(c) || c == '_' || c == '-' || c == '.';
}

/* The key that ends before `end`. */
static struct view key_before(struct view line, size_t end)
{
	size_t begin = end;
	while (begin > 0 && is_key(line.bytes[begin - 1]))
		begin--;
	return view_of(line.bytes + begin, end - begin);
}

static size_t value_size(struct view rest)
{
	if (rest.size && rest.bytes[0] == '"') {
		for (size_t i = 1; i < rest.size; i++) {
			if (rest.bytes[i] == '\\')
				i++;
			else if (rest.bytes[i] == '"')
				return i + 1;
		}
		return rest.size;
	}
	size_t size = 0;
	while (size < rest.size && !strchr(" \t;,|", rest.bytes[size]))
		size++;
	return size;
}

static struct view unquoted(struct view v)
{
	if (v.size && v.bytes[0] == '"')
		v = view_skip(v, 1);
	if (v.size && v.bytes[v.size - 1] == '"')
		v.size--;
	return v;
}

static uint32_t needs_met(const struct log_kind *kind, struct view key)
{
	for (unsigned i = 0; kind->needs && kind->needs[i]; i++) {
		if (view_is_nocase(key, kind->needs[i]))
			return 1u << i;
	}
	return 0;
}

static bool has_all(const struct log_kind *kind, uint32_t met)
{
	unsigned count = 0;
	while (kind->needs && kind->needs[count])
		count++;
	return met == (count ? UINT32_MAX >> (32 - count) : 0);
}

int log_pairs_parse(const struct log_kind *kind, struct log_state *state, struct view line,
                    struct log_record *ret)
{
	uint32_t met = 0;
	(void)state;
	for (size_t i = 0; i < line.size; i++) {
		if (line.bytes[i] != (uint8_t)kind->assign)
			continue;
		struct view key = key_before(line, i), rest = view_skip(line, i + 1);
		if (key.size == 0)
			continue;
		size_t size = value_size(rest);
		met |= needs_met(kind, key);
		log_record_set(ret, log_key_find(kind->keys, key),
		               unquoted(view_of(rest.bytes, size)));
		i += size;
	}
	if (!has_all(kind, met))
		return ERR_MALFORMED;
	log_syslog_time(line, ret);
	return OK;
}

/* Where the value ends: at the separator, or before the blank and the key of the next `=`. */
static size_t greedy_size(struct view rest, uint8_t separator)
{
	const uint8_t *at = separator ? memchr(rest.bytes, separator, rest.size) : NULL;
	if (separator)
		return at ? (size_t)(at - rest.bytes) : rest.size;
	for (size_t i = 0; i < rest.size; i++) {
		if (rest.bytes[i] == '\\') {
			i++;
		} else if (rest.bytes[i] == '=') {
			struct view key = key_before(rest, i);
			size_t begin = (size_t)(key.bytes - rest.bytes);
			if (key.size && begin > 0 && rest.bytes[begin - 1] == ' ')
				return begin - 1;
		}
	}
	return rest.size;
}

int log_pairs_greedy_parse(const struct log_kind *kind, struct log_state *state, struct view line,
                           struct log_record *ret)
{
	struct view rest = line;
	unsigned count = 0;
	while (rest.size) {
		struct view before, after;
		if (!log_cut(rest, "=", &before, &after))
			break;
		size_t size = greedy_size(after, state->separator);
		struct view key = key_before(before, before.size);
		log_record_set(ret, log_key_find(kind->keys, key),
		               unquoted(view_of(after.bytes, size)));
		rest = view_skip(after, size);
		count++;
	}
	return count ? OK : ERR_MALFORMED;
}
