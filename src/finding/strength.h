/* strength.h - what a finding proves by itself.
 *
 * A dedicated identifier is met only by use. A shared one serves others, too; and a shared address alone, as of a
 * hosting or delivery network, proves nothing: thousands of names live behind it. What is
 * indirect alone, as the names of a server's certificate, is possible use at most. */
#pragma once

#include "finding/findings.h"

enum finding_strength { FINDING_NOTHING, FINDING_POSSIBLE, FINDING_USE, FINDING_STRENGTHS };
extern const char *const finding_strength_names[]; /* "nothing" "possible" "use" */

enum finding_strength finding_strength_of(const struct policy *p, const struct finding *f);
/* Of one by that identifier, met directly. */
enum finding_strength finding_strength_by(const struct policy *p, uint32_t identifier);
