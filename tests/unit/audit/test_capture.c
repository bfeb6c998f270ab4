#include "audit/capture_file.h"
#include "tests/capture_bytes.h"
#include "tests/hellos.h"
#include "tests/unit/policy/world.h"

static struct world world;
static struct policy policy;
static struct capture_writer file;
static struct findings_source coverage;
static char example[FINDING_EXAMPLE_SIZE];
static struct findings *found;
static uint8_t hello_room[HELLO_ROOM], packet_room[PACKET_ROOM];
static struct view hello;

static int set_up(void **state)
{
	(void)state;
	world_read(&world, product_yaml, order_yaml, organisation_yaml);
	world_compile(&world);
	hello = hello_write("chat.seek.example", 0, hello_room);
	return policy_open(buffer_view(&world.image), &policy);
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&world);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	file.is_swapped = false;
	capture_pcap_header(&file, 0xa1b2c3d4, 101);
	return findings_new(&policy, 100, &found);
}

static int end(void **state)
{
	(void)state;
	findings_free(found);
	return 0;
}

/* In blocks of `size`. */
static int read_in_blocks(size_t size)
{
	void *reader = NULL;
	struct view rest = capture_view(&file);
	coverage = findings_source_none();
	const struct audit_context context = {
		.policy = &policy, .findings = found, .coverage = &coverage, .example = example};
	const struct audit_format *format = audit_format_find(rest);
	assert_non_null(format);
	assert_int_equal(format->open(&context, rest, &reader), OK);
	int r = OK;
	while (r == OK && rest.size) {
		size_t part = size < rest.size ? size : rest.size;
		/* as large as it is: what reads behind its end is found */
		uint8_t *block = malloc(part);
		memcpy(block, rest.bytes, part);
		r = format->read(reader, view_of(block, part));
		free(block);
		rest = view_skip(rest, part);
	}
	int last = format->finish(reader);
	format->close(reader);
	return r < 0 ? r : last;
}

static void add(uint32_t second, struct view packet)
{
	capture_pcap_record(&file, 1700000000 + second, 0, packet, packet.size);
}

static void add_tcp(uint32_t second, bool is_reply, uint32_t sequence, struct view payload)
{
	const struct packet_text t = {.is_reply = is_reply,
	                              .flags = TCP_ACK,
	                              .sequence = sequence,
	                              .acknowledged = 1,
	                              .payload = payload};
	add(second, packet_tcp(&t, packet_room));
}

static void a_flow_is_found_and_its_bytes_are_counted_to_the_end(void **state)
{
	(void)state;
	static const uint8_t data[1000];
	add_tcp(1, false, 1000, hello);
	add_tcp(2, true, 5000, view_of(data, sizeof(data)));
	add_tcp(3, true, 6000, view_of(data, sizeof(data)));
	add_tcp(9, false, 1000 + (uint32_t)hello.size, view_of(data, 10));
	for (size_t block = 1; block < 2000; block = block * 3 + 1) {
		assert_int_equal(read_in_blocks(block), OK);
		assert_int_equal(coverage.items, 4);
		assert_int_equal(coverage.not_understood, 0);
		assert_int_equal(findings_count(found), 1);
		const struct finding *f = findings_at(found, 0);
		assert_int_equal(f->count, 1);
		assert_int_equal(f->at, 1);
		assert_true(view_is(f->what, "chat.seek.example"));
		assert_int_equal(f->bytes_down, 2 * 1040);
		assert_int_equal(f->bytes_up, hello.size + 40 + 50);
		assert_int_equal(f->first_us, INT64_C(1700000001000000));
		assert_int_equal(f->last_us, INT64_C(1700000009000000));
		findings_free(found);
		assert_int_equal(findings_new(&policy, 100, &found), OK);
	}
}

static void a_name_that_is_not_listed_is_not_told_beside_an_address_that_is(void **state)
{
	(void)state;
	static uint8_t room[HELLO_ROOM];
	add_tcp(1, false, 1000, hello_write("www.body.example", 0, room));
	assert_int_equal(read_in_blocks(1 << 20), OK);
	assert_int_equal(findings_count(found), 1);
	assert_true(view_is(findings_at(found, 0)->what, "192.0.2.1"));
}

static void a_cut_packet_names_as_much_as_is_there(void **state)
{
	(void)state;
	const struct packet_text t = {.flags = TCP_ACK, .sequence = 1, .payload = hello};
	struct view packet = packet_tcp(&t, packet_room);
	capture_pcap_record(&file, 1700000000, 0, view_of(packet.bytes, packet.size - 4),
	                    packet.size);
	assert_int_equal(read_in_blocks(1 << 20), OK);
	assert_int_equal(findings_count(found), 1);
}

