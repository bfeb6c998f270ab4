/* hear_tls.h - the claims of one ClientHello, whatever it came in. */
#pragma once

#include "flow/recogniser.h"

/* `body` is that of the handshake message. OK or ERR_DENIED. A hello that no server can read names nobody. */
int hear_tls_hello(enum flow_protocol protocol, struct view body, const struct ear *ear) must_check;
