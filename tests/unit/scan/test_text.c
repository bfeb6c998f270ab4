#include "scan/text.h"
#include "tests/scan_world.h"
#include "tests/test.h"

/* What is found in that text as `file`: the findings' words, one a line, in order of the file. */
static const char *found_in(const char *file, const char *text)
{
	static char out[2048];
	struct scan_world w;
	size_t size = 0;
	char path[64];
	(void)snprintf(path, sizeof(path), "/a/%s", file);
	out[0] = '\0';
	scan_world_open(&w);
	scan_world_look(&w, "configuration", path, view_text(text));
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);
		size += (size_t)snprintf(out + size, sizeof(out) - size, VIEW_FMT ":%d\n",
		                         VIEW_ARG(f->what), (int)f->at);
	}
	scan_world_close(&w);
	return out;
}

static void an_address_is_found_with_its_line(void **state)
{
	(void)state;
	assert_string_equal(found_in(".env", "A=1\nB=https://api.seek.example/v1\n"),
	                    "https://api.seek.example/v1:2\n");
	assert_string_equal(found_in("config.json", "{\"b\": \"https:\\/\\/api.seek.example\"}"),
	                    "https://api.seek.example:1\n");
	assert_string_equal(found_in("x.yaml", "hosts: [a.example, chat.seek.example]\n"),
	                    "chat.seek.example:1\n");
}

static void nothing_secret_of_an_address_is_shown(void **state)
{
	(void)state;
	assert_string_equal(
		found_in(".env", "B=https://me:hidden@api.seek.example:443/v1?key=hidden\n"),
		"https://api.seek.example/v1:1\n");
	assert_string_equal(
		found_in(".env", "B=https://api.seek.example/h/abcdefghijklmnopqrstuvwxyz123456\n"),
		"https://api.seek.example/h/...:1\n");
	assert_string_equal(found_in("accounts.yaml", "anna:hidden:https://api.seek.example/v1\n"),
	                    "https://api.seek.example/v1:1\n");
	assert_string_equal(found_in("accounts.yaml", "sk-hidden-https://api.seek.example/v1\n"),
	                    "https://api.seek.example/v1:1\n");
}

static void a_model_is_found_by_its_name_and_in_a_key_of_models_by_a_part(void **state)
{
	(void)state;
	assert_string_equal(found_in("c.toml", "x = \"seek-chat\"\n"), "model seek-chat:1\n");
	assert_string_equal(found_in("c.toml", "x = \"seek-chat:8b\"\n"), "model seek-chat:8b:1\n");
	assert_string_equal(found_in("c.toml", "x = \"seek/new\"\n"), "model seek/new:1\n");
	assert_string_equal(found_in("c.toml", "model = \"their-seek\"\n"), "model their-seek:1\n");
	assert_string_equal(found_in("c.yaml", "models:\n  - their-seek\n"),
	                    "model their-seek:2\n");
	assert_string_equal(found_in("x.service", "ExecStart=/bin/x --model their-seek\n"),
	                    "model their-seek:1\n");
	assert_string_equal(found_in("x.service", "ExecStart=/bin/x -hf they/their-seek:Q4\n"),
	                    "model they/their-seek:Q4:1\n");
	assert_string_equal(found_in(".env", "LLAMA_ARG_HF_REPO=they/their-seek\n"),
	                    "model they/their-seek:1\n");
	assert_string_equal(found_in("c.toml", "x = \"their-seek\"\n"), "");
	assert_string_equal(found_in("c.yaml", "provider: seek\n"), "");
	assert_string_equal(found_in("c.yaml", "model: seek\n"), "model seek:1\n");
	assert_string_equal(found_in("c.toml", "path = \"/srv/seek/x\"\n"), "");
}

static void the_name_of_a_key_is_found_and_its_value_is_not_looked_at(void **state)
{
	(void)state;
	assert_string_equal(found_in(".env", "SEEK_API_KEY=seek-chat\n"),
	                    "environment=SEEK_API_KEY:1\n");
	assert_string_equal(found_in("c.yaml", "apiKey: seek-chat\nauth_token: seek/secret\n"), "");
	assert_string_equal(found_in("c.yaml", "tokenizer: seek-chat\n"), "model seek-chat:1\n");
}

