/* xdp_filter_object.h - the compiled filter, as it is built in. */
#pragma once

#include <stddef.h>

extern const unsigned char xdp_filter_object[];
extern const size_t xdp_filter_object_size;
