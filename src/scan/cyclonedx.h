/* cyclonedx.h - findings as a CycloneDX 1.6 bill of materials.
 *
 * What:    one component for what is the same thing in several places, each place an occurrence: models as
 *          machine-learning-model, packages with their package URL, applications; configuration that points at the
 *          product as data. Product, facets and verdict are properties. Subjects are not in it.
 * Fails:   as buffer.h; -ENOMEM.
 * Limits:  CYCLONEDX_OCCURRENCES_MAX places a component, the rest is a property with their count.
 * Source:  CycloneDX 1.6 (ECMA-424), bom-1.6.schema.json. */
#pragma once

#include "base/buffer.h"
#include "base/err.h"
#include "finding/findings.h"

enum { CYCLONEDX_OCCURRENCES_MAX = 1000 };

struct cyclonedx {
	const struct findings *findings;
	int64_t at_us;
	uint8_t serial[16];  /* random: the bill's own number */
	const char *version; /* of the program */
	const char *scanned; /* "/", the image, the collection */
	bool is_complete;    /* all was looked at */
};

int cyclonedx_write(const struct cyclonedx *c, struct buffer *out) must_check;