static void an_answer_whose_question_is_missing_is_a_question(void **state)
{
	(void)state;
	static const char answer[] =
		"\x12\x34\x81\x80\0\1\0\0\0\0\0\0\4chat\4seek\7example\0\0\1\0\1";
	const struct packet_text t = {.is_reply = true,
	                              .server_port = 53,
	                              .payload = view_of(answer, sizeof(answer) - 1)};
	add(1, packet_udp(&t, packet_room));
	add(2, packet_udp(&t, packet_room)); /* sent again */
	assert_int_equal(read_in_blocks(1 << 20), OK);
	assert_int_equal(findings_count(found), 1);
	assert_int_equal(findings_at(found, 0)->count, 1);
	uint8_t client[4] = {10, 0, 0, 1};
	assert_memory_equal(findings_at(found, 0)->client.bytes, client, 4);
}

static void fragments_are_put_together(void **state)
{
	(void)state;
	const struct packet_text t = {.flags = TCP_ACK, .sequence = 1, .payload = hello};
	struct view packet = packet_tcp(&t, packet_room);
	uint8_t part[2048];
	size_t cut = 64; /* of the payload, a multiple of 8 */
	memcpy(part, packet.bytes, 20 + cut);
	packet_put16(part + 2, (uint32_t)(20 + cut));
	packet_put16(part + 6, 0x2000);
	ip4_set_checksum(part, 20);
	add(1, view_of(part, 20 + cut));
	size_t rest = packet.size - 20 - cut;
	memcpy(part + 20, packet.bytes + 20 + cut, rest);
	packet_put16(part + 2, (uint32_t)(20 + rest));
	packet_put16(part + 6, (uint32_t)cut / 8);
	ip4_set_checksum(part, 20);
	add(1, view_of(part, 20 + rest));
	assert_int_equal(read_in_blocks(1 << 20), OK);
	assert_int_equal(findings_count(found), 1);
}

static void a_packet_in_tunnels_is_the_one_inside(void **state)
{
	(void)state;
	const struct packet_text t = {.flags = TCP_ACK, .sequence = 1, .payload = hello};
	struct view packet = packet_tcp(&t, packet_room);
	uint8_t outer[2048] = {0x45, [8] = 64, [9] = 47, [12] = 1, [16] = 2, [22] = 8};
	memcpy(outer + 24, packet.bytes, packet.size);
	packet_put16(outer + 2, (uint32_t)(24 + packet.size));
	ip4_set_checksum(outer, 20);
	add(1, view_of(outer, 24 + packet.size));
	assert_int_equal(read_in_blocks(1 << 20), OK);
	assert_int_equal(findings_count(found), 1);
	assert_int_equal(findings_at(found, 0)->client.bytes[0], 10);
}

static void damage_is_counted_and_what_follows_is_read(void **state)
{
	(void)state;
	add_tcp(1, false, 1, view_of(NULL, 0));
	capture_put(&file, view_text("this is not a record, and not the beginning of one"));
	for (uint32_t i = 0; i < 4; i++)
		add_tcp(2 + i, false, 1000 + i * (uint32_t)hello.size, hello);
	for (size_t block = 7; block < 100000; block *= 11) {
		assert_int_equal(read_in_blocks(block), OK);
		assert_int_equal(coverage.items, 5);
		assert_int_equal(coverage.not_understood, 1);
		assert_int_equal(findings_count(found), 1);
	}
}

static void the_last_packet_may_be_cut(void **state)
{
	(void)state;
	add_tcp(1, false, 1, hello);
	add_tcp(2, false, 5, hello);
	file.size -= 7;
	assert_int_equal(read_in_blocks(100), OK);
	assert_int_equal(coverage.items, 1);
	assert_int_equal(coverage.not_understood, 1);
	assert_true(view_is(coverage.example, "the last packet is cut"));
}

static void a_file_without_packets_is_given_up(void **state)
{
	(void)state;
	void *reader = NULL;
	static const uint8_t hole[1 << 20];
	coverage = findings_source_none();
	const struct audit_context context = {
		.policy = &policy, .findings = found, .coverage = &coverage, .example = example};
	assert_int_equal(capture_pcap_open(&context, capture_view(&file), &reader), OK);
	assert_int_equal(capture_file_read(reader, capture_view(&file)), OK);
	int r = OK;
	unsigned blocks = 0;
	for (; r == OK && blocks < 1000; blocks++)
		r = capture_file_read(reader, view_of(hole, sizeof(hole)));
	assert_int_equal(r, ERR_MALFORMED);
	assert_in_range(blocks, 1, CAPTURE_FILE_DAMAGE_MAX / sizeof(hole) + 2);
	assert_true(coverage.problem.size != 0);
	assert_int_equal(capture_file_finish(reader), OK);
	capture_file_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_flow_is_found_and_its_bytes_are_counted_to_the_end),
		TEST(a_name_that_is_not_listed_is_not_told_beside_an_address_that_is),
		TEST(a_cut_packet_names_as_much_as_is_there),
		TEST(an_answer_whose_question_is_missing_is_a_question),
		TEST(fragments_are_put_together),
		TEST(a_packet_in_tunnels_is_the_one_inside),
		TEST(damage_is_counted_and_what_follows_is_read),
		TEST(the_last_packet_may_be_cut),
		TEST(a_file_without_packets_is_given_up),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
