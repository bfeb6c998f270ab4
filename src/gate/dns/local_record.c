#include "gate/dns/local_record.h"

#include "base/address.h"
#include "base/decimal.h"
#include "base/writer.h"
#include "wire/dns.h"

enum { STRING_SIZE_MAX = 255 };

/* A line being read: the word that was taken last is what a fault is about. */
struct line {
	struct view all, rest, word;
	const struct dname *origin;
	const char *expected;
};

static struct view peek(const struct line *l)
{
	struct view rest = l->rest;
	while (rest.size && view_is_space(rest.bytes[0]))
		rest = view_skip(rest, 1);
	size_t size = 0;
	while (size < rest.size && !view_is_space(rest.bytes[size]))
		size++;
	return view_of(rest.bytes, size);
}

static struct view take(struct line *l, const char *expected)
{
	l->word = peek(l);
	l->expected = expected;
	l->rest = view_skip(l->all, (size_t)(l->word.bytes - l->all.bytes) + l->word.size);
	return l->word;
}

static int number(struct view word, uint32_t max, uint32_t *ret)
{
	uint64_t value;
	if (decimal_parse(word, 10, &value) < 0 || value > max)
		return ERR_MALFORMED;
	*ret = (uint32_t)value;
	return OK;
}

static int absolute(const struct dname *name, const struct dname *origin, struct dname *ret)
{
	size_t head = name->size - 1U;
	if (head + origin->size > DNAME_SIZE_MAX)
		return ERR_MALFORMED;
	struct dname joined = {.size = (uint8_t)(head + origin->size),
	                       .labels = (uint8_t)(name->labels + origin->labels)};
	memcpy(joined.bytes, name->bytes, head);
	memcpy(joined.bytes + head, origin->bytes, origin->size);
	*ret = joined;
	return OK;
}

static int take_name(struct line *l, const char *expected, struct dname *ret)
{
	struct view word = take(l, expected);
	struct dname name;
	if (view_is(word, "@")) {
		*ret = *l->origin;
		return OK;
	}
	if (dname_parse_text(word, &name) < 0 || view_is(view_of(word.bytes, 1), "*"))
		return ERR_MALFORMED;
	if (word.bytes[word.size - 1] == '.') {
		*ret = name;
		return OK;
	}
	return absolute(&name, l->origin, ret);
}

static int write_name(struct line *l, struct writer *w)
{
	struct dname name;
	int r = take_name(l, "a domain name", &name);
	if (r == OK)
		write_view(w, dname_view(&name));
	return r;
}

static int write_number(struct line *l, struct writer *w)
{
	uint32_t value;
	int r = number(take(l, "a number from 0 to 65535"), UINT16_MAX, &value);
	if (r == OK)
		write_u16(w, (uint16_t)value);
	return r;
}

static int write_address(struct line *l, struct writer *w, size_t size)
{
	struct address address;
	struct view word = take(l, size == 4 ? "an IPv4 address" : "an IPv6 address");
	bool has_colon = word.size && memchr(word.bytes, ':', word.size);
	if (address_parse(word, &address) < 0 || address.size != size || has_colon != (size == 16))
		return ERR_MALFORMED;
	write_bytes(w, address.bytes, size);
	return OK;
}

/* `bare` or `"with spaces, \" and \\"`. */
static int write_string(struct line *l, struct writer *w)
{
	struct view rest = peek(l);
	bool is_quoted = rest.size && rest.bytes[0] == '"';
	uint8_t *length = write_space(w, 1);
	l->word = rest;
	l->expected = "a text of at most 255 bytes, in double quotes if it has spaces";
	rest = view_of(rest.bytes, (size_t)(l->all.bytes + l->all.size - rest.bytes));
	if (is_quoted)
		rest = view_skip(rest, 1);
	while (rest.size && (is_quoted ? rest.bytes[0] != '"' : !view_is_space(rest.bytes[0]))) {
		if (rest.bytes[0] == '\\' && rest.size > 1)
			rest = view_skip(rest, 1);
		write_u8(w, rest.bytes[0]);
		rest = view_skip(rest, 1);
	}
	if (w->failed || w->at - length - 1 > STRING_SIZE_MAX || (is_quoted && !rest.size))
		return ERR_MALFORMED;
	*length = (uint8_t)(w->at - length - 1);
	l->rest = view_skip(rest, is_quoted);
	return OK;
}

static int write_data(struct line *l, uint16_t type, struct writer *w)
{
	int r = OK;
	switch (type) {
	case DNS_TYPE_A: return write_address(l, w, 4);
	case DNS_TYPE_AAAA: return write_address(l, w, 16);
	case DNS_TYPE_CNAME:
	case DNS_TYPE_PTR: return write_name(l, w);
	case DNS_TYPE_MX: r = write_number(l, w); break;
	case DNS_TYPE_SRV:
		for (int i = 0; r == OK && i < 3; i++)
			r = write_number(l, w);
		break;
	default:
		do
			r = write_string(l, w);
		while (r == OK && peek(l).size);
		return r;
	}
	return r < 0 ? r : write_name(l, w);
}

static bool is_offered(uint16_t type)
{
	switch (type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_PTR:
	case DNS_TYPE_TXT:
	case DNS_TYPE_MX:
	case DNS_TYPE_SRV: return true;
	default: return false;
	}
}

static int parse(struct line *l, struct local_record *record)
{
	int r = take_name(l, "a name in the zone, or @ for the zone itself", &record->owner);
	if (r < 0 || !dname_is_under(&record->owner, l->origin))
		return ERR_MALFORMED;
	record->ttl = LOCAL_TTL;
	if (number(peek(l), UINT32_MAX, &record->ttl) == OK)
		(void)take(l, "a TTL of at most 604800 seconds");
	if (record->ttl > LOCAL_TTL_MAX)
		return ERR_MALFORMED;
	if (view_is_nocase(peek(l), "IN"))
		(void)take(l, NULL);
	r = dns_type_parse(take(l, "a type: A, AAAA, CNAME, PTR, TXT, MX or SRV"), &record->type);
	if (r < 0 || !is_offered(record->type))
		return ERR_MALFORMED;
	struct writer w = writer_open(record->rdata, sizeof(record->rdata));
	r = write_data(l, record->type, &w);
	if (r < 0)
		return r;
	record->size = (uint16_t)writer_size(&w);
	return take(l, "nothing more").size ? ERR_MALFORMED : OK;
}

int local_record_parse(struct view line, const struct dname *origin, struct local_record *ret,
                       struct local_fault *ret_fault)
{
	struct line l = {
		.all = line, .rest = line, .word = view_of(line.bytes, 0), .origin = origin};
	int r = parse(&l, ret);
	if (r < 0)
		*ret_fault = (struct local_fault){.at = (size_t)(l.word.bytes - line.bytes),
		                                  .word = l.word,
		                                  .expected = l.expected};
	return r < 0 ? ERR_MALFORMED : OK;
}
