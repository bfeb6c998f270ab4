#include "scan/cyclonedx.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "finding/result.h"

enum { PURL_ROOM = 3 * FINDING_TEXT_MAX };

/* What an identifier's kind makes of a component. */
static const char *type_of(const struct image_identifier *x)
{
	static const struct {
		const char *kind, *type;
	} kinds[] = {
		{"process", "application"}, {"product-name", "application"},
		{"signer", "application"},  {"path", "application"},
		{"socket", "application"},
	};
	const struct identifier_kind *k = &identifier_kinds[x->kind];
	bool is_weights = x->facets & 1U << FACET_WEIGHTS;
	if (k->group == GROUP_FILE || k->group == GROUP_MODEL ||
	    (is_weights && k->group == GROUP_MACHINE))
		return "machine-learning-model";
	if (k->group == GROUP_PACKAGE)
		return "library";
	if (k->group == GROUP_APP)
		return "application";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(k->name, kinds[i].kind) == 0)
			return kinds[i].type;
	}
	return "data";
}

/* Percent-encodes all but what a package URL has as it is. */
static void add_escaped(char *to, size_t room, size_t *size, struct view v, bool keeps_slash)
{
	for (size_t i = 0; i < v.size && *size + 4 < room; i++) {
		uint8_t c = v.bytes[i];
		bool is_plain =
			isalnum(c) || (c && strchr(".-_~:", c)) || (c == '/' && keeps_slash);
		*size += (size_t)snprintf(to + *size, 4, is_plain ? "%c" : "%%%02X", c);
	}
	to[*size] = '\0';
}

/* "npm @scope/name 1.0" and "model ORG/NAME", as finders say them. False for what has none. */
static bool purl_of(struct view what, enum kind_group group, char to[static PURL_ROOM])
{
	static const struct {
		const char *word, *type;
		enum kind_group group;
	} types[] = {
		{"npm", "npm", GROUP_PACKAGE},         {"pypi", "pypi", GROUP_PACKAGE},
		{"cargo", "cargo", GROUP_PACKAGE},     {"go", "golang", GROUP_PACKAGE},
		{"model", "huggingface", GROUP_MODEL},
	};
	struct view rest = what, word = view_split(&rest, ' '), name = view_split(&rest, ' ');
	size_t size = 0;
	bool is_owned = name.size && memchr(name.bytes, '/', name.size);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!view_is(word, types[i].word) || group != types[i].group || name.size == 0 ||
		    (group == GROUP_MODEL && (!is_owned || memchr(name.bytes, ':', name.size))))
			continue;
		size = (size_t)snprintf(to, PURL_ROOM, "pkg:%s/", types[i].type);
		add_escaped(to, PURL_ROOM, &size, name, true);
		if (rest.size) {
			to[size++] = '@';
			add_escaped(to, PURL_ROOM, &size, rest, false);
		}
		return true;
	}
	return false;
}

static void property(struct json_writer *j, const char *name, const char *value)
{
	json_object_begin(j, NULL);
	json_text(j, "name", name);
	json_text(j, "value", value);
	json_object_end(j);
}

static void write_properties(struct json_writer *j, const struct cyclonedx *c,
                             const struct finding *f, size_t places)
{
	const struct policy *p = findings_policy(c->findings);
	const struct image_identifier *x = policy_identifier(p, f->identifier);
	char facets[RESULT_FACETS_SIZE], count[32];
	json_array_begin(j, "properties");
	property(j, "writ:product", policy_text(p, policy_product(p, x->product)->id));
	property(j, "writ:facets", result_facets(p, f->identifier, " ", facets));
	property(j, "writ:identifier", policy_text(p, x->id));
	property(j, "writ:verdict", verdict_action_names[f->action]);
	property(j, "writ:proves", finding_strength_names[finding_strength_of(p, f)]);
	if (places > CYCLONEDX_OCCURRENCES_MAX) {
		(void)snprintf(count, sizeof(count), "%zu", places);
		property(j, "writ:places", count);
	}
	json_array_end(j);
}

static void write_occurrence(struct json_writer *j, const struct cyclonedx *c,
                             const struct finding *f)
{
	struct view where = f->where;
	if (where.size == 0)
		where = findings_source_at(c->findings, f->source)->name;
	if (where.size == 0)
		where = view_text("-");
	json_object_begin(j, NULL);
	json_view(j, "location", where);
	if (f->at && f->at < INT32_MAX)
		json_int(j, "line", (int64_t)f->at);
	json_object_end(j);
}

