#include "flow/hear_tls.h"

#include "flow/recogniser_internal.h"
#include "wire/ja4.h"
#include "wire/tls_hello.h"
#include "wire/tls_record.h"

static int claim_hello(enum flow_protocol protocol, const struct tls_hello *hello,
                       struct view message, const struct ear *ear)
{
	struct flow_claim claim = {
		.protocol = protocol, .has_ech = hello->has_ech, .message = message};
	struct view alpn = hello->alpn;
	if (!tls_alpn_next(&alpn, &claim.alpn))
		claim.alpn = (struct view){0};
	return ear_claim_names(ear, &claim, hello->names, hello->names_count,
	                       hello->has_more_names);
}

bool flow_claim_ja4(const struct flow_claim *claim, char ret[static FLOW_JA4_SIZE])
{
	struct tls_hello hello;
	if (claim->protocol != FLOW_TLS && claim->protocol != FLOW_QUIC)
		return false;
	return tls_hello_parse(claim->message, &hello) == OK && hello.ciphers.size &&
	       ja4_write(&hello, claim->protocol == FLOW_QUIC ? JA4_QUIC : JA4_TCP, ret) == OK;
}

int hear_tls_hello(enum flow_protocol protocol, struct view body, const struct ear *ear)
{
	struct tls_hello hello;
	if (tls_hello_parse(body, &hello) != OK)
		hello = (struct tls_hello){0};
	return claim_hello(protocol, &hello, body, ear);
}

int hear_tls_hello_part(enum flow_protocol protocol, struct view body, const struct ear *ear)
{
	struct tls_hello hello;
	if (tls_hello_parse_part(body, &hello) != OK)
		hello = (struct tls_hello){0};
	return claim_hello(protocol, &hello, body, ear);
}

static int claim_nobody(const struct ear *ear)
{
	return ear_claim(ear, &(struct flow_claim){.protocol = FLOW_TLS});
}

/* A HelloRetryRequest repeats the session's id, which may so come to stand at the beginning of a segment. */
static bool has_echo(struct view body)
{
	enum { ID_AT = 34, RECORD = 22, VERSION = 3 };
	if (body.size <= ID_AT)
		return true;
	struct view id = view_skip(body, ID_AT + 1);
	if (body.bytes[ID_AT] > id.size)
		return true;
	for (size_t i = 0; i < body.bytes[ID_AT]; i++)
		if (id.bytes[i] == RECORD &&
		    (i + 1 == body.bytes[ID_AT] || id.bytes[i + 1] == VERSION))
			return true;
	return false;
}

int hear_tls(const struct conversation *at, struct view bytes, const struct ear *ear,
             struct heard *ret)
{
	struct tls_records records;
	struct tls_message message;
	unsigned hellos = 0;
	int code;
	tls_records_open(bytes, ear->room, ear->room_size, &records);
	*ret = (struct heard){.protocol = FLOW_TLS, .needs_answer = true, .next = *at};
	ret->next.stage = STAGE_TLS;
	while ((code = tls_records_next(&records, &message)) == OK) {
		if (message.type != TLS_CLIENT_HELLO)
			continue;
		hellos++;
		ret->end = records.at;
		ret->has_echo |= has_echo(message.body);
		int r = hear_tls_hello(FLOW_TLS, message.body, ear);
		if (r != OK)
			return r;
	}
	/* what does not go on as TLS may be a DNS message whose length looked like it */
	if ((code == ERR_MISSING || (code == ERR_MALFORMED && !hellos)) && at->stage != STAGE_TLS)
		return ERR_MISSING;
	if (hellos > at->hellos)
		return OK;
	if (code == ERR_TRUNCATED || code == ERR_LIMIT)
		return ERR_TRUNCATED;
	/* an SSL 2 hello, or what is no handshake any more: nothing that comes will name anybody */
	ret->end = bytes.size;
	return claim_nobody(ear);
}

int hear_tls_part(const struct conversation *at, struct view bytes, const struct ear *ear)
{
	struct tls_records records;
	struct tls_message message;
	int code;
	(void)at;
	tls_records_open(bytes, ear->room, ear->room_size, &records);
	do /* those in whole were claimed when they came */
		code = tls_records_next(&records, &message);
	while (code == OK);
	if (code == ERR_MISSING)
		return ERR_MISSING;
	return hear_tls_hello_part(FLOW_TLS, view_skip(records.part, TLS_MESSAGE_HEADER_SIZE), ear);
}
