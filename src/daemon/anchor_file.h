/* anchor_file.h - whether a file of trust anchors has one of a zone.
 *
 * Why:     libunbound takes any file of keys. One without the zone's own, as after a slip in its name, would mean that
 *          nothing in the zone is checked, and nobody would hear of it.
 * What:    a line whose first word is the zone's name and that has the word DS or DNSKEY. Whether the rest is a key is
 *          for libunbound to say at the start. */
#pragma once

#include "base/err.h"

/* `zone` is a domain name. ERR_MISSING when there is no such line; ERR_LIMIT over 1 MiB; -errno. */
int anchor_file_check(const char *path, const char *zone) must_check;
