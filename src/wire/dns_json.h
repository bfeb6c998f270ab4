/* dns_json.h - a message as JSON, for people and programs that look at one.
 *
 *	"rcode": "NOERROR", "flags": ["rd","ra"], "size": 120, "ede": {"code":15,"name":"Blocked","text":"..."},
 *	"records": [{"section":"answer","name":"a.example","type":"A","ttl":60,"data":"192.0.2.7"}]
 *
 * What:    data of the common types as a zone file has it; of all others as RFC 3597 s5 writes what is
 *          unknown, "\# 4 c0000207". Not for the packet path.
 * Source:  RFC 1035 s4.1, RFC 3597 s5, RFC 8914. */
#pragma once

#include "base/json_writer.h"

/* Members of an object that the caller has begun. A message that does not parse is shown as far as it
 * does, and then has "malformed":true. */
void dns_message_json(struct view message, struct json_writer *j);
