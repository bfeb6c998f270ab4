#include "policy/text_index.h"

#include <string.h>

#include "base/hash.h"

static size_t append_lower(char *key, size_t size, struct view v)
{
	for (size_t i = 0; i < v.size && size < TEXT_KEY_MAX; i++) {
		uint8_t c = v.bytes[i];
		key[size++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	key[size] = 0;
	return size;
}

static struct view without_scheme(struct view url)
{
	static const char *const schemes[] = {"https://", "http://"};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (url.size >= strlen(schemes[i]) &&
		    view_is_nocase(view_of(url.bytes, strlen(schemes[i])), schemes[i]))
			return view_skip(url, strlen(schemes[i]));
	}
	return url;
}

/* What stands before the value when one asks: the registry of a package, the kind of a field. */
static size_t append_prefix(unsigned kind, char *key)
{
	const struct identifier_kind *k = &identifier_kinds[kind];
	bool is_registry = strcmp(k->name, "npm") == 0 || strcmp(k->name, "pypi") == 0;
	bool is_field =
		k->group == GROUP_FILE || k->group == GROUP_REQUEST || k->group == GROUP_MACHINE;
	key[0] = 0;
	if (!is_registry && !is_field)
		return 0;
	size_t size = append_lower(key, 0, view_text(k->name));
	return append_lower(key, size, view_text(is_registry ? "/" : "="));
}

size_t text_index_key(unsigned kind, struct view value, char key[static TEXT_KEY_MAX + 1])
{
	size_t size = append_prefix(kind, key);
	if (identifier_kinds[kind].group == GROUP_URL)
		value = without_scheme(value);
	return append_lower(key, size, value);
}

size_t text_index_pattern(unsigned kind, struct view value, char key[static TEXT_KEY_MAX + 1])
{
	return append_lower(
		key, 0, identifier_kinds[kind].group == GROUP_URL ? without_scheme(value) : value);
}

uint64_t text_index_hash(enum kind_group group, struct view key)
{
	uint64_t hash = hash_view(key, (uint64_t)group);
	return hash ? hash : 1; /* 0 marks an empty slot */
}

/* `{x}` stands for one path segment. */
static bool template_matches(const char *pattern, struct view text)
{
	while (*pattern) {
		if (*pattern == '{') {
			const char *close = strchr(pattern, '}');
			size_t size = 0;
			while (size < text.size && text.bytes[size] != '/')
				size++;
			if (!close || size == 0)
				return false;
			pattern = close + 1;
			text = view_skip(text, size);
			continue;
		}
		if (text.size == 0 || text.bytes[0] != (uint8_t)*pattern)
			return false;
		pattern++;
		text = view_skip(text, 1);
	}
	return true; /* what follows a template is below it */
}

/* The key behind its prefix, when it has the one of that kind; NULL bytes when it has not. */
static struct view value_part(unsigned kind, struct view key)
{
	char prefix[TEXT_KEY_MAX + 1];
	size_t size = append_prefix(kind, prefix);
	return view_starts_with(key, view_of(prefix, size)) ? view_skip(key, size)
	                                                    : (struct view){0};
}

static bool pattern_matches(const struct text_index *index, const struct image_pattern *p,
                            struct view key)
{
	const char *pattern = index->texts + p->text;
	struct view value = value_part(index->identifiers[p->identifier].kind, key);
	if (!value.bytes)
		return false;
	switch (p->match) {
	case MATCH_PREFIX: return view_starts_with(value, view_text(pattern));
	case MATCH_CONTAINS:
		return memmem(value.bytes, value.size, pattern, strlen(pattern)) != NULL;
	case MATCH_TEMPLATE: return template_matches(pattern, value);
	default: return false;
	}
}

static size_t find_exact(const struct text_index *index, enum kind_group group, struct view key,
                         uint32_t *ret, size_t max)
{
	size_t count = 0;
	uint64_t hash = text_index_hash(group, key);
	uint32_t at = index->slots ? (uint32_t)hash & (index->slots - 1) : NONE_VALUE;
	while (at < index->value_count && count < max) {
		const struct image_value *v = &index->values[at];
		if (v->hash == hash) {
			char own[TEXT_KEY_MAX + 1];
			const struct image_identifier *i = &index->identifiers[v->identifier];
			size_t size =
				text_index_key(i->kind, view_text(index->texts + i->value), own);
			if (identifier_kinds[i->kind].group == group &&
			    view_equal(view_of(own, size), key))
				ret[count++] = v->identifier;
		}
		at = v->next ? v->next - 1 : NONE_VALUE;
	}
	return count;
}

size_t text_index_find(const struct text_index *index, enum kind_group group, struct view text,
                       uint32_t *ret, size_t max)
{
	char key[TEXT_KEY_MAX + 1];
	if (group == GROUP_URL)
		text = without_scheme(text);
	struct view v = view_of(key, append_lower(key, 0, text));
	size_t count = find_exact(index, group, v, ret, max);
	for (uint32_t i = 0; i < index->pattern_count && count < max; i++) {
		const struct image_pattern *p = &index->patterns[i];
		if (p->group == (uint32_t)group && pattern_matches(index, p, v))
			ret[count++] = p->identifier;
	}
	/* an address may have a secret in it */
	explicit_bzero(key, v.size);
	return count;
}
