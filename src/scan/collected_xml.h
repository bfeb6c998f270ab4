/* collected_xml.h - a collection in XML, to its end. */
#pragma once

#include "scan/collected.h"
#include "scan/xml_stream.h"

/* Errors as xml_stream.h; `count` says where and why. */
int collected_xml_read(const struct xml_handlers *handlers, void *context,
                       const struct collected_input *in, struct collected_count *count) must_check;
