#include "wire/dns_pack.h"

#include "wire/dns_rdata.h"

enum { POINTER = 0xc000, POINTER_MAX = 0x3fff };

void dns_pack_open(struct dns_pack *p, uint8_t *room, size_t size)
{
	p->out = writer_open(room, size < DNS_MESSAGE_SIZE_MAX ? size : DNS_MESSAGE_SIZE_MAX);
	memset(p->counts, 0, sizeof(p->counts));
	p->names = 0;
	(void)write_space(&p->out, DNS_HEADER_SIZE);
}

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool labels_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
	if (memcmp(a, b, size) == 0)
		return true; /* nearly always */
	for (size_t i = 0; i < size; i++) {
		if (fold(a[i]) != fold(b[i]))
			return false;
	}
	return true;
}

/* Compares a name in our own message with an uncompressed one. What stands there was written by us,
 * so its pointers are known to be good. */
static bool stands_at(const uint8_t *message, size_t at, const uint8_t *name)
{
	for (;;) {
		while (message[at] >= 0xc0)
			at = (message[at] & 0x3fu) << 8 | message[at + 1];
		uint8_t size = message[at];
		if (size != *name)
			return false;
		if (size == 0)
			return true;
		if (!labels_equal(message + at + 1, name + 1, size))
			return false;
		at += size + 1u;
		name += size + 1u;
	}
}

/* Offset of an equal name, 0 when there is none. */
static uint16_t find(const struct dns_pack *p, const uint8_t *name, size_t size)
{
	for (unsigned i = 0; i < p->names; i++) {
		if (p->name_size[i] == size && stands_at(p->out.begin, p->name_at[i], name))
			return p->name_at[i];
	}
	return 0;
}

static void remember(struct dns_pack *p, size_t at, size_t size)
{
	if (p->names == DNS_PACK_NAMES_MAX || at > POINTER_MAX)
		return;
	p->name_at[p->names] = (uint16_t)at;
	p->name_size[p->names++] = (uint8_t)size;
}

static void write_name(struct dns_pack *p, const uint8_t *name, size_t size, bool compress)
{
	uint16_t found = 0;
	unsigned known = p->names;
	while (*name) {
		if (compress && (found = find(p, name, size)))
			break;
		remember(p, writer_size(&p->out), size);
		write_bytes(&p->out, name, *name + 1u);
		size -= *name + 1u;
		name += *name + 1u;
	}
	if (found)
		write_u16(&p->out, POINTER | found);
	else
		write_u8(&p->out, 0);
	if (p->out.failed)
		p->names = known; /* never point to what was not written */
}

void dns_pack_name(struct dns_pack *p, const struct dname *name, bool compress)
{
	write_name(p, name->bytes, name->size, compress);
}

void dns_pack_question(struct dns_pack *p, struct view question)
{
	if (question.size < 5)
		return;
	size_t fixed = 4, size = question.size - fixed;
	write_name(p, question.bytes, size, false);
	write_bytes(&p->out, question.bytes + size, fixed);
	p->counts[DNS_QUESTION]++;
}

static uint8_t *write_fixed(struct dns_pack *p, uint16_t type, uint16_t class, uint32_t ttl)
{
	uint8_t *at = write_space(&p->out, 10);
	if (!at)
		return NULL;
	struct writer w = writer_open(at, 10);
	write_u16(&w, type);
	write_u16(&w, class);
	write_u32(&w, ttl);
	write_u16(&w, 0);
	return at + 8;
}

uint8_t *dns_pack_begin(struct dns_pack *p, const struct dname *owner, uint16_t type,
                        uint16_t class, uint32_t ttl)
{
	dns_pack_name(p, owner, true);
	return write_fixed(p, type, class, ttl);
}

void dns_pack_end(struct dns_pack *p, enum dns_section section, uint8_t *rdlength)
{
	if (p->out.failed)
		return;
	write_u16_at(&p->out, rdlength, (uint16_t)(p->out.at - rdlength - 2));
	p->counts[section]++;
}

/* Copies `size` plain bytes of [*at, end). */
static int copy_bytes(struct dns_pack *p, struct view upto, size_t *at, size_t size)
{
	if (upto.size - *at < size)
		return ERR_MALFORMED;
	write_bytes(&p->out, upto.bytes + *at, size);
	*at += size;
	return OK;
}

static int copy_name(struct dns_pack *p, struct view upto, size_t *at, bool compress)
{
	struct dname name;
	int r = dns_name_expand(upto, *at, &name, at);
	if (r < 0)
		return r == ERR_TRUNCATED ? ERR_MALFORMED : r;
	dns_pack_name(p, &name, compress);
	return OK;
}

static int copy_rdata(struct dns_pack *p, struct view message, const struct dns_record *record)
{
	struct view upto = view_of(message.bytes, record->end);
	size_t at = record->rdata_at;
	for (const uint8_t *step = dns_rdata_steps(record->type); *step != DNS_RDATA_END; step++) {
		int r;
		if (*step == DNS_RDATA_REST)
			return copy_bytes(p, upto, &at, upto.size - at);
		if (*step == DNS_RDATA_NAME || *step == DNS_RDATA_NAME_PLAIN)
			r = copy_name(p, upto, &at, *step == DNS_RDATA_NAME);
		else if (*step == DNS_RDATA_STRING)
			r = copy_bytes(p, upto, &at, at < upto.size ? upto.bytes[at] + 1u : 1u);
		else
			r = copy_bytes(p, upto, &at, *step);
		if (r < 0)
			return r;
	}
	return at == record->end ? OK : ERR_MALFORMED;
}

int dns_pack_copy(struct dns_pack *p, struct view message, const struct dns_record *r)
{
	struct view address;
	int error = dns_rdata_address(r, &address);
	if (error < 0 && error != ERR_MISSING)
		return error;
	size_t next;
	struct dname owner;
	error = dns_name_expand(message, r->at, &owner, &next);
	if (error < 0)
		return error;
	uint8_t *rdlength = dns_pack_begin(p, &owner, r->type, r->class, r->ttl);
	error = copy_rdata(p, message, r);
	if (error < 0)
		return error;
	if (!p->out.failed && p->out.at - rdlength - 2 > UINT16_MAX)
		return ERR_LIMIT;
	dns_pack_end(p, r->section, rdlength);
	return OK;
}

struct dns_pack_mark dns_pack_mark(const struct dns_pack *p)
{
	return (struct dns_pack_mark){.at = p->out.at, .names = p->names};
}

void dns_pack_rewind(struct dns_pack *p, struct dns_pack_mark mark)
{
	p->out.at = mark.at;
	p->out.failed = false;
	p->names = mark.names;
}

int dns_pack_close(struct dns_pack *p, uint16_t id, uint16_t flags)
{
	if (p->out.failed)
		return ERR_LIMIT;
	struct writer header = writer_open(p->out.begin, DNS_HEADER_SIZE);
	write_u16(&header, id);
	write_u16(&header, flags);
	for (int i = 0; i < DNS_SECTIONS; i++)
		write_u16(&header, p->counts[i]);
	return (int)writer_size(&p->out);
}
