/* dnstap_judge.h - what one message of dnstap proves: that somebody asked for a name.
 *
 * What:    a query and its response are one act: once a source has shown queries of a kind, responses of that kind say
 *          only where an alias led to. What a resolver asks others, it asks for its clients: it counts, without a client,
 *          as long as the source has shown nothing of clients themselves. Updates of zones ask for nothing.
 * Fails:   ERR_MALFORMED: its DNS message has no question that can be read. */
#pragma once

#include "audit/reader.h"
#include "wire/dnstap.h"

/* What was met so far in a source. */
struct dnstap_seen {
	bool has_clients;
	bool has_queries[2]; /* of clients; of others */
};

int dnstap_judge(const struct audit_context *context, const struct dnstap *tap,
                 struct dnstap_seen *seen) must_check;
