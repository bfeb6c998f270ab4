#include "daemon/control_request.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "gate/dns/top.h"
#include "gate/dns/transport.h"
#include "wire/dns.h"

enum { NUMBER_DIGITS_MAX = 9 };

static const char *transport_name(size_t index)
{
	return index < DNS_TRANSPORTS ? dns_transports[index].name : NULL;
}

static const char *top_name(size_t index)
{
	return index < TOP_WHATS ? top_kind_names[index] : NULL;
}

#define AT(member) .offset = offsetof(struct control_request, member)
const struct control_argument_row control_arguments[CONTROL_ARGUMENTS] = {
	[CONTROL_LIST] = {"list", CONTROL_KIND_ID, AT(list), .expected = "the id of a list"},
	[CONTROL_NAME] = {"name", CONTROL_KIND_NAME, AT(name), .expected = "a domain name"},
	[CONTROL_BELOW] = {"below", CONTROL_KIND_NAME, AT(below), .expected = "a domain name"},
	[CONTROL_ALL] = {"all", CONTROL_KIND_FLAG, AT(all), .expected = "true or false"},
	[CONTROL_TYPE] = {"type", CONTROL_KIND_TYPE, AT(type),
                          .expected = "a record type, as AAAA or TYPE65"},
	[CONTROL_FROM] = {"from", CONTROL_KIND_ADDRESS, AT(from),
                          .expected = "an IPv4 or IPv6 address"},
	[CONTROL_TRANSPORT] = {"transport", CONTROL_KIND_CHOICE, AT(transport),
                               .expected = "one of:", .choice = transport_name},
	[CONTROL_RESOLVE] = {"resolve", CONTROL_KIND_FLAG, AT(resolve),
                             .expected = "true or false"},
	[CONTROL_WHAT] = {"what", CONTROL_KIND_CHOICE, AT(what),
                          .expected = "one of:", .choice = top_name},
	[CONTROL_LIMIT] = {"limit", CONTROL_KIND_NUMBER, AT(limit),
                           .expected = "a number from 1 to 100000", .min = 1, .max = 100000},
	[CONTROL_SECONDS] = {"seconds", CONTROL_KIND_NUMBER, AT(seconds),
                             .expected = "a number from 1 to 600", .min = 1,
                             .max = TOP_SECONDS_MAX},
	[CONTROL_FILE] = {"file", CONTROL_KIND_ID, AT(file),
                          .expected = "the id of a file of entries"},
};
#undef AT

const struct control_verb_row control_verbs[CONTROL_VERBS] = {
	[CONTROL_STATUS] = {"status"},
	[CONTROL_RELOAD] = {"reload"},
	[CONTROL_STOP] = {"stop"},
	[CONTROL_CHECKPOINT] = {"checkpoint"},
	[CONTROL_LISTS_REFRESH] = {"lists-refresh", .optional = CONTROL_BIT(LIST)},
	[CONTROL_LISTS_ACCEPT] = {"lists-accept", .required = CONTROL_BIT(LIST)},
	[CONTROL_METRICS] = {"metrics"},
	[CONTROL_DNS_CACHE] = {"dns-cache", CONTROL_BY_DNS,
                               .optional = CONTROL_BIT(NAME) | CONTROL_BIT(LIMIT)},
	[CONTROL_DNS_FLUSH] = {"dns-flush", CONTROL_BY_DNS, .optional = CONTROL_BIT(TYPE),
                               .one_of = CONTROL_BIT(NAME) | CONTROL_BIT(BELOW) | CONTROL_BIT(ALL)},
	[CONTROL_DNS_QUERY] = {"dns-query", CONTROL_BY_DNS, .required = CONTROL_BIT(NAME),
                               .optional = CONTROL_BIT(TYPE) | CONTROL_BIT(FROM) |
                                           CONTROL_BIT(TRANSPORT) | CONTROL_BIT(RESOLVE)},
	[CONTROL_DNS_TOP_BEGIN] = {"dns-top-begin", CONTROL_BY_DNS,
                                   .required = CONTROL_BIT(SECONDS)},
	[CONTROL_DNS_TOP] = {"dns-top", CONTROL_BY_DNS, .required = CONTROL_BIT(WHAT),
                             .optional = CONTROL_BIT(LIMIT)},
	[CONTROL_PACKET_STATUS] = {"packet-status"},
	[CONTROL_PACKET_FLOWS] = {"packet-flows", CONTROL_BY_PACKET,
                                  .optional = CONTROL_BIT(FROM) | CONTROL_BIT(LIMIT)},
	[CONTROL_PACKET_RULES] = {"packet-rules"},
	[CONTROL_SUBMIT] = {"submit", CONTROL_BY_RECORD, .required = CONTROL_BIT(FILE)},
};

