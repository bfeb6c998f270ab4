/* resolver.h - asks for what the cache does not have: libunbound, recursing or forwarding.
 *
 * What:    questions go out and answers come back in the thread that runs the loop, as whole packets with
 *          all DNSSEC records. DNSSEC is validated when there is a trust anchor.
 * Owns:    one libunbound context, which is all that libunbound keeps: names, delegations, keys, how servers were.
 *          resolver_free() ends what is under way without answers; the loop must run once more afterwards.
 * Limits:  tokens are below `tokens_max`, one question a token at a time.
 * Threads: made by one thread at a time (libunbound's start is not safe in several), used by one. */
#pragma once

#include <stdint.h>
#include <uv.h>

#include "base/endpoint.h"
#include "gate/dns/known.h"
#include "gate/dns/options.h"
#include "wire/dname.h"

struct resolver;

typedef void resolver_fn(void *context, uint32_t token, const struct upstream_answer *answer);

struct resolver_setup {
	uv_loop_t *loop;
	const struct dns_options *options;
	uint32_t tokens_max;
	const struct endpoint *relay; /* who is asked about what is forwarded; or NULL */
	resolver_fn *answered;
	void *context;
};

/* -ENOMEM, -errno; ERR_MISSING, ERR_VERSION: as libunbound_open(); ERR_INVALID when libunbound does not accept an option (a missing file). */
int resolver_new(const struct resolver_setup *setup, struct resolver **ret) must_check;
void resolver_free(struct resolver *r);

/* Whether it is one of its own connections. */
bool resolver_has_connection(const struct resolver *r, const struct endpoint *from,
                             const struct endpoint *to);

/* The answer may come before this returns. ERR_INVALID when libunbound refuses: then none comes. */
int resolver_ask(struct resolver *r, const struct dname *name, uint16_t type,
                 uint32_t token) must_check;

/* Forgets all that libunbound keeps. It has no way to forget one name, with what led to it: a context of its own
 * begins anew, which takes the longer the more the old one keeps. As resolver_new(); then nothing is forgotten. Not from within an answer,
 * and by one thread of the process at a time.
 * What is under way is asked again by resolver_resume(), from place 0 on and a few at a time: call it until it says
 * that there is no more. So no answer comes that was asked for before. */
int resolver_forget(struct resolver *r) must_check;
bool resolver_resume(struct resolver *r, uint32_t *place) must_check;
