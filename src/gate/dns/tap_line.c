#include "gate/dns/tap_line.h"

#include "base/json_writer.h"
#include "wire/dns_message.h"

/* The upper bits of a response code are in the OPT record. */
static int rcode_of(struct view answer)
{
	struct dns_walk walk;
	struct dns_record record;
	if (dns_walk_open(answer, &walk) < 0)
		return -1;
	int rcode = walk.header.flags & DNS_FLAGS_RCODE;
	while (dns_walk_next(&walk, &record) == 1) {
		if (record.type == DNS_TYPE_OPT)
			rcode |= (int)(record.ttl >> 24) << 4;
	}
	return rcode;
}

static void print_question(struct json_writer *j, const struct tap_record *r)
{
	struct dname name;
	char text[DNAME_TEXT_SIZE], type[DNS_TYPE_TEXT_SIZE];
	if (dname_parse_wire(r->parts[TAP_NAME], &name) < 0)
		return;
	json_text(j, "name", dname_print(&name, text));
	json_text(j, "type", dns_type_text(r->type, type));
}

static void print_rcode(struct json_writer *j, const struct tap_record *r)
{
	int rcode = rcode_of(r->parts[TAP_ANSWER]);
	const char *text = rcode >= 0 ? dns_rcode_text((uint16_t)rcode) : NULL;
	if (text)
		json_text(j, "rcode", text);
	else if (rcode >= 0)
		json_int(j, "rcode", rcode);
}

static void print_part(struct json_writer *j, const char *key, const struct tap_record *r,
                       enum tap_part part)
{
	if (r->parts[part].size)
		json_view(j, key, r->parts[part]);
}

static void print_verdict(struct json_writer *j, const struct tap_record *r, bool has_reference)
{
	char reference[EVENT_REFERENCE_SIZE];
	if (!r->is_served)
		return;
	json_text(j, "verdict", verdict_action_names[r->action]);
	if (r->action == VERDICT_ALLOW)
		return;
	json_text(j, "reason", reason_name(r->reason));
	print_part(j, "order", r, TAP_ORDER);
	json_int(j, "obligation", r->obligation);
	print_part(j, "product", r, TAP_PRODUCT);
	print_part(j, "identifier", r, TAP_IDENTIFIER);
	if (r->reference && has_reference)
		json_text(j, "reference", event_reference_print(r->reference, reference));
}

void tap_line_print(const struct tap_record *r, enum tap_clients clients,
                    struct tap_client_key *key, struct buffer *out)
{
	char text[TAP_CLIENT_TEXT_SIZE];
	struct json_writer j = {.out = out};
	const char *client = tap_client_print(&r->client, clients, r->asked_at_us, key, text);
	json_object_begin(&j, NULL);
	json_time(&j, "time", r->asked_at_us);
	if (client)
		json_text(&j, "client", client);
	print_part(&j, "unit", r, TAP_UNIT);
	json_text(&j, "transport", dns_transports[r->transport].name);
	print_question(&j, r);
	print_rcode(&j, r);
	print_verdict(&j, r, clients != TAP_CLIENTS_NONE);
	json_text(&j, "source", tap_source_names[r->source]);
	json_int(&j, "duration_us", r->took_us);
	json_object_end(&j);
	buffer_add_text(out, "\n");
}

void tap_line_print_dropped(int64_t at_us, uint64_t count, struct buffer *out)
{
	struct json_writer j = {.out = out};
	json_object_begin(&j, NULL);
	json_time(&j, "time", at_us);
	json_int(&j, "dropped", (int64_t)count);
	json_object_end(&j);
	buffer_add_text(out, "\n");
}
