/* link_wireless.h - 802.11 frames and the headers that capture programs put before them; for link.c. */
#pragma once

#include "base/reader.h"
#include "wire/link.h"

/* Each reads its header and says what is behind it. ERR_MISSING: no data in the clear. */
int link_open_wireless(struct reader *r, struct layer_at *at) must_check;
int link_open_radiotap(struct reader *r, struct layer_at *at) must_check;
int link_open_prism(struct reader *r, struct layer_at *at) must_check;
int link_open_avs(struct reader *r, struct layer_at *at) must_check;
