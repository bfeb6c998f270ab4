/* A capture, read whole and in blocks of a size that its first byte says: nothing is read outside of a block. */
#include <string.h>

#include "audit/capture_file.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* small, so that there are many runs */
static const struct capture_limits few = {1 << 10, 1 << 8, 1 << 8, 1 << 20, 1 << 18};

static void count(void *context, const struct flow_key *key, const struct flow_claim *claim,
                  uint64_t packet)
{
	(void)key;
	(void)claim;
	(void)packet;
	++*(unsigned *)context;
}

static uint64_t read_in_blocks(const struct audit_format *format, struct view rest, size_t block)
{
	char example[FINDING_EXAMPLE_SIZE];
	struct findings_source coverage = findings_source_none();
	const struct audit_context context = {
		.coverage = &coverage, .example = example, .capture = &few};
	void *reader = NULL;
	unsigned claims = 0;
	CHECK(format->open(&context, rest, &reader) == OK);
	capture_listen(capture_file_capture(reader), count, &claims);
	int r = OK;
	while (r == OK && rest.size) {
		size_t part = block < rest.size ? block : rest.size;
		uint8_t *room = malloc(part);
		CHECK(room);
		memcpy(room, rest.bytes, part);
		r = format->read(reader, view_of(room, part));
		free(room);
		rest = view_skip(rest, part);
	}
	(void)format->finish(reader);
	format->close(reader);
	return coverage.items;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size < 2)
		return 0;
	struct view file = view_of(bytes + 1, size - 1);
	const struct audit_format *format = audit_format_find(file);
	if (!format || format->read != capture_file_read)
		return 0;
	uint64_t whole = read_in_blocks(format, file, file.size);
	uint64_t parts = read_in_blocks(format, file, 1 + bytes[0] % 200u);
	CHECK(whole == parts);
	return 0;
}
