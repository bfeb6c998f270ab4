#include "gate/dns/known.h"

#include "base/timestamp.h"
#include "gate/dns/inspect.h"
#include "wire/dns_ech.h"

static struct known *known_of(struct known_room *room)
{
	void *at = room->known;
	return at;
}

/* A failure, for as long as failures are kept. */
static void fail(struct known_room *room, const struct dns_options *o, uint16_t ede)
{
	*known_of(room) = (struct known){.ttl_s = (uint32_t)(o->cache.failure_ttl_us / SECOND_US),
	                                 .is_failure = true,
	                                 .is_clean = true,
	                                 .ede = ede};
}

static uint32_t clamp(uint32_t value, int64_t min_us, int64_t max_us)
{
	int64_t us = value * SECOND_US;
	us = us < min_us ? min_us : us;
	us = us > max_us ? max_us : us;
	return (uint32_t)(us / SECOND_US);
}

static uint32_t ttl_of(const struct dns_prepared *p, const struct dns_cache_options *o)
{
	if (p->ttl_min == 0)
		return 0;
	int64_t max_us = p->is_negative ? o->negative_ttl_max_us : o->ttl_max_us;
	return clamp(p->ttl_min, o->ttl_min_us, max_us);
}

/* Removes `ech` when policy says so for the name or for one in the answer. */
static struct view strip(struct known_room *room, const struct policy *policy,
                         const struct dns_question *question, struct view packet,
                         const struct inspected *inspected)
{
	if (!dns_message_has_ech(packet))
		return packet;
	if (!inspected->strips_ech && !policy_strips_ech(policy, &question->name))
		return packet;
	int size = dns_message_strip_ech(packet, room->stripped, sizeof(room->stripped));
	/* what cannot be stripped does not go out */
	return view_of(room->stripped, size > 0 ? (size_t)size : 0);
}

/* Names in the answer are compressed against its question, which the client's own takes the place of: were
 * they not equal, what was inspected would not be what is said. */
static bool is_asked(const struct dns_question *question, struct view packet)
{
	struct dns_question answered;
	return dns_question_parse(packet, &answered) >= 0 && answered.type == question->type &&
	       answered.class == question->class && dname_equal(&answered.name, &question->name);
}

bool known_learn(struct known_room *room, const struct dns_options *o, const struct policy *policy,
                 const struct dns_question *question, const struct upstream_answer *answer,
                 int64_t at_us)
{
	struct known *k = known_of(room);
	struct inspected inspected;
	if (answer->rcode != 0 || answer->is_bogus) {
		uint16_t usual =
			answer->is_bogus ? DNS_EDE_DNSSEC_BOGUS : DNS_EDE_NO_REACHABLE_AUTHORITY;
		fail(room, o, answer->ede ? answer->ede : usual);
		return false;
	}
	if (!is_asked(question, answer->packet)) {
		fail(room, o, DNS_EDE_INVALID_DATA);
		return false;
	}
	struct facts at_large = {.at_us = at_us, .place = NONE};
	inspect_answer(answer->packet, policy, &at_large, &inspected);
	struct view packet = strip(room, policy, question, answer->packet, &inspected);
	*k = (struct known){.is_clean = inspected.is_clean,
	                    .is_stripped = packet.bytes != answer->packet.bytes};
	size_t head = offsetof(struct known, answer);
	int r = dns_answer_prepare(packet, &k->answer, sizeof(room->known) - head);
	if (r < 0) {
		fail(room, o, DNS_EDE_INVALID_DATA);
		return false;
	}
	k->answer.is_authenticated = answer->is_secure && !k->is_stripped;
	k->answer.is_authoritative = answer->is_local;
	if (k->answer.rcode != DNS_RCODE_NOERROR && k->answer.rcode != DNS_RCODE_NXDOMAIN) {
		fail(room, o,
		     k->answer.has_ede ? k->answer.ede_code : DNS_EDE_NO_REACHABLE_AUTHORITY);
		return false;
	}
	k->ttl_s = ttl_of(&k->answer, &o->cache);
	if (answer->is_repeated)
		k->repeated_until_s = (uint32_t)(at_us / SECOND_US) + k->answer.ttl_min;
	return true;
}

size_t known_size(const struct known *k)
{
	return k->is_failure ? sizeof(*k) : offsetof(struct known, answer) + k->answer.size;
}

struct view known_message(const struct known *k)
{
	const struct dns_form *form = &k->answer.forms[0];
	return view_of((const uint8_t *)&k->answer + form->wire_at, form->wire_size);
}
