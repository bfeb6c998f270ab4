#include "flow/recogniser.h"

#include "flow/recogniser_internal.h"

static const struct recogniser {
	enum flow_protocol protocol;
	hear_function *hear;
	hear_part_function *hear_part; /* or NULL */
	uint32_t stages;               /* bits: in which it goes on */
} recognisers[] = {
	{FLOW_TLS, hear_tls, hear_tls_part, 1 << STAGE_START | 1 << STAGE_TLS},
	{FLOW_HTTP, hear_http, hear_http_part,
         1 << STAGE_START | 1 << STAGE_HTTP_HEAD | 1 << STAGE_HTTP_BODY | 1 << STAGE_HTTP_SCAN},
	{FLOW_HTTP2, hear_http2, NULL, 1 << STAGE_START},
	{FLOW_DNS, hear_dns, hear_dns_part, 1 << STAGE_START | 1 << STAGE_DNS},
	{FLOW_TLS, hear_starttls, NULL, 1 << STAGE_START | 1 << STAGE_STARTTLS},
};
enum { RECOGNISERS = sizeof(recognisers) / sizeof(recognisers[0]) };

static bool is_at(const struct recogniser *r, const struct conversation *at)
{
	return r->stages >> at->stage & 1;
}

static int hear_nobody(const struct conversation *at, struct view bytes, const struct ear *ear,
                       struct heard *ret)
{
	*ret = (struct heard){.protocol = FLOW_UNKNOWN, .end = bytes.size, .next = *at};
	ret->next.stage = STAGE_START;
	return ear_claim(ear, &(struct flow_claim){.protocol = FLOW_UNKNOWN, .message = bytes});
}

int recogniser_hear(const struct conversation *at, struct view bytes, const struct ear *ear,
                    struct heard *ret)
{
	struct heard heard, part = {.next = *at};
	bool is_part = false;
	for (unsigned i = 0; i < RECOGNISERS; i++) {
		if (!is_at(&recognisers[i], at))
			continue;
		int r = recognisers[i].hear(at, bytes, ear, &heard);
		if (r == ERR_MISSING)
			continue;
		if (r != ERR_TRUNCATED) {
			if (r == OK)
				*ret = heard;
			return r;
		}
		if (!is_part)
			part = heard;
		is_part = true;
	}
	if (!is_part)
		return hear_nobody(at, bytes, ear, ret);
	*ret = part;
	return ERR_TRUNCATED;
}

int recogniser_hear_part(const struct conversation *at, struct view bytes, const struct ear *ear)
{
	bool is_known = false;
	for (unsigned i = 0; i < RECOGNISERS; i++) {
		if (!is_at(&recognisers[i], at) || !recognisers[i].hear_part)
			continue;
		int r = recognisers[i].hear_part(at, bytes, ear);
		if (r != OK && r != ERR_MISSING)
			return r;
		is_known |= r == OK;
	}
	if (is_known)
		return OK;
	return ear_claim(ear, &(struct flow_claim){.protocol = FLOW_UNKNOWN, .message = bytes});
}

static bool is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

bool recogniser_may_begin(struct view bytes)
{
	enum { METHOD_MAX = 24 };
	static const uint8_t tls_handshake[] = {22, 3};
	if (view_starts_with(bytes, view_of(tls_handshake, sizeof(tls_handshake))))
		return true;
	size_t at = 0;
	while (at < bytes.size && at < METHOD_MAX &&
	       (is_upper(bytes.bytes[at]) || bytes.bytes[at] == '-' || bytes.bytes[at] == '_'))
		at++;
	return at >= 3 && at < bytes.size && bytes.bytes[at] == ' ';
}
