#include <jansson.h>

#include "refusal/structured_error.h"
#include "tests/gate_dns/gate.h"

#define OPTION_65001 "\xfd\xe9\0\0"

static const struct structured_error usual = {
	.ede = DNS_EDE_BLOCKED,
	.contact = {(const uint8_t *)"IT desk, it@agency.example, tel:+886-2-1234-5678", 48},
	.justification = {(const uint8_t *)"Rule \"x\"\\\n.", 11},
	.organisation = {(const uint8_t *)"Test Agency", 11},
	.language = {(const uint8_t *)"en", 2},
	.reference = {(const uint8_t *)"ABCDEFGH", 8},
};

static json_t *parse(struct view text)
{
	json_t *json =
		json_loadb((const char *)text.bytes, text.size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_true(json_is_object(json));
	return json;
}

static const char *member(const json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static void all_members_say_what_they_must(void **state)
{
	(void)state;
	uint8_t room[STRUCTURED_ERROR_SIZE];
	json_t *json = parse(structured_error_write(&usual, sizeof(room), room));
	const json_t *c = json_object_get(json, "c");
	assert_int_equal(json_object_size(json), 5);
	assert_int_equal(json_array_size(c), 2);
	assert_string_equal(json_string_value(json_array_get(c, 0)),
	                    "mailto:it@agency.example?subject=ABCDEFGH");
	assert_string_equal(json_string_value(json_array_get(c, 1)), "tel:+886-2-1234-5678");
	assert_string_equal(member(json, "j"), "Rule \"x\"\\\n.");
	assert_string_equal(member(json, "o"), "Test Agency");
	assert_string_equal(member(json, "l"), "en");
	assert_int_equal(json_integer_value(json_object_get(json, "s")), 5);
	json_decref(json);
}

static void it_is_minified(void **state)
{
	(void)state;
	uint8_t room[STRUCTURED_ERROR_SIZE];
	struct structured_error e = usual;
	e.contact = e.reference = (struct view){0};
	e.justification = view_text("Why.");
	assert_true(view_is(structured_error_write(&e, sizeof(room), room),
	                    "{\"j\":\"Why.\",\"s\":5,\"o\":\"Test Agency\",\"l\":\"en\"}"));
}

static void what_does_not_fit_loses_its_texts_first_and_then_everything(void **state)
{
	(void)state;
	uint8_t room[STRUCTURED_ERROR_SIZE];
	size_t whole = structured_error_write(&usual, sizeof(room), room).size, least = 0;
	for (size_t max = 0; max < whole; max++) {
		struct view text = structured_error_write(&usual, max, room);
		assert_true(text.size <= max && text.size >= least);
		if (!text.size)
			continue;
		least = text.size;
		json_t *json = parse(text);
		assert_null(json_object_get(json, "j"));
		assert_null(json_object_get(json, "o"));
		assert_null(json_object_get(json, "l"));
		assert_non_null(json_object_get(json, "c"));
		assert_non_null(json_object_get(json, "s"));
		json_decref(json);
	}
	assert_true(least > 0);
}

static void
only_blocked_has_a_sub_error_and_without_anything_of_use_there_is_no_object(void **state)
{
	(void)state;
	static const uint16_t codes[] = {DNS_EDE_CENSORED, DNS_EDE_FILTERED};
	uint8_t room[STRUCTURED_ERROR_SIZE];
	for (size_t i = 0; i < 2; i++) {
		struct structured_error e = usual;
		e.ede = codes[i];
		json_t *json = parse(structured_error_write(&e, sizeof(room), room));
		assert_null(json_object_get(json, "s"));
		json_decref(json);
		e.contact = view_text("the help desk");
		assert_int_equal(structured_error_write(&e, 40, room).size, 0);
		e.justification = (struct view){0};
		assert_int_equal(structured_error_write(&e, sizeof(room), room).size, 0);
	}
}

static void there_are_no_more_contacts_than_the_limit(void **state)
{
	(void)state;
	uint8_t room[STRUCTURED_ERROR_SIZE];
	struct structured_error e = usual;
	e.contact = view_text("a@b.example c@d.example e@f.example g@h.example i@j.example");
	json_t *json = parse(structured_error_write(&e, sizeof(room), room));
	assert_int_equal(json_array_size(json_object_get(json, "c")), STRUCTURED_CONTACTS_MAX);
	json_decref(json);
}

static struct view ask_structured(struct gate *g, const char *name, struct view options,
                                  struct said *ret)
{
	struct view query = query_with(g, name, DNS_TYPE_A, options);
	*ret = understand(g, ask_packet(g, "127.0.0.1", DNS_OVER_UDP, query));
	assert_true(ret->edns.has_ede);
	return ret->edns.ede_text;
}

static void a_block_is_structured_for_who_asks_and_plain_for_all_others(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct said said;
	json_t *json =
		parse(ask_structured(g, "chat.banned.example", OPTIONS(OPTION_65001), &said));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(said.edns.ede_code, DNS_EDE_CENSORED);
	assert_string_equal(member(json, "j"),
	                    "Order test-order (art. 1) prohibits Banned Chat here.");
	assert_string_equal(member(json, "o"), "Test");
	json_decref(json);
	/* a value of the option is not looked at, and options may stand before it */
	json = parse(
		ask_structured(g, "chat.banned.example", OPTIONS("\0\3\0\0\xfd\xe9\0\2hi"), &said));
	json_decref(json);
	struct view plain = ask_structured(g, "chat.banned.example", OPTIONS("\0\3\0\0"), &said);
	assert_int_equal(plain.bytes[0], 'O');
	/* an error of another kind has plain text */
	cleanup(gate) struct gate *off =
		gate_new("block: {structured_option: 0}", "keep", "enforce");
	plain = ask_structured(off, "chat.banned.example", OPTIONS(OPTION_65001), &said);
	assert_int_equal(plain.bytes[0], 'O');
}

static void a_structured_block_fits_what_the_client_takes(void **state)
{
	(void)state;
	char name[256] = "";
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	for (size_t labels = 0; labels < 3; labels++) {
		struct said said;
		char *query_size = (char *)g->packet;
		(void)snprintf(name + strlen(name), sizeof(name) - strlen(name), "%059d.",
		               (int)labels);
		char whole[300];
		(void)snprintf(whole, sizeof(whole), "%sbanned.example", name);
		struct view query = query_with(g, whole, DNS_TYPE_A, OPTIONS(OPTION_65001));
		/* the class of the OPT record: it takes no more than 512 bytes */
		query_size[query.size - 4 - 2 - 4 - 2] = 2;
		query_size[query.size - 4 - 2 - 4 - 1] = 0;
		int size = ask_packet(g, "127.0.0.1", DNS_OVER_UDP, query);
		assert_in_range(size, 1, 512);
		said = understand(g, size);
		assert_false(said.header.flags & DNS_FLAG_TC);
		if (said.edns.ede_text.size)
			json_decref(parse(said.edns.ede_text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_members_say_what_they_must),
		cmocka_unit_test(it_is_minified),
		cmocka_unit_test(what_does_not_fit_loses_its_texts_first_and_then_everything),
		cmocka_unit_test(
			only_blocked_has_a_sub_error_and_without_anything_of_use_there_is_no_object),
		cmocka_unit_test(there_are_no_more_contacts_than_the_limit),
		cmocka_unit_test(a_block_is_structured_for_who_asks_and_plain_for_all_others),
		cmocka_unit_test(a_structured_block_fits_what_the_client_takes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