static void a_word_that_begins_as_an_id_is_none_where_no_key_says_so(void **state)
{
	(void)state;
	assert_string_equal(found_in("c.toml", "x = \"seek/notes.md\"\n"), "");
	assert_string_equal(found_in("c.toml", "x = \"seek/\"\n"), "");
	assert_string_equal(found_in("c.toml", "log_file = \"seek/new\"\n"), "");
	assert_string_equal(found_in("c.toml", "x = \"seeker-7b\"\n"), "");
	assert_string_equal(found_in("c.toml", "model = \"seeker-7b\"\n"), "model seeker-7b:1\n");
}

static void the_words_of_a_models_own_file_are_no_ids(void **state)
{
	(void)state;
	assert_string_equal(found_in("config.json", "{\"model\": \"seek/new\"}"),
	                    "model seek/new:1\n");
	assert_string_equal(found_in("config.json", "{\"vocab_size\": 3, \"model\": \"seek/new\"}"),
	                    "");
	assert_string_equal(found_in("config.json",
	                             "{\"vocab_size\": 3, \"base\": \"https://api.seek.example\"}"),
	                    "https://api.seek.example:1\n");
}

static void the_form_of_a_secret_is_told_by_the_name_of_its_key(void **state)
{
	(void)state;
	assert_string_equal(found_in(".env", "A=1\nTOKEN=seek-abcdefghij0123456789\n"),
	                    "secret in TOKEN:2\n");
	assert_string_equal(found_in("c.yaml", "- seek-abcdefghij0123456789\n"), "secret:1\n");
	/* one that others have, too, counts beside the product's name only */
	assert_string_equal(found_in(".env", "TOKEN=sk-abcdefghijklmnopqrstuvwxyz012345\n"), "");
	assert_string_equal(found_in(".env", "# Seek\nTOKEN=sk-abcdefghijklmnopqrstuvwxyz012345\n"),
	                    "secret in TOKEN:2\n");
	/* a key that is one itself is not shown */
	assert_string_equal(
		found_in("c.yaml", "seek-abcdefghij0123456789xx: seek-abcdefghij0123456789\n"),
		"secret in seek-abcdefghij0123456789xx:1\n");
	assert_string_equal(found_in("c.yaml", "sk-abcdefghijklmnopqrstuvwxyz012345: "
	                                       "seek-abcdefghij0123456789\n"),
	                    "secret:1\nsecret in sk-...:1\n");
}

static void an_address_that_an_expression_lists_is_found(void **state)
{
	(void)state;
	assert_string_equal(found_in(".env", "B=https://img-7.seekcdn.example/x\n"),
	                    "https://img-7.seekcdn.example/x:1\n");
	assert_string_equal(found_in(".env", "B=https://api.tenant-5.example/v1\n"),
	                    "https://api.tenant-5.example/v1:1\n");
	assert_string_equal(found_in(".env", "B=https://seekcdn.example/x\n"), "");
}

static void what_is_forbidden_or_a_comment_is_no_use(void **state)
{
	(void)state;
	assert_string_equal(found_in("c.json", "{\"deny\": [\"https://seek.example/\"]}"), "");
	assert_string_equal(found_in("c.yaml", "blocked_hosts:\n - seek.example\n"), "");
	assert_string_equal(found_in(".env", "# SEEK_API_KEY=1\nA=1 # seek-chat\n"), "");
	assert_string_equal(found_in("c.json", "{\n // \"https://seek.example/\"\n}"), "");
	assert_string_equal(found_in(".env", "; seek-chat\n"), "");
	/* where everything is in one line, as in an image's settings */
	assert_string_equal(
		found_in("=c2hh",
	                 "{\"x\": \"sh -c #(nop)\", \"Env\": [\"B=https://api.seek.example\"]}"),
		"https://api.seek.example:1\n");
}

