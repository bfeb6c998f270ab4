/* signing_key.h - the private key that signs the evidence log, as a file.
 *
 * Made at the first start with mode 0600; its public half is written beside it as PATH.pub, so that an
 * auditor can be given it. An existing file is never replaced.
 * Fails:   -errno; ERR_MALFORMED for a file that is no key. */
#pragma once

#include <stdbool.h>

#include "record/note.h"

/* `name` is that of a new key. *ret_made says whether it is new. */
int signing_key_open(const char *path, const char *name, struct note_signer *ret,
                     bool *ret_made) must_check;
