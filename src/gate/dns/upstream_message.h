/* upstream_message.h - a question to an upstream server, and what an answer is worth.
 *
 * What:    pure functions. The question's letters are in random case when the server keeps it: an answer
 *          must repeat them bit by bit. DO is set, so that the cache has what any client may ask for.
 *          No client subnet is ever sent: nothing of the client is in the question.
 * Source:  RFC 5452 s9 (what must match), draft-vixie-dnsext-dns0x20, RFC 6891, RFC 8467 s4.1 (padding),
 *          RFC 9715 (1232 bytes). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "wire/dname.h"
#include "wire/dns.h"

enum {
	UPSTREAM_CASE_SIZE = 32,       /* a random bit for each byte of a name */
	UPSTREAM_QUERY_SIZE_MAX = 512, /* with padding */
	UPSTREAM_UDP_SIZE = 1232,
	UPSTREAM_PADDING_BLOCK = 128,
};

/* As it stands in the query, and must stand in the answer. */
struct upstream_question {
	uint16_t size;
	uint8_t bytes[DNS_QUESTION_SIZE_MAX];
};

/* `random` of NULL: the name in lower case. */
void upstream_question_write(struct upstream_question *q, const struct dname *name, uint16_t type,
                             const uint8_t random[UPSTREAM_CASE_SIZE]);

struct upstream_form {
	bool has_edns;
	bool is_padded;    /* where nobody can read it, nobody shall guess it by its length */
	bool is_unchecked; /* CD */
};

/* Returns the size. */
size_t upstream_query_write(const struct upstream_question *q, uint16_t id,
                            const struct upstream_form *form,
                            uint8_t room[static UPSTREAM_QUERY_SIZE_MAX]);

enum upstream_verdict {
	UPSTREAM_STRANGE,    /* no answer to this question */
	UPSTREAM_OTHER_CASE, /* it is, but for the case of letters */
	UPSTREAM_TRUNCATED,  /* ask again over TCP */
	UPSTREAM_NO_EDNS,    /* ask again without EDNS */
	UPSTREAM_FAILED,     /* the server cannot or will not say it; another one might */
	UPSTREAM_ANSWERED,
};

/* The packet's id has been looked up already. */
enum upstream_verdict upstream_judge(struct view packet, const struct upstream_question *q,
                                     bool had_edns);