static void what_stands_in_a_setting_that_forbids_is_no_use(void **state)
{
	(void)state;
	assert_string_equal(found_in("c.json", "{\"deny\": {\"hosts\": [\"seek.example\"], "
	                                       "\"model\": \"seek\"}, \"x\": \"a.seek.example\"}"),
	                    "a.seek.example:1\n");
	assert_string_equal(
		found_in("c.json", "{\"deny\": [{\"x\": \"]}\", \"y\": \"seek.example\"}]}"), "");
	assert_string_equal(found_in("c.json", "{\"deny\": [\"x\", {\"y\": \"seek.example\""),
	                    "seek.example:1\n");
	assert_string_equal(found_in("c.yaml",
	                             "denylists: # no\n  ai:\n    - |\n      seek.example\n\n"
	                             "    - b.seek.example\nx: a.seek.example\n"),
	                    "a.seek.example:7\n");
	assert_string_equal(
		found_in("c.yaml", "- \"deny\":\n  - h: seek.example\n  y: a.seek.example\n"),
		"a.seek.example:3\n");
	assert_string_equal(found_in("c.yaml", "deny: |-\n  x: seek.example\ny: a.seek.example\n"),
	                    "a.seek.example:3\n");
	assert_string_equal(found_in("c.yaml", "deny: >- # x\r\n  seek.example\r\n"), "");
	assert_string_equal(found_in("c.yaml", "deny: |x\n  seek.example\n"), "");
	assert_string_equal(found_in("c.yaml", "block: 4\ny: seek.example\n"), "seek.example:2\n");
	assert_string_equal(found_in("c.toml", "[blocked]\nh = \"seek.example\"\n[[x]]\n"
	                                       "h = \"a.seek.example\"\n"),
	                    "a.seek.example:4\n");
}

static void a_host_that_is_led_nowhere_is_no_use(void **state)
{
	(void)state;
	assert_string_equal(found_in("c.yaml", "hosts: |\n  0.0.0.0 seek.example\ta.seek.example\n"
	                                       "  192.0.2.1 b.seek.example\n"),
	                    "b.seek.example:3\n");
	assert_string_equal(found_in("c.yaml", "extra_hosts:\n  - \"seek.example:127.0.0.1\"\n"),
	                    "");
	assert_string_equal(found_in("c.yaml", "- DOMAIN-SUFFIX,seek.example,REJECT\n"), "");
	assert_string_equal(found_in(".env", "NO_PROXY=127.0.0.1,seek.example\n"),
	                    "seek.example:1\n");
	assert_string_equal(found_in("x.service", "ExecStart=x --at 127.0.0.1 --to seek.example\n"),
	                    "seek.example:1\n");
}

static void a_host_may_end_as_names_in_dns_do(void **state)
{
	(void)state;
	assert_string_equal(found_in(".env", "HOST=chat.seek.example.\n"), "chat.seek.example:1\n");
}

static void a_word_that_is_too_long_is_none(void **state)
{
	(void)state;
	char text[2000];
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text + 1500, ".seek.example", 13);
	text[sizeof(text) - 1] = '\0';
	assert_string_equal(found_in(".env", text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_found_with_its_line),
		cmocka_unit_test(nothing_secret_of_an_address_is_shown),
		cmocka_unit_test(a_model_is_found_by_its_name_and_in_a_key_of_models_by_a_part),
		cmocka_unit_test(the_name_of_a_key_is_found_and_its_value_is_not_looked_at),
		cmocka_unit_test(a_word_that_begins_as_an_id_is_none_where_no_key_says_so),
		cmocka_unit_test(the_words_of_a_models_own_file_are_no_ids),
		cmocka_unit_test(the_form_of_a_secret_is_told_by_the_name_of_its_key),
		cmocka_unit_test(an_address_that_an_expression_lists_is_found),
		cmocka_unit_test(what_is_forbidden_or_a_comment_is_no_use),
		cmocka_unit_test(what_stands_in_a_setting_that_forbids_is_no_use),
		cmocka_unit_test(a_host_that_is_led_nowhere_is_no_use),
		cmocka_unit_test(a_host_may_end_as_names_in_dns_do),
		cmocka_unit_test(a_word_that_is_too_long_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
