/* hear_tls.h - the claims of one ClientHello, whatever it came in. */
#pragma once

#include "flow/recogniser.h"

/* `body` is that of the handshake message. OK, ERR_DENIED or ERR_LIMIT. A hello that no server can read names nobody. */
int hear_tls_hello(enum flow_protocol protocol, struct view body, const struct ear *ear) must_check;
/* The same for as much of a body as there is. */
int hear_tls_hello_part(enum flow_protocol protocol, struct view body,
                        const struct ear *ear) must_check;
