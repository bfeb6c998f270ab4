/* dns_edns.h - the OPT record: reading the client's, writing ours.
 *
 * Owns:    nothing: views of a struct dns_edns point into the message.
 * Fails:   ERR_MALFORMED when an option runs over the end of the record, or a cookie has a size
 *          that RFC 7873 s5.2.2 answers with FORMERR.
 * Source:  RFC 6891 s6, RFC 7873 (cookies), RFC 5001 (identifier of the server), RFC 7828 (keepalive), RFC 7830 and 8467 (padding),
 *          RFC 8914 (extended errors). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "base/writer.h"

/* What an OPT record says. All zero when the message has none. */
struct dns_edns {
	bool is_present;
	uint8_t version;
	uint8_t rcode_high; /* upper eight bits of the response code */
	bool wants_dnssec;  /* DO */
	bool has_keepalive, has_padding, has_nsid;
	bool has_ede; /* an EDE with a code: `ede_code` and `ede_text` are of the first one */
	uint16_t ede_code;
	uint16_t udp_size; /* as sent: may be below 512 */
	struct view ede_text;
	struct view cookie;  /* 8 bytes of the client's, or 16 to 40 with the server's; or empty */
	struct view options; /* all of them, unread when `version` is not 0 */
};

/* Reads the three parts of an OPT record that matter. Options of another version stay unread. */
int dns_edns_parse(uint16_t class_field, uint32_t ttl_field, struct view rdata,
                   struct dns_edns *ret) must_check;

/* Takes the next option off the front. 1, 0 at the end, ERR_MALFORMED. */
int dns_option_next(struct view *options, uint16_t *ret_code, struct view *ret_value) must_check;

/* What an OPT record of ours shall say. */
struct dns_opt {
	uint16_t udp_size; /* what this server takes */
	bool dnssec;       /* DO, copied from the query */
	bool has_keepalive;
	uint16_t keepalive_100ms; /* idle timeout in units of 100 ms; TCP and TLS only */
	bool has_ede;
	uint16_t ede_code;
	struct view ede_text;   /* UTF-8; cut at a character's boundary when it does not fit */
	struct view cookie;     /* the client's 8 bytes and the server's; empty: no option */
	struct view nsid;       /* which server this is; empty: no option */
	uint16_t padding_block; /* message is padded to a multiple of it; 0: no padding */
};

/* Bytes that dns_opt_write needs at least: the record without text and padding. */
size_t dns_opt_size_min(const struct dns_opt *opt);
/* Appends the record to a message that starts at w->begin; text and padding take what is left up to
 * w->end. Fails the writer when not even dns_opt_size_min() bytes are left. The caller counts it. */
void dns_opt_write(struct writer *w, const struct dns_opt *opt, uint16_t rcode);
