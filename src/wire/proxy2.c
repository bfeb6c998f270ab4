#include "wire/proxy2.h"

#include "base/reader.h"

enum { SIGNATURE_SIZE = 12, HEADER_SIZE = 16, VERSION = 2 };
enum command { COMMAND_LOCAL, COMMAND_PROXY };
enum family { FAMILY_NONE, FAMILY_IP4, FAMILY_IP6, FAMILY_UNIX, FAMILIES };
enum protocol { PROTOCOL_NONE, PROTOCOL_STREAM, PROTOCOL_DATAGRAM, PROTOCOLS };

static const uint8_t signature[SIGNATURE_SIZE] = "\r\n\r\n\0\r\nQUIT\n";

/* source and destination, with ports where there are some */
static const size_t addresses_sizes[FAMILIES] = {
	[FAMILY_IP4] = 12, [FAMILY_IP6] = 36, [FAMILY_UNIX] = 216};
static const size_t address_sizes[FAMILIES] = {[FAMILY_IP4] = 4, [FAMILY_IP6] = 16};

/* What proxies add is not used, but must be what it says. */
static bool are_additions_sound(struct reader *r)
{
	while (!r->failed && reader_left(r)) {
		(void)read_u8(r);
		(void)read_block(r, 2);
	}
	return !r->failed;
}

static int parse_rest(struct reader r, enum command command, uint8_t kind, struct address *ret)
{
	unsigned family = kind >> 4, protocol = kind & 15;
	if (family >= FAMILIES || protocol >= PROTOCOLS)
		return ERR_MALFORMED;
	/* then no address means anything, whatever is there */
	if (command == COMMAND_LOCAL || family == FAMILY_NONE)
		return OK;
	const uint8_t *addresses = read_bytes(&r, addresses_sizes[family]);
	if (!addresses || !are_additions_sound(&r))
		return ERR_MALFORMED;
	if (protocol != PROTOCOL_NONE)
		*ret = address_from_bytes(addresses, address_sizes[family]);
	return OK;
}

int proxy2_parse(struct view bytes, struct proxy2 *ret)
{
	struct reader r = reader_open(bytes.bytes, bytes.size);
	size_t size = bytes.size < SIGNATURE_SIZE ? bytes.size : SIGNATURE_SIZE;
	if (!view_equal(view_of(bytes.bytes, size), view_of(signature, size)))
		return ERR_MALFORMED;
	(void)read_bytes(&r, SIGNATURE_SIZE);
	uint8_t version = read_u8(&r), kind = read_u8(&r);
	size_t rest = read_u16(&r);
	if (r.failed)
		return ERR_TRUNCATED;
	if (version >> 4 != VERSION || (version & 15) > COMMAND_PROXY)
		return ERR_MALFORMED;
	if (HEADER_SIZE + rest > PROXY2_SIZE_MAX)
		return ERR_LIMIT;
	if (reader_left(&r) < rest)
		return ERR_TRUNCATED;
	struct proxy2 found = {.size = HEADER_SIZE + rest};
	int code = parse_rest(reader_open(r.at, rest), (enum command)(version & 15), kind,
	                      &found.client);
	if (code == OK)
		*ret = found;
	return code;
}
