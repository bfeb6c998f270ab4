#include "base/cleanup.h"
#include "base/hash.h"
#include "policy/explain.h"
#include "policy/image_builder.h"
#include "policy/policy.h"
#include "tests/unit/policy/ask.h"
#include "tests/unit/policy/world.h"

static void build(struct world *w)
{
	world_read(w, product_yaml, order_yaml, organisation_yaml);
	world_compile(w);
	assert_string_equal(w->text, "");
	assert_int_equal(w->result, OK);
}

static void every_prefix_is_refused(void **state)
{
	(void)state;
	struct world w;
	build(&w);
	for (size_t size = 0; size < w.image.size; size++) {
		cleanup(free) uint8_t *bytes = malloc(size + 1);
		struct policy p;
		memcpy(bytes, w.image.bytes, size);
		assert_int_equal(policy_open(view_of(bytes, size), &p), ERR_TRUNCATED);
	}
	world_done(&w);
}

static void bytes_behind_the_image_are_refused(void **state)
{
	(void)state;
	struct world w;
	struct policy p;
	build(&w);
	buffer_add(&w.image, "\0\0\0\0\0\0\0", 8);
	assert_int_equal(policy_open(buffer_view(&w.image), &p), ERR_MALFORMED);
	world_done(&w);
}

/* Key and signature are not content: policy_verify() is for them. */
static bool is_signature(size_t at)
{
	return at >= offsetof(struct image_header, key) &&
	       at < offsetof(struct image_header, sections);
}

static void every_flipped_byte_is_refused(void **state)
{
	(void)state;
	struct world w;
	struct policy p;
	build(&w);
	for (size_t at = 0; at < w.image.size; at++) {
		w.image.bytes[at] ^= 0x41;
		int r = policy_open(buffer_view(&w.image), &p);
		if ((r == OK) != is_signature(at))
			fail_msg("byte %zu: %s", at, err_text(r));
		w.image.bytes[at] ^= 0x41;
	}
	world_done(&w);
}

/* An attacker makes the checksum right again: then it is refused, or every answer stays in bounds, which
 * the sanitizers see, and comes to an end. */
static void an_altered_image_with_its_checksum_harms_nothing(void **state)
{
	(void)state;
	static const uint8_t masks[] = {0x01, 0x80, 0xff};
	struct world w;
	size_t opened = 0, refused = 0;
	build(&w);
	cleanup(free) uint8_t *bytes = malloc(w.image.size);
	for (size_t at = 0; at < w.image.size * 3; at++) {
		struct policy p;
		memcpy(bytes, w.image.bytes, w.image.size);
		bytes[at / 3] ^= masks[at % 3];
		ask_fix_checksum(bytes, w.image.size);
		if (policy_open(view_of(bytes, w.image.size), &p) < 0) {
			refused++;
			continue;
		}
		opened++;
		ask_everything(&p);
	}
	assert_true(opened > 1000 && refused > 1000);
	world_done(&w);
}

static void a_chain_of_values_that_leads_back_is_refused(void **state)
{
	(void)state;
	struct world w;
	struct policy p;
	build(&w);
	struct image_header *h = (void *)w.image.bytes;
	struct image_value *values = (void *)(w.image.bytes + h->sections[SECTION_VALUES].offset);
	size_t count = h->sections[SECTION_VALUES].size / sizeof(*values);
	for (size_t i = 0; i < count; i++)
		values[i] = (struct image_value){.next = (uint32_t)i + 1};
	ask_fix_checksum(w.image.bytes, w.image.size);
	assert_int_equal(policy_open(buffer_view(&w.image), &p), ERR_MALFORMED);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(bytes_behind_the_image_are_refused),
		cmocka_unit_test(every_flipped_byte_is_refused),
		cmocka_unit_test(an_altered_image_with_its_checksum_harms_nothing),
		cmocka_unit_test(a_chain_of_values_that_leads_back_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
