/* structured_error.h - why a query is blocked, for programs: the JSON in an extended DNS error.
 *
 * What:    members `c` (URIs to write or call to; a mail's subject is the reference), `j` (the justification),
 *          `s` (sub-error), `o` (the organisation) and `l` (the language of both). When not all of it fits, `j`,
 *          `o` and with them `l` are left out, then everything. A client asks for it by an EDNS option that has no
 *          number yet; any other client gets plain text. Pure.
 * Limits:  STRUCTURED_ERROR_SIZE bytes, STRUCTURED_CONTACTS_MAX contacts.
 * Source:  draft-ietf-dnsop-structured-dns-error-22 s4 and s5, with its editors' change of 2026-06-23 (mailto and
 *          tel are the only schemes of contacts); RFC 7493 (I-JSON), RFC 8914. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "wire/dns_edns.h"

enum { STRUCTURED_ERROR_SIZE = 1400, STRUCTURED_CONTACTS_MAX = 4 };

/* Whether the client has sent the option of that number (0: there is none). */
bool structured_error_is_wanted(const struct dns_edns *edns, uint16_t option);
/* Whether the draft has structured texts for that extended error. */
bool structured_error_exists(uint16_t ede);

struct structured_error {
	uint16_t ede;
	struct view contact; /* as the organisation wrote it: see contact.h */
	struct view justification, organisation, language;
	struct view reference; /* or empty */
};

/* Writes as much as fits in `size_max` bytes; empty when nothing of use does. */
struct view structured_error_write(const struct structured_error *e, size_t size_max,
                                   uint8_t room[static STRUCTURED_ERROR_SIZE]);
