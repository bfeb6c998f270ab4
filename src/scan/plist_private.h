/* plist_private.h - for the files of plist.h only. */
#pragma once

#include "scan/plist.h"

int plist_read_binary(struct view bytes, const struct plist_reader *r) must_check;
int plist_read_xml(struct view bytes, const struct plist_reader *r) must_check;
