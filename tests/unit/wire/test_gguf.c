#include "base/writer.h"
#include "tests/test.h"
#include "wire/gguf.h"

enum { U32 = 4, FLOAT = 6, STRING = 8, ARRAY = 9 };

/* A file being written, in either byte order and with lengths of version 1 or later. */
struct file {
	struct writer w;
	bool is_big_endian;
	size_t length_size;
};

static void add_uint(struct file *f, uint64_t value, size_t size)
{
	write_uint(&f->w, f->is_big_endian ? value : __builtin_bswap64(value) >> (64 - 8 * size),
	           size);
}

static void add_string(struct file *f, const char *text)
{
	add_uint(f, strlen(text), f->length_size);
	write_view(&f->w, view_text(text));
}

static void add_text_entry(struct file *f, const char *key, const char *value)
{
	add_string(f, key);
	add_uint(f, STRING, 4);
	add_string(f, value);
}

static void begin(struct file *f, void *room, size_t size, uint32_t version, uint64_t entries)
{
	f->w = writer_open(room, size);
	f->length_size = version == 1 ? 4 : 8;
	write_bytes(&f->w, "GGUF", 4);
	add_uint(f, version, 4);
	add_uint(f, 291, f->length_size);
	add_uint(f, entries, f->length_size);
}

/* Six entries: text, number, array of texts, array of numbers, and text behind them. */
static struct view write_model(uint8_t *room, size_t size, uint32_t version, bool is_big_endian)
{
	struct file f = {.is_big_endian = is_big_endian};
	begin(&f, room, size, version, 6);
	add_text_entry(&f, "general.architecture", "deepseek2");
	add_string(&f, "deepseek2.block_count");
	add_uint(&f, U32, 4);
	add_uint(&f, 61, 4);
	add_string(&f, "tokenizer.ggml.tokens");
	add_uint(&f, ARRAY, 4);
	add_uint(&f, STRING, 4);
	add_uint(&f, 2, f.length_size);
	add_string(&f, "<think>");
	add_string(&f, "general.name");
	add_string(&f, "tokenizer.ggml.scores");
	add_uint(&f, ARRAY, 4);
	add_uint(&f, FLOAT, 4);
	add_uint(&f, 3, f.length_size);
	write_bytes(&f.w, "abcdabcdabcd", 12);
	add_text_entry(&f, "tokenizer.ggml.pre", "deepseek-v3");
	add_text_entry(&f, "tokenizer.chat_template", "{{ x }}");
	assert_false(f.w.failed);
	return view_of(room, writer_size(&f.w));
}

static void assert_model(struct view file, uint32_t version, bool is_big_endian)
{
	struct gguf g;
	assert_int_equal(gguf_parse(file, &g), OK);
	assert_int_equal(g.version, version);
	assert_int_equal(g.is_big_endian, is_big_endian);
	assert_int_equal(g.tensors, 291);
	assert_int_equal(g.entries_read, 6);
	assert_true(view_is(g.values[GGUF_ARCHITECTURE], "deepseek2"));
	assert_true(view_is(g.values[GGUF_TOKENIZER_PRE], "deepseek-v3"));
	assert_true(view_is(g.values[GGUF_CHAT_TEMPLATE], "{{ x }}"));
	assert_int_equal(g.values[GGUF_NAME].size, 0);
}

static void every_version_and_byte_order_is_read(void **state)
{
	(void)state;
	uint8_t room[1024];
	for (uint32_t version = 1; version <= 3; version++) {
		assert_model(write_model(room, sizeof(room), version, false), version, false);
		assert_model(write_model(room, sizeof(room), version, true), version, true);
	}
}

static void a_prefix_is_truncated_and_keeps_what_it_has(void **state)
{
	(void)state;
	uint8_t room[1024];
	struct view file = write_model(room, sizeof(room), 3, false);
	struct gguf g;
	uint64_t last = 0;
	for (size_t size = 0; size < file.size; size++) {
		assert_int_equal(gguf_parse(view_of(file.bytes, size), &g), ERR_TRUNCATED);
		assert_true(g.entries_read >= last);
		last = g.entries_read;
		assert_int_equal(g.values[GGUF_ARCHITECTURE].size != 0, g.entries_read >= 1);
	}
	assert_int_equal(last, 5);
}

static void other_files_are_told_apart(void **state)
{
	(void)state;
	struct gguf g;
	assert_int_equal(gguf_parse(view_text("GGML\1\0\0\0"), &g), ERR_MALFORMED);
	assert_int_equal(gguf_parse(view_text("X"), &g), ERR_MALFORMED);
	assert_int_equal(gguf_parse(view_text("GG"), &g), ERR_TRUNCATED);
	assert_int_equal(gguf_parse(view_of("GGUF\4\0\0\0", 8), &g), ERR_VERSION);
	assert_int_equal(gguf_parse(view_of("GGUF\0\0\0\0", 8), &g), ERR_VERSION);
}

static void absurd_numbers_are_stopped(void **state)
{
	(void)state;
	uint8_t room[256];
	struct gguf g;
	struct file f = {0};
	begin(&f, room, sizeof(room), 3, UINT64_MAX);
	assert_int_equal(gguf_parse(view_of(room, writer_size(&f.w)), &g), ERR_LIMIT);
	begin(&f, room, sizeof(room), 3, 1);
	add_uint(&f, 65536, 8);
	assert_int_equal(gguf_parse(view_of(room, writer_size(&f.w)), &g), ERR_MALFORMED);
	begin(&f, room, sizeof(room), 3, 1);
	add_string(&f, "k");
	add_uint(&f, 13, 4);
	assert_int_equal(gguf_parse(view_of(room, writer_size(&f.w)), &g), ERR_MALFORMED);
	begin(&f, room, sizeof(room), 3, 1);
	add_string(&f, "k");
	add_uint(&f, ARRAY, 4);
	add_uint(&f, U32, 4);
	add_uint(&f, UINT64_MAX / 2, 8);
	assert_int_equal(gguf_parse(view_of(room, writer_size(&f.w)), &g), ERR_TRUNCATED);
	begin(&f, room, sizeof(room), 3, 1);
	add_string(&f, "k");
	add_uint(&f, ARRAY, 4);
	for (int i = 0; i < 6; i++) {
		add_uint(&f, ARRAY, 4);
		add_uint(&f, 1, 8);
	}
	assert_int_equal(gguf_parse(view_of(room, writer_size(&f.w)), &g), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version_and_byte_order_is_read),
		cmocka_unit_test(a_prefix_is_truncated_and_keeps_what_it_has),
		cmocka_unit_test(other_files_are_told_apart),
		cmocka_unit_test(absurd_numbers_are_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
