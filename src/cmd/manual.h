/* manual.h - manual pages in mdoc(7), printed from the tables that the program works by.
 *
 * The commands and exit statuses of writ(1), and the options of writ.yaml(5), organisation.yaml(5) and
 * mapping.yaml(5), are not written a second time; a page that mandoc does not accept fails a test. writ-verify(1) is written by
 * hand in docs/man/, because that program links none of these tables. */
#pragma once

#include <stdio.h>

void manual_program(FILE *out);
void manual_settings(FILE *out);
void manual_organisation(FILE *out);
void manual_mapping(FILE *out);
