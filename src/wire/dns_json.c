#include "wire/dns_json.h"

#include "base/address.h"
#include "base/reader.h"
#include "wire/dns_edns.h"
#include "wire/dns_message.h"
#include "wire/dns_rdata.h"

static void write_flags(uint16_t flags, struct json_writer *j)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} names[] = {{DNS_FLAG_AA, "aa"}, {DNS_FLAG_TC, "tc"}, {DNS_FLAG_RD, "rd"},
	             {DNS_FLAG_RA, "ra"}, {DNS_FLAG_AD, "ad"}, {DNS_FLAG_CD, "cd"}};
	json_array_begin(j, "flags");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (flags & names[i].bit)
			json_text(j, NULL, names[i].name);
	}
	json_array_end(j);
}

static void print_unknown(struct view rdata, struct buffer *out)
{
	buffer_printf(out, "\\# %zu%s", rdata.size, rdata.size ? " " : "");
	for (size_t i = 0; i < rdata.size; i++)
		buffer_printf(out, "%02x", rdata.bytes[i]);
}

static void print_string(struct view string, struct buffer *out)
{
	buffer_add_text(out, out->size ? " \"" : "\"");
	for (size_t i = 0; i < string.size; i++) {
		uint8_t c = string.bytes[i];
		if (c == '"' || c == '\\')
			buffer_printf(out, "\\%c", c);
		else
			buffer_printf(out, c >= ' ' && c < 0x7f ? "%c" : "\\%03u", c);
	}
	buffer_add_text(out, "\"");
}

static int print_strings(struct view rdata, struct buffer *out)
{
	struct reader r = reader_open(rdata.bytes, rdata.size);
	while (reader_left(&r) && !r.failed) {
		size_t size = read_u8(&r);
		struct view string = read_view(&r, size);
		if (!r.failed)
			print_string(string, out);
	}
	return r.failed ? ERR_MALFORMED : OK;
}

/* The numbers that stand before a name: preference of MX; priority, weight, port of SRV. */
static int print_name(struct view message, const struct dns_record *r, size_t numbers,
                      struct buffer *out)
{
	struct dname name;
	char text[DNAME_TEXT_SIZE];
	struct reader reader = reader_open(r->rdata.bytes, r->rdata.size);
	int code = dns_rdata_name(message, r, &name);
	for (size_t i = 0; code == OK && i < numbers; i++)
		buffer_printf(out, "%u ", read_u16(&reader));
	if (code == OK)
		buffer_add_text(out, dname_print(&name, text));
	return code;
}

static int print_soa(struct view message, const struct dns_record *r, struct buffer *out)
{
	struct dns_soa soa;
	char primary[DNAME_TEXT_SIZE], mailbox[DNAME_TEXT_SIZE];
	int code = dns_rdata_soa(message, r, &soa);
	if (code == OK)
		buffer_printf(out, "%s %s %u %u %u %u %u", dname_print(&soa.primary, primary),
		              dname_print(&soa.mailbox, mailbox), soa.serial, soa.refresh,
		              soa.retry, soa.expire, soa.minimum);
	return code;
}

static int print_address(const struct dns_record *r, struct buffer *out)
{
	struct view bytes;
	char text[ADDRESS_TEXT_SIZE];
	int code = dns_rdata_address(r, &bytes);
	if (code < 0)
		return code;
	struct address address = address_from_bytes(bytes.bytes, bytes.size);
	buffer_add_text(out, address_print(&address, text));
	return OK;
}

static int print_data(struct view message, const struct dns_record *r, struct buffer *out)
{
	switch (r->type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA: return print_address(r, out);
	case DNS_TYPE_CNAME:
	case DNS_TYPE_DNAME:
	case DNS_TYPE_NS:
	case DNS_TYPE_PTR: return print_name(message, r, 0, out);
	case DNS_TYPE_MX: return print_name(message, r, 1, out);
	case DNS_TYPE_SRV: return print_name(message, r, 3, out);
	case DNS_TYPE_SOA: return print_soa(message, r, out);
	case DNS_TYPE_TXT: return print_strings(r->rdata, out);
	default: print_unknown(r->rdata, out); return OK;
	}
}

static void write_data(struct view message, const struct dns_record *r, struct json_writer *j)
{
	struct buffer text = {0};
	if (print_data(message, r, &text) < 0) {
		text.size = 0;
		print_unknown(r->rdata, &text);
	}
	json_view(j, "data", view_of(text.bytes, text.size));
	buffer_done(&text);
}

static int write_record(struct view message, const struct dns_record *r, struct json_writer *j)
{
	static const char *const sections[] = {[DNS_ANSWER] = "answer",
	                                       [DNS_AUTHORITY] = "authority",
	                                       [DNS_ADDITIONAL] = "additional"};
	struct dname owner;
	char text[DNAME_TEXT_SIZE];
	int code = dns_record_name(message, r, &owner);
	if (code < 0)
		return code;
	json_object_begin(j, NULL);
	json_text(j, "section", sections[r->section]);
	json_text(j, "name", dname_print(&owner, text));
	json_text(j, "type", dns_type_text(r->type, text));
	json_int(j, "ttl", r->ttl);
	write_data(message, r, j);
	json_object_end(j);
	return OK;
}

static void write_edns(const struct dns_edns *edns, struct json_writer *j)
{
	if (!edns->has_ede)
		return;
	json_object_begin(j, "ede");
	json_int(j, "code", edns->ede_code);
	json_text(j, "name", dns_ede_text(edns->ede_code));
	json_view(j, "text", edns->ede_text);
	json_object_end(j);
}

/* Writes the records but OPT, which is read into `edns`. */
static int write_records(struct view message, struct dns_walk *w, struct dns_edns *edns,
                         struct json_writer *j)
{
	struct dns_record r;
	int code = OK;
	json_array_begin(j, "records");
	while (code >= 0 && (code = dns_walk_next(w, &r)) > 0) {
		if (r.type == DNS_TYPE_OPT)
			code = dns_edns_parse(r.class, r.ttl, r.rdata, edns);
		else
			code = write_record(message, &r, j);
	}
	json_array_end(j);
	return code;
}

void dns_message_json(struct view message, struct json_writer *j)
{
	struct dns_walk w;
	struct dns_edns edns = {0};
	json_int(j, "size", (int64_t)message.size);
	int code = dns_walk_open(message, &w);
	if (code >= 0) {
		write_flags(w.header.flags, j);
		code = write_records(message, &w, &edns, j);
		uint16_t rcode =
			(uint16_t)(edns.rcode_high << 4 | (w.header.flags & DNS_FLAGS_RCODE));
		json_text(j, "rcode", dns_rcode_text(rcode));
		json_int(j, "rcode_number", rcode);
		write_edns(&edns, j);
	}
	if (code < 0)
		json_bool(j, "malformed", true);
}
