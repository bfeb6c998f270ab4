#include "wire/dns_message.h"

enum { RECORD_FIXED_SIZE = 10, QUESTION_FIXED_SIZE = 4 };

int dns_header_parse(struct view message, struct dns_header *ret)
{
	if (message.size < DNS_HEADER_SIZE)
		return ERR_TRUNCATED;
	const uint8_t *at = message.bytes;
	ret->id = dns_u16_at(at);
	ret->flags = dns_u16_at(at + 2);
	for (int i = 0; i < DNS_SECTIONS; i++)
		ret->counts[i] = dns_u16_at(at + 4 + 2 * i);
	return OK;
}

int dns_question_parse(struct view message, struct dns_question *ret)
{
	struct dns_header header;
	int r = dns_header_parse(message, &header);
	if (r < 0)
		return r;
	if (header.counts[DNS_QUESTION] != 1)
		return ERR_MALFORMED;
	struct dns_question question;
	size_t at;
	r = dns_name_read(message, DNS_HEADER_SIZE, &question.name, &at);
	if (r < 0)
		return r;
	if (message.size - at < QUESTION_FIXED_SIZE)
		return ERR_TRUNCATED;
	question.type = dns_u16_at(message.bytes + at);
	question.class = dns_u16_at(message.bytes + at + 2);
	question.end = at + QUESTION_FIXED_SIZE;
	*ret = question;
	return OK;
}

struct dns_walk dns_walk_from(struct view message, const struct dns_header *header, size_t at)
{
	return (struct dns_walk){.message = message, .header = *header, .at = at};
}

int dns_walk_open(struct view message, struct dns_walk *ret)
{
	struct dns_header header;
	int r = dns_header_parse(message, &header);
	if (r < 0)
		return r;
	size_t at = DNS_HEADER_SIZE;
	for (unsigned i = 0; i < header.counts[DNS_QUESTION]; i++) {
		r = dns_name_skip(message, at, &at);
		if (r < 0)
			return r;
		if (message.size - at < QUESTION_FIXED_SIZE)
			return ERR_TRUNCATED;
		at += QUESTION_FIXED_SIZE;
	}
	*ret = dns_walk_from(message, &header, at);
	return OK;
}

/* Reads the record at w->at. */
static int read_record(struct dns_walk *w, struct dns_record *ret)
{
	struct view message = w->message;
	size_t at;
	int r = dns_name_skip(message, w->at, &at);
	if (r < 0)
		return r;
	if (message.size - at < RECORD_FIXED_SIZE)
		return ERR_TRUNCATED;
	const uint8_t *fixed = message.bytes + at;
	size_t size = dns_u16_at(fixed + 8);
	if (message.size - at - RECORD_FIXED_SIZE < size)
		return ERR_TRUNCATED;
	ret->section = w->section;
	ret->type = dns_u16_at(fixed);
	ret->class = dns_u16_at(fixed + 2);
	ret->ttl = dns_u32_at(fixed + 4);
	if (ret->ttl > INT32_MAX && ret->type != DNS_TYPE_OPT)
		ret->ttl = 0;
	ret->at = w->at;
	ret->ttl_at = at + 4;
	ret->rdata_at = at + RECORD_FIXED_SIZE;
	ret->rdata = view_of(message.bytes + ret->rdata_at, size);
	ret->end = ret->rdata_at + size;
	return 1;
}

int dns_walk_next(struct dns_walk *w, struct dns_record *ret)
{
	if (w->error)
		return w->error;
	while (w->left == 0) {
		if (w->section == DNS_ADDITIONAL) {
			w->error = w->at == w->message.size ? OK : ERR_MALFORMED;
			return w->error;
		}
		w->section++;
		w->left = w->header.counts[w->section];
	}
	int r = read_record(w, ret);
	if (r < 0) {
		w->error = r;
		return r;
	}
	w->left--;
	w->at = ret->end;
	return 1;
}

int dns_record_name(struct view message, const struct dns_record *r, struct dname *ret)
{
	size_t next;
	return dns_name_read(message, r->at, ret, &next);
}
