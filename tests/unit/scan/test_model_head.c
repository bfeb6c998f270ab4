#include "base/buffer.h"
#include "scan/model_head.h"
#include "tests/test.h"

static int write_field(void *context, const char *kind, struct view value)
{
	buffer_printf(context, "%s=" VIEW_FMT ";", kind, VIEW_ARG(value));
	return OK;
}

static void expect(struct view head, int code, const char *fields)
{
	struct buffer out = {0};
	assert_int_equal(model_head_read(head, write_field, &out), code);
	buffer_add(&out, "", 1);
	assert_string_equal((const char *)out.bytes, fields);
	buffer_done(&out);
}

static void configurations_are_told_by_what_they_say(void **state)
{
	(void)state;
	expect(view_text(
		       "\xef\xbb\xbf {\"architectures\":[\"DeepseekV3ForCausalLM\"],\"model_type\":\"deepseek_v3\","
		       "\"_name_or_path\":\"deepseek-ai/DeepSeek-V3\",\"text_config\":{\"model_type\":\"x\"},"
		       "\"vocab\":{\"content\":\"no\"},\"num\":3}"),
	       OK,
	       "config-architecture=DeepseekV3ForCausalLM;config-model-type=deepseek_v3;"
	       "model=deepseek-ai/DeepSeek-V3;config-model-type=x;");
	expect(view_text("{\"base_model_name_or_path\":\"deepseek-ai/x\",\"r\":8}"), OK,
	       "model=deepseek-ai/x;");
	expect(view_text(
		       "{\"tokenizer_class\":\"T\",\"eos_token\":{\"content\":\"<end>\",\"lstrip\":false},"
		       "\"chat_template\":\"{{ x }}\"}"),
	       OK, "chat-template=<end>;chat-template={{ x }};");
}

static void other_json_is_none(void **state)
{
	(void)state;
	expect(view_text("{\"name\":\"a\",\"version\":\"1\"}"), ERR_INVALID, "");
	expect(view_text("[\"architectures\"]"), ERR_INVALID, "");
	expect(view_text("model_type"), ERR_INVALID, "");
	expect(view_text(""), ERR_INVALID, "");
	expect(view_text("{\"model_type\": \"x\", !"), ERR_MALFORMED, "config-model-type=x;");
	expect(view_text("{\"model_type\": \"x\", \"y"), ERR_TRUNCATED, "config-model-type=x;");
}

static void expect_safetensors(const char *json, const char *fields)
{
	uint8_t file[512] = {(uint8_t)strlen(json)};
	assert_in_range(strlen(json), 1, 255);
	memcpy(file + 8, json, strlen(json));
	expect(view_of(file, 8 + strlen(json)), OK, fields);
}

static void headers_of_safetensors_are_told_from_other_bytes(void **state)
{
	static const uint8_t first[] = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
	uint8_t file[sizeof(first)];
	(void)state;
	expect_safetensors("{\"__metadata__\":{\"base_model\":\"deepseek-ai/y\"}}",
	                   "model=deepseek-ai/y;");
	memcpy(file, first, sizeof(file));
	assert_int_equal(model_head_form(view_of(file, sizeof(file))), MODEL_SAFETENSORS);
	file[7] = 1; /* a header of many petabytes */
	assert_int_equal(model_head_form(view_of(file, sizeof(file))), MODEL_NONE);
	assert_int_equal(model_head_form(view_text("GGUF")), MODEL_GGUF);
	assert_int_equal(model_head_form(view_text("\x7f"
	                                           "ELF\2\1\1\0")),
	                 MODEL_NONE);
}

static void escapes_in_safetensors_hide_no_model(void **state)
{
	(void)state;
	expect_safetensors("{\"__metadata__\":{\"repo_url\":"
	                   "\"https:\\/\\/huggingface.co\\/deepseek-ai\\/z\"}}",
	                   "model=deepseek-ai/z;");
	expect_safetensors("{\"__metadata__\":{\"model_name\":\"\\u0064eepseek-ai/z\"}}",
	                   "model=deepseek-ai/z;");
	expect_safetensors("{\"\\u005f_metadata__\":{\"model\\u005Fname\":\"deepseek-ai/z\"}}",
	                   "model=deepseek-ai/z;");
	expect_safetensors("{\"__metadata__\":{\"model_name\":\"\\x\",\"base_model\":\"y\"}}",
	                   "model=y;");
}

static void a_header_that_goes_on_is_known(void **state)
{
	static const uint8_t begin[] = {'G', 'G', 'U', 'F', 3, 0, 0, 0, 1, 0, 0, 0,
	                                0,   0,   0,   0,   5, 0, 0, 0, 0, 0, 0, 0};
	static const uint8_t broken[] = {'G', 'G', 'U', 'F', 99, 0, 0, 0, 1, 0, 0, 0,
	                                 0,   0,   0,   0,   5,  0, 0, 0, 0, 0, 0, 0};
	(void)state;
	assert_true(model_head_goes_on(view_of(begin, sizeof(begin))));
	assert_false(model_head_goes_on(view_of(broken, sizeof(broken))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configurations_are_told_by_what_they_say),
		cmocka_unit_test(other_json_is_none),
		cmocka_unit_test(headers_of_safetensors_are_told_from_other_bytes),
		cmocka_unit_test(escapes_in_safetensors_hide_no_model),
		cmocka_unit_test(a_header_that_goes_on_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
