/* said.h - what policy says of a client that says whom it wants: for the packet gate and for captures.
 *
 * Whatever the client says, it talks to that address: a listed one counts beside any name, and so does an address that
 * it says in place of a name. Pure. */
#pragma once

#include "policy/policy.h"

/* False: it is an address, or no name. */
bool said_name(struct view said, struct dname *ret);
/* The address that is said in place of a name; or none. */
struct address said_address(struct view said);
/* `facts` has all that is known, the name too. An address in `said` is judged beside them: the stricter counts. */
void said_decide(const struct policy *policy, struct view said, const struct facts *facts,
                 struct verdict *ret);
