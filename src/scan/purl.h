/* purl.h - package URLs: pkg:npm/%40scope/name@1.0?arch=x#path
 *
 * What:    a pure function. Escapes are undone; qualifiers and the path below are left out.
 * Owns:    the texts lie in `ret`.
 * Fails:   ERR_MALFORMED; ERR_LIMIT over PURL_SIZE.
 * Source:  Package URL specification (ECMA-427). */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum { PURL_SIZE = 512 };

struct purl {
	char type[32];        /* "npm", lower case */
	char name[PURL_SIZE]; /* with its namespace: "@scope/name" */
	char version[128];    /* cut */
};

int purl_parse(struct view text, struct purl *ret) must_check;
