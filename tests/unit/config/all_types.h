/* all_types.h - a schema with every type, for the tests of the schema engine. */
#pragma once

#include "config/schema.h"

struct upstream {
	const char *id, *name;
	struct schema_list servers, networks;
	int64_t weight;
	struct config_place place;
};

struct limits {
	int64_t rows, size_max, timeout_us;
	struct config_place place;
};

struct all_types {
	const char *title, *id, *name, *secret;
	bool is_on, is_off;
	int64_t count, announced, effective, opens;
	int mode;
	uint64_t facets, extra;
	struct prefix network;
	struct endpoint listen;
	struct limits limits;
	struct schema_list upstreams, notes, words;
	struct config_place place;
};

static int check_name(const void *value, const char **ret_expected)
{
	const char *name = *(const char *const *)value;
	*ret_expected = "a name with a dot";
	return strchr(name, '.') ? OK : ERR_INVALID;
}

static int check_limits(const void *value, const char **ret_expected)
{
	const struct limits *l = value;
	*ret_expected = "rows of at most size_max";
	return l->rows <= l->size_max ? OK : ERR_INVALID;
}

static const char *const mode_words[] = {"observe", "enforce", "off", NULL};
static const char *const facet_words[] = {"web", "app", "api", "hosted", NULL};

static const struct schema_field upstream_fields[] = {
	{.name = "id",
         .type = SCHEMA_ID,
         .offset = offsetof(struct upstream, id),
         .flags = SCHEMA_REQUIRED,
         .help = "What it is called elsewhere."},
	{.name = "name",
         .type = SCHEMA_NAME,
         .offset = offsetof(struct upstream, name),
         .check = check_name,
         .help = "Its name."},
	{.name = "servers",
         .type = SCHEMA_LIST,
         .offset = offsetof(struct upstream, servers),
         .item = &schema_endpoint,
         .min = 1,
         .list_max = 3,
         .flags = SCHEMA_UNIQUE,
         .default_text = "[192.0.2.1:53, \"[2001:db8::1]:53\"]",
         .help = "Where it answers."},
	{.name = "networks",
         .type = SCHEMA_LIST,
         .offset = offsetof(struct upstream, networks),
         .item = &schema_prefix,
         .help = "Who may use it."},
	{.name = "weight",
         .type = SCHEMA_INT,
         .offset = offsetof(struct upstream, weight),
         .min = -10,
         .max = 10,
         .default_text = "1",
         .unit = "shares",
         .help = "How much it gets."},
	{.name = NULL},
};
static const struct schema upstream_schema = {.name = "upstream",
                                              .size = sizeof(struct upstream),
                                              .fields = upstream_fields,
                                              .place_offset = offsetof(struct upstream, place)};

static const struct schema_field limits_fields[] = {
	{.name = "rows",
         .type = SCHEMA_INT,
         .offset = offsetof(struct limits, rows),
         .min = 1,
         .max = 1000000,
         .default_text = "100",
         .help = "Most rows."},
	{.name = "size_max",
         .type = SCHEMA_SIZE,
         .offset = offsetof(struct limits, size_max),
         .min = 1024,
         .max = 1 << 30,
         .default_text = "64 KiB",
         .help = "Most bytes."},
	{.name = "timeout",
         .type = SCHEMA_DURATION,
         .offset = offsetof(struct limits, timeout_us),
         .min = 1000,
         .max = DAY_US,
         .default_text = "5 s",
         .help = "How long it may take."},
	{.name = NULL},
};
static const struct schema limits_schema = {.name = "limits",
                                            .size = sizeof(struct limits),
                                            .fields = limits_fields,
                                            .check = check_limits,
                                            .place_offset = offsetof(struct limits, place)};

static const struct schema_field all_types_fields[] = {
	{.name = "title",
         .type = SCHEMA_TEXT,
         .offset = offsetof(struct all_types, title),
         .flags = SCHEMA_REQUIRED,
         .help = "What people call it."},
	{.name = "id",
         .type = SCHEMA_ID,
         .offset = offsetof(struct all_types, id),
         .help = "Its id."},
	{.name = "name",
         .type = SCHEMA_NAME,
         .offset = offsetof(struct all_types, name),
         .check = check_name,
         .help = ".local or any other name."},
	{.name = "secret",
         .type = SCHEMA_TEXT,
         .offset = offsetof(struct all_types, secret),
         .flags = SCHEMA_SECRET,
         .min = 4,
         .max = 100,
         .help = "Shared with the other side."},
	{.name = "on",
         .type = SCHEMA_BOOL,
         .offset = offsetof(struct all_types, is_on),
         .default_text = "yes",
         .help = "Whether it runs."},
	{.name = "off",
         .type = SCHEMA_BOOL,
         .offset = offsetof(struct all_types, is_off),
         .help = "Whether it rests."},
	{.name = "count",
         .type = SCHEMA_INT,
         .offset = offsetof(struct all_types, count),
         .help = "Any number."},
	{.name = "announced",
         .type = SCHEMA_DATE,
         .offset = offsetof(struct all_types, announced),
         .help = "Day of the announcement."},
	{.name = "effective",
         .type = SCHEMA_WHEN,
         .offset = offsetof(struct all_types, effective),
         .default_text = "unknown",
         .help = "From when it holds."},
	{.name = "opens",
         .type = SCHEMA_CLOCK,
         .offset = offsetof(struct all_types, opens),
         .help = "At what time of day."},
	{.name = "mode",
         .type = SCHEMA_CHOICE,
         .offset = offsetof(struct all_types, mode),
         .choices = mode_words,
         .help = "What it does."},
	{.name = "facets",
         .type = SCHEMA_SET,
         .offset = offsetof(struct all_types, facets),
         .choices = facet_words,
         .flags = SCHEMA_REQUIRED,
         .help = "What it covers."},
	{.name = "extra",
         .type = SCHEMA_SET,
         .offset = offsetof(struct all_types, extra),
         .choices = facet_words,
         .default_text = "[app, hosted]",
         .help = "What it covers too."},
	{.name = "network",
         .type = SCHEMA_PREFIX,
         .offset = offsetof(struct all_types, network),
         .help = "Where it is."},
	{.name = "listen",
         .type = SCHEMA_ENDPOINT,
         .offset = offsetof(struct all_types, listen),
         .default_text = "[::1]:53",
         .help = "Where it listens."},
	{.name = "limits",
         .type = SCHEMA_STRUCT,
         .offset = offsetof(struct all_types, limits),
         .child = &limits_schema,
         .help = "How much it takes."},
	{.name = "upstreams",
         .type = SCHEMA_LIST,
         .offset = offsetof(struct all_types, upstreams),
         .child = &upstream_schema,
         .list_max = 100000,
         .help = "Whom it asks."},
	{.name = "notes",
         .type = SCHEMA_LIST,
         .offset = offsetof(struct all_types, notes),
         .item = &schema_text,
         .help = "Anything else."},
	{.name = "words",
         .type = SCHEMA_LIST,
         .offset = offsetof(struct all_types, words),
         .item = &schema_id,
         .flags = SCHEMA_UNIQUE,
         .help = "Ids, each once."},
	{.name = NULL},
};
static const struct schema all_types_schema = {.name = "all types",
                                               .size = sizeof(struct all_types),
                                               .fields = all_types_fields,
                                               .help = "A file with every type.",
                                               .place_offset = offsetof(struct all_types, place)};
