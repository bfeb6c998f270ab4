/* Any state that an audit may be asked to resume: it is taken up, or refused with a reason.
 *
 * The first byte says how much of it is made right: 0 nothing, 1 the head and the checksum, 2 also a source as it is. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit_private.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "tests/fuzz/audit_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { RAW, HEADED, SOURCED, FORMS };

static void put(struct buffer *b, uint64_t number, size_t size)
{
	for (size_t i = size; i > 0; i--) {
		uint8_t byte = (uint8_t)(number >> 8 * (i - 1));
		buffer_add(b, &byte, 1);
	}
}

static void put_source(struct buffer *b, const char *path)
{
	struct source_file f;
	CHECK(source_file_open(path, &f) == OK);
	put(b, 1, 4); /* how many */
	put(b, 0, 4);
	put(b, strlen(path), 4);
	buffer_add_text(b, path);
	put(b, 1, 1);
	put(b, f.device, 8);
	put(b, f.inode, 8);
	put(b, f.size, 8);
	put(b, (uint64_t)f.modified_ns, 8);
	source_file_close(&f);
}

static void make_state(struct buffer *b, unsigned form, struct view rest, const char *path)
{
	if (form != RAW) {
		buffer_add_text(b, AUDIT_STATE_MAGIC);
		put(b, policy_version(audit_policy()), 8);
		put(b, AUDIT_PART_SIZE, 8);
	}
	if (form == SOURCED)
		put_source(b, path);
	buffer_add_view(b, rest);
	if (form != RAW)
		put(b, hash_bytes(b->bytes, b->size, 0), 8);
}

static void write_file(int fd, struct view bytes)
{
	CHECK(ftruncate(fd, 0) == 0);
	CHECK(pwrite(fd, bytes.bytes, bytes.size, 0) == (ssize_t)bytes.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int state = -1, source = -1;
	static char state_path[64], source_path[64];
	struct buffer b = {0};
	struct audit *a = NULL;
	if (size == 0)
		return 0;
	if (state < 0) {
		state = memfd_create("state", 0);
		source = memfd_create("source", 0);
		CHECK(state >= 0 && source >= 0);
		write_file(source, view_text("www.seek.example\n"));
		(void)snprintf(state_path, sizeof(state_path), "/proc/self/fd/%d", state);
		(void)snprintf(source_path, sizeof(source_path), "/proc/self/fd/%d", source);
	}
	make_state(&b, bytes[0] % FORMS, view_of(bytes + 1, size - 1), source_path);
	write_file(state, buffer_view(&b));
	buffer_done(&b);
	struct source_list_item item = {.path = source_path};
	struct source_list sources = {.items = &item, .count = 1};
	struct audit_settings settings = {.policy = audit_policy(),
	                                  .sources = &sources,
	                                  .findings_max = 100,
	                                  .threads = 1,
	                                  .state_path = state_path};
	int code = audit_new(&settings, &a);
	CHECK(code <= 0);
	if (a && code == OK)
		CHECK(findings_count(audit_findings(a)) <= 100);
	audit_free(a);
	return 0;
}
