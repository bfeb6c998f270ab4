#include "record/event.h"

#include <sodium.h>

#include "base/writer.h"
#include "wire/dname.h"
#include "wire/dns.h"

const char *const event_gate_names[EVENT_GATES] = {"dns", "packet", "icap", "audit", "scan"};
static const char *const verdicts[EVENT_VERDICTS] = {"observe", "block"};
static const char *const transports[EVENT_TRANSPORTS] = {NULL,    "udp",  "tcp", "tls",
                                                         "https", "quic", "http"};

static bool is_zero(const uint8_t *bytes, size_t size)
{
	return sodium_is_zero(bytes, size) == 1;
}

static bool address_is_valid(uint8_t family, const uint8_t address[static 16])
{
	switch (family) {
	case EVENT_FAMILY_NONE: return is_zero(address, 16);
	case EVENT_FAMILY_IP4: return is_zero(address + 4, 12);
	case EVENT_FAMILY_IP6: return true;
	default: return false;
	}
}

static bool name_is_valid(const struct event_record *r)
{
	struct dname name;
	return is_zero(r->name + r->name_size, EVENT_NAME_SIZE - (size_t)r->name_size) &&
	       (r->name_size == 0 || dname_parse_wire(view_of(r->name, r->name_size), &name) == OK);
}

static bool sum_is_valid(int64_t sum)
{
	return sum >= 0 && sum <= EVENT_SUM_MAX;
}

bool event_record_is_valid(const struct event_record *record)
{
	return record->time_us >= 0 && record->time_us <= EVENT_TIME_MAX &&
	       record->gate < EVENT_GATES && record->verdict < EVENT_VERDICTS &&
	       record->transport < EVENT_TRANSPORTS && record->reference < UINT64_C(1) << 40 &&
	       record->is_more <= 1 && is_zero(record->zero, sizeof(record->zero)) &&
	       address_is_valid(record->family, record->address) &&
	       address_is_valid(record->destination_family, record->destination) &&
	       sum_is_valid(record->bytes_up) && sum_is_valid(record->bytes_down) &&
	       sum_is_valid(record->duration_us) && name_is_valid(record);
}

struct address event_address(uint8_t family, const uint8_t bytes[static 16])
{
	switch (family) {
	case EVENT_FAMILY_IP4: return address_from_bytes(bytes, 4);
	case EVENT_FAMILY_IP6: return address_from_bytes(bytes, 16);
	default: return (struct address){0};
	}
}

uint64_t event_reference(const struct event_record *record,
                         const uint8_t key[static EVENT_REFERENCE_KEY_SIZE])
{
	/* all that makes two events the same to the person who asks; no time, so a repeat has the same */
	uint8_t same[9 + sizeof(record->address) + EVENT_NAME_SIZE];
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t reference = 0;
	struct writer w = writer_open(same, sizeof(same));
	write_u32(&w, record->identifier);
	write_u32(&w, record->unit);
	write_u8(&w, record->family);
	write_bytes(&w, record->address, sizeof(record->address));
	write_bytes(&w, record->name, record->name_size);
	crypto_shorthash(hash, same, writer_size(&w), key);
	for (size_t i = 0; i < 5; i++)
		reference = reference << 8 | hash[i];
	return reference ? reference : 1;
}

const char *event_reference_print(uint64_t reference, char text[static EVENT_REFERENCE_SIZE])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	for (int i = EVENT_REFERENCE_SIZE - 2; i >= 0; i--) {
		text[i] = digits[reference & 31];
		reference >>= 5;
	}
	text[EVENT_REFERENCE_SIZE - 1] = '\0';
	return text;
}

static const char *resolve_name(const struct event_record *record, struct arena *arena)
{
	struct dname name;
	char text[DNAME_TEXT_SIZE];
	if (record->name_size == 0 ||
	    dname_parse_wire(view_of(record->name, record->name_size), &name) < 0)
		return NULL;
	return arena_text(arena, view_text(dname_print(&name, text)));
}

static const char *resolve_qtype(uint16_t qtype, struct arena *arena)
{
	char text[DNS_TYPE_TEXT_SIZE];
	return qtype ? arena_text(arena, view_text(dns_type_text(qtype, text))) : NULL;
}

static const char *resolve_destination(const struct event_record *record, struct arena *arena)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address to = event_address(record->destination_family, record->destination);
	return to.size ? arena_text(arena, view_text(address_print(&to, text))) : NULL;
}

static const char *resolve_reference(uint64_t reference, struct arena *arena)
{
	char text[EVENT_REFERENCE_SIZE];
	return reference ? arena_text(arena, view_text(event_reference_print(reference, text)))
	                 : NULL;
}

void event_resolve(const struct event_record *record, int64_t count, int64_t last_us,
                   const struct event_names *names, struct arena *arena, struct event *ret)
{
	struct event_texts texts = {0};
	names->resolve(names->context, record, arena, &texts);
	*ret = (struct event){
		.bytes_down = record->bytes_down,
		.bytes_up = record->bytes_up,
		.count = count,
		.country = texts.country,
		.destination = resolve_destination(record, arena),
		.duration_us = record->duration_us,
		.exemption = texts.exemption,
		.facet = texts.facet,
		.first_us = record->time_us,
		.gate = event_gate_names[record->gate],
		.identifier = texts.identifier,
		.last_us = last_us,
		.name = resolve_name(record, arena),
		.network = texts.network,
		.obligation = texts.obligation,
		.order = texts.order,
		.policy =
			arena_printf(arena, "%016llx", (unsigned long long)record->policy_version),
		.port = record->destination_port,
		.product = texts.product,
		.reason = texts.reason,
		.reference = resolve_reference(record->reference, arena),
		.subject = record->family ? names->subject(names->context, record, arena) : NULL,
		.transport = transports[record->transport],
		.type = resolve_qtype(record->qtype, arena),
		.unit = texts.unit,
		.verdict = verdicts[record->verdict],
	};
}
