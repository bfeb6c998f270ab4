#include "policy/said.h"

/* A host may be written as an address, in HTTP between brackets. */
struct address said_address(struct view said)
{
	struct address address = {0};
	if (said.size > 2 && said.bytes[0] == '[' && said.bytes[said.size - 1] == ']')
		said = view_of(said.bytes + 1, said.size - 2);
	if (address_parse(said, &address) < 0)
		return (struct address){0};
	return address;
}

bool said_name(struct view said, struct dname *ret)
{
	return said.size && said_address(said).size == 0 && dname_parse_text(said, ret) == OK;
}

void said_decide(const struct policy *policy, struct view said, const struct facts *facts,
                 struct verdict *ret)
{
	struct address literal = said_address(said);
	policy_decide(policy, facts, ret);
	if (literal.size == 0 || address_equal(&literal, &facts->destination))
		return;
	struct verdict other;
	struct facts instead = *facts;
	instead.destination = literal;
	policy_decide(policy, &instead, &other);
	if (other.action > ret->action || ret->identifier == NONE)
		*ret = other;
}
