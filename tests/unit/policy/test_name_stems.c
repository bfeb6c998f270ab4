#include <stdio.h>

#include "policy/name_index_builder.h"
#include "policy/name_stems.h"
#include "tests/test.h"

enum { MANY = NAME_STEMS_NAMES_MIN, NAME_ROOM = 64 };

/* A set, and what it is made of. */
struct made {
	struct name_index names;
	struct name_stems stems;
	struct buffer index, block;
};

static void name_at(size_t i, char ret[static NAME_ROOM])
{
	static const char *const before[] = {"a", "x.b", "c", "very.long.name.of"};
	static const char *const after[] = {"example", "co.uk", "tw", "some-organisation.example"};
	(void)snprintf(ret, NAME_ROOM, "%s%zu.%s", before[i % 4], i, after[i % 4]);
}

static void make(struct made *m, size_t count, const char *extra, const struct dname *more,
                 size_t more_count)
{
	struct name_index_builder b;
	char name[NAME_ROOM];
	*m = (struct made){0};
	name_index_builder_init(&b, 7, MANY * 2);
	for (size_t i = 0; i < count; i++) {
		name_at(i, name);
		assert_int_equal(name_index_builder_add_text(&b, view_text(name), NAME_SUFFIX, 1),
		                 OK);
	}
	if (extra)
		assert_int_equal(name_index_builder_add_text(&b, view_text(extra), NAME_SUFFIX, 1),
		                 OK);
	assert_int_equal(name_index_builder_finish(&b, &m->index), OK);
	assert_int_equal(name_index_open(buffer_view(&m->index), &m->names), OK);
	assert_int_equal(name_stems_write(&m->names, more, more_count, &m->block), OK);
	assert_int_equal(name_stems_open(buffer_view(&m->block), m->names.secret, &m->stems), OK);
}

static void unmake(struct made *m)
{
	buffer_done(&m->index);
	buffer_done(&m->block);
}

/* As whoever looks through text asks. */
static bool may_have(const struct name_stems *s, const char *text)
{
	uint8_t wire[NAME_END_SIZE + DNAME_SIZE_MAX] = {0};
	struct dname name;
	assert_int_equal(dname_parse_text(view_text(text), &name), OK);
	memcpy(wire + NAME_END_SIZE, name.bytes, name.size);
	struct name_end e;
	name_end_of(view_of(wire + NAME_END_SIZE, name.size - 1u), &e);
	bool is_short = e.two <= NAME_STEM_SHORT_MAX;
	if (name_stems_may_have(s, name_stem_hash(s, e.bytes, is_short ? e.three : e.two)))
		return true;
	return is_short && name_stems_may_have_short(s, e.bytes[1], e.two) &&
	       name_stems_may_have(s, name_stem_hash(s, e.bytes, e.two));
}

static void what_is_listed_and_what_is_below_is_found(void **state)
{
	(void)state;
	struct made m;
	char name[NAME_ROOM], below[NAME_ROOM + 8];
	make(&m, MANY, "ab.tw", NULL, 0);
	assert_non_null(m.stems.words);
	for (size_t i = 0; i < MANY; i++) {
		name_at(i, name);
		(void)snprintf(below, sizeof(below), "www.%s", name);
		if (!may_have(&m.stems, name) || !may_have(&m.stems, below))
			fail_msg("%s", name);
	}
	assert_true(may_have(&m.stems, "ab.tw") && may_have(&m.stems, "x.AB.tw"));
	unmake(&m);
}

static void of_others_few_are(void **state)
{
	(void)state;
	struct made m;
	size_t found = 0;
	make(&m, MANY, NULL, NULL, 0);
	for (size_t i = 0; i < 10000; i++) {
		char name[NAME_ROOM];
		(void)snprintf(name, sizeof(name), i % 2 ? "www.other%zu.test" : "z%zu.org.uk", i);
		found += may_have(&m.stems, name);
	}
	assert_in_range(found, 0, 200);
	unmake(&m);
}

static void names_of_urls_are_found_too(void **state)
{
	(void)state;
	struct made m;
	struct dname host;
	assert_int_equal(dname_parse_text(view_text("seek.invalid"), &host), OK);
	make(&m, MANY, NULL, NULL, 0);
	assert_false(may_have(&m.stems, "api.seek.invalid"));
	unmake(&m);
	make(&m, MANY, NULL, &host, 1);
	assert_true(may_have(&m.stems, "api.seek.invalid"));
	unmake(&m);
}

static void what_asks_otherwise_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *extra;
		unsigned with;
	} cases[] = {{NULL, 0},
	             {".", NAME_STEMS_ROOT},
	             {"test", NAME_STEMS_SINGLE},
	             {"seek.7up", NAME_STEMS_STRANGE},
	             {"seek.77777777777777777777", NAME_STEMS_STRANGE},
	             {"7", NAME_STEMS_SINGLE | NAME_STEMS_STRANGE}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct made m;
		make(&m, MANY, cases[i].extra, NULL, 0);
		assert_int_equal(m.stems.with, cases[i].with);
		unmake(&m);
	}
}

static void of_few_names_there_is_none(void **state)
{
	(void)state;
	struct made m;
	make(&m, MANY - 1, NULL, NULL, 0);
	assert_int_equal(m.block.size, 0);
	assert_null(m.stems.words);
	unmake(&m);
}

static void a_block_of_another_size_is_refused(void **state)
{
	(void)state;
	struct made m;
	struct name_stems s = {.with = 77};
	make(&m, MANY, NULL, NULL, 0);
	for (size_t cut = 1; cut < m.block.size; cut += cut < 100 ? 1 : 1000)
		assert_int_equal(name_stems_open(view_of(m.block.bytes, m.block.size - cut),
		                                 m.names.secret, &s),
		                 ERR_MALFORMED);
	memset(m.block.bytes, 0, 4);
	assert_int_equal(name_stems_open(buffer_view(&m.block), m.names.secret, &s), ERR_MALFORMED);
	memset(m.block.bytes, 0xff, 4);
	assert_int_equal(name_stems_open(buffer_view(&m.block), m.names.secret, &s), ERR_MALFORMED);
	assert_int_equal(s.with, 77);
	unmake(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_listed_and_what_is_below_is_found),
		cmocka_unit_test(of_others_few_are),
		cmocka_unit_test(names_of_urls_are_found_too),
		cmocka_unit_test(what_asks_otherwise_is_told),
		cmocka_unit_test(of_few_names_there_is_none),
		cmocka_unit_test(a_block_of_another_size_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
