/* capture.h - packets of a capture: what their flows ask for is judged as the packet gate does, and what is found is
 * said.
 *
 * What:    capture_take() is given packets in their order. They are unwrapped (wire/link.h, wire/tunnel.h), put together
 *          where they are fragments, and shown to the flow table until their flow is judged; from then on a packet
 *          costs one look-up (flow/judged.h). Both directions need not be there, nor the beginning of a flow, nor all
 *          of each packet. Of flows that carry what is looked for, bytes and times are counted to the end.
 *          Packets are looked at some at a time, so that memory is waited for only once: capture_flush() before
 *          their bytes go away.
 * Owns:    all is allocated by capture_new().
 * Limits:  capture_limits: how many flows are remembered, judged at a time, and have their bytes counted at a time; of
 *          those beyond, bytes are not counted.
 * Threads: one a struct. */
#pragma once

#include "audit/reader.h"
#include "base/cleanup.h"
#include "wire/capture_packet.h"

/* Flows are powers of two. */
struct capture_limits {
	uint32_t judged, open, found;
	uint32_t held_bytes, fragment_bytes;
};
/* As they are where the context names none. */
extern const struct capture_limits capture_limits;

struct capture;

int capture_new(const struct audit_context *context, struct capture **ret) must_check;
void capture_free(struct capture *c);
DEFINE_CLEANUP(capture, struct capture *, capture_free);

/* Instead of policy: for tests that compare what is named. Before the first packet. */
struct flow_key;
struct flow_claim;
typedef void capture_listener(void *context, const struct flow_key *key,
                              const struct flow_claim *claim, uint64_t packet);
void capture_listen(struct capture *c, capture_listener *listener, void *context);

/* `p->bytes` live until capture_flush(), or until CAPTURE_BATCH more packets were taken. */
void capture_take(struct capture *c, const struct capture_packet *p);
/* What findings_add() said, where it failed. */
int capture_flush(struct capture *c) must_check;
/* No packet follows. */
int capture_finish(struct capture *c) must_check;