/* "gguf-architecture=deepseek2": what a model's card can say. */
static void write_model_card(struct json_writer *j, struct view what)
{
	struct view rest = what, kind = view_split(&rest, '=');
	static const char word[] = "-architecture";
	size_t size = strlen(word);
	if (!rest.size || kind.size < size ||
	    !view_is(view_of(kind.bytes + kind.size - size, size), word))
		return;
	struct view value = view_split(&rest, ',');
	json_object_begin(j, "modelCard");
	json_object_begin(j, "modelParameters");
	json_view(j, "modelArchitecture", value);
	json_object_end(j);
	json_object_end(j);
}

static void write_component(struct json_writer *j, const struct cyclonedx *c,
                            const struct finding *const *places, size_t count, size_t number)
{
	const struct policy *p = findings_policy(c->findings);
	const struct finding *f = places[0];
	const struct image_identifier *x = policy_identifier(p, f->identifier);
	enum kind_group group = identifier_kinds[x->kind].group;
	struct view name = f->what.size ? f->what : view_text(policy_text(p, x->value));
	const char *type = type_of(x);
	char reference[32], purl[PURL_ROOM];
	(void)snprintf(reference, sizeof(reference), "component-%zu", number);
	json_object_begin(j, NULL);
	json_text(j, "type", type);
	json_text(j, "bom-ref", reference);
	json_view(j, "name", name);
	if (purl_of(name, group, purl))
		json_text(j, "purl", purl);
	if (strcmp(type, "machine-learning-model") == 0)
		write_model_card(j, name);
	json_object_begin(j, "evidence");
	json_array_begin(j, "occurrences");
	for (size_t i = 0; i < count && i < CYCLONEDX_OCCURRENCES_MAX; i++)
		write_occurrence(j, c, places[i]);
	json_array_end(j);
	json_object_end(j);
	write_properties(j, c, f, count);
	json_object_end(j);
}

static int compare(const void *left, const void *right)
{
	const struct finding *a = *(const struct finding *const *)left;
	const struct finding *b = *(const struct finding *const *)right;
	if (a->identifier != b->identifier)
		return a->identifier < b->identifier ? -1 : 1;
	int order = view_compare(a->what, b->what);
	return order ? order : view_compare(a->where, b->where);
}

static bool is_same(const struct finding *a, const struct finding *b)
{
	return a->identifier == b->identifier && view_equal(a->what, b->what);
}

static void write_components(struct json_writer *j, const struct cyclonedx *c,
                             const struct finding *const *sorted, size_t count)
{
	size_t number = 0;
	json_array_begin(j, "components");
	for (size_t i = 0; i < count;) {
		size_t same = 1;
		while (i + same < count && is_same(sorted[i], sorted[i + same]))
			same++;
		write_component(j, c, sorted + i, same, ++number);
		i += same;
	}
	json_array_end(j);
}

/* RFC 9562, version 4. */
static void write_serial(struct json_writer *j, const uint8_t serial[static 16])
{
	char text[64] = "urn:uuid:", *to = text + strlen(text);
	for (size_t i = 0; i < 16; i++) {
		uint8_t byte = i == 6   ? (uint8_t)((serial[i] & 0x0f) | 0x40)
		               : i == 8 ? (uint8_t)((serial[i] & 0x3f) | 0x80)
		                        : serial[i];
		bool has_dash = i == 4 || i == 6 || i == 8 || i == 10;
		to += snprintf(to, 4, "%s%02x", has_dash ? "-" : "", byte);
	}
	json_text(j, "serialNumber", text);
}

static void write_metadata(struct json_writer *j, const struct cyclonedx *c)
{
	json_object_begin(j, "metadata");
	json_time(j, "timestamp", c->at_us);
	json_object_begin(j, "tools");
	json_array_begin(j, "components");
	json_object_begin(j, NULL);
	json_text(j, "type", "application");
	json_text(j, "name", "writ");
	json_text(j, "version", c->version);
	json_object_end(j);
	json_array_end(j);
	json_object_end(j);
	json_object_begin(j, "component");
	json_text(j, "type", "platform");
	json_text(j, "bom-ref", "scanned");
	json_text(j, "name", c->scanned);
	json_object_end(j);
	json_array_begin(j, "properties");
	property(j, "writ:complete", c->is_complete ? "true" : "false");
	json_array_end(j);
	json_object_end(j);
}

int cyclonedx_write(const struct cyclonedx *c, struct buffer *out)
{
	size_t count = findings_count(c->findings);
	struct json_writer j = {.out = out};
	cleanup(free) const struct finding **sorted = calloc(count + 1, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = findings_at(c->findings, i);
	qsort(sorted, count, sizeof(*sorted), compare);
	json_object_begin(&j, NULL);
	json_text(&j, "bomFormat", "CycloneDX");
	json_text(&j, "specVersion", "1.6");
	write_serial(&j, c->serial);
	json_int(&j, "version", 1);
	write_metadata(&j, c);
	write_components(&j, c, sorted, count);
	json_object_end(&j);
	return out->failed ? -ENOMEM : OK;
}