static int choose(const struct control_argument_row *row, struct view text, int64_t *ret)
{
	for (size_t i = 0; row->choice(i); i++) {
		if (view_is(text, row->choice(i))) {
			*ret = (int64_t)i;
			return OK;
		}
	}
	return ERR_MALFORMED;
}

static int read_id(struct view text, char ret[static CONTROL_ID_SIZE])
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.bytes[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return ERR_MALFORMED;
	}
	if (text.size == 0 || text.size >= CONTROL_ID_SIZE)
		return ERR_MALFORMED;
	memcpy(ret, text.bytes, text.size);
	ret[text.size] = '\0';
	return OK;
}

static void *value_of(struct control_request *r, enum control_argument argument)
{
	return (char *)r + control_arguments[argument].offset;
}

int control_request_set_number(struct control_request *r, enum control_argument argument,
                               int64_t number)
{
	const struct control_argument_row *row = &control_arguments[argument];
	int64_t *at = value_of(r, argument);
	if (number < row->min || number > row->max)
		return ERR_LIMIT;
	*at = number;
	r->given |= 1U << argument;
	return OK;
}

/* A flag that is not set is as one that is not there. */
void control_request_set_flag(struct control_request *r, enum control_argument argument, bool flag)
{
	bool *at = value_of(r, argument);
	*at = flag;
	if (flag)
		r->given |= 1U << argument;
}

int control_request_set_text(struct control_request *r, enum control_argument argument,
                             struct view text)
{
	const struct control_argument_row *row = &control_arguments[argument];
	void *at = value_of(r, argument);
	uint64_t number;
	int code = ERR_MALFORMED;
	switch (row->kind) {
	case CONTROL_KIND_ID: code = read_id(text, at); break;
	case CONTROL_KIND_NAME: code = dname_parse_text(text, at); break;
	case CONTROL_KIND_TYPE: code = dns_type_parse(text, at); break;
	case CONTROL_KIND_ADDRESS: code = address_parse(text, at); break;
	case CONTROL_KIND_CHOICE: code = choose(row, text, at); break;
	case CONTROL_KIND_NUMBER:
		code = decimal_parse(text, NUMBER_DIGITS_MAX, &number);
		return code < 0 ? code : control_request_set_number(r, argument, (int64_t)number);
	case CONTROL_KIND_FLAG: break;
	}
	if (code == OK)
		r->given |= 1U << argument;
	return code;
}

const char *control_argument_expected(enum control_argument argument,
                                      char text[static CONTROL_PROBLEM_SIZE / 2])
{
	enum { SIZE = CONTROL_PROBLEM_SIZE / 2 };
	const struct control_argument_row *row = &control_arguments[argument];
	(void)snprintf(text, SIZE, "%s", row->expected);
	for (size_t i = 0; row->choice && row->choice(i); i++) {
		size_t used = strlen(text);
		(void)snprintf(text + used, SIZE - used, "%s %s", i ? "," : "", row->choice(i));
	}
	return text;
}

static void write_value(const struct control_request *r, const struct control_argument_row *row,
                        struct json_writer *j)
{
	char text[DNAME_TEXT_SIZE];
	const void *at = (const char *)r + row->offset;
	switch (row->kind) {
	case CONTROL_KIND_ID: json_text(j, row->name, at); return;
	case CONTROL_KIND_NAME: json_text(j, row->name, dname_print(at, text)); return;
	case CONTROL_KIND_TYPE:
		json_text(j, row->name, dns_type_text(*(const uint16_t *)at, text));
		return;
	case CONTROL_KIND_ADDRESS: json_text(j, row->name, address_print(at, text)); return;
	case CONTROL_KIND_CHOICE:
		json_text(j, row->name, row->choice((size_t) * (const int64_t *)at));
		return;
	case CONTROL_KIND_NUMBER: json_int(j, row->name, *(const int64_t *)at); return;
	case CONTROL_KIND_FLAG: json_bool(j, row->name, *(const bool *)at); return;
	}
}

void control_request_write(const struct control_request *r, struct buffer *out)
{
	struct json_writer j = {.out = out};
	json_object_begin(&j, NULL);
	json_text(&j, "verb", control_verbs[r->verb].name);
	for (int i = 0; i < CONTROL_ARGUMENTS; i++) {
		if (control_has(r, (enum control_argument)i))
			write_value(r, &control_arguments[i], &j);
	}
	json_object_end(&j);
}

void control_answer_begin(struct json_writer *j, int status)
{
	json_object_begin(j, NULL);
	json_bool(j, "ok", status == 0);
	json_int(j, "status", status);
}
