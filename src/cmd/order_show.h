/* order_show.h - one order in full: every obligation with the clause and the source it comes from. */
#pragma once

#include <stdio.h>

#include "base/buffer.h"
#include "base/timestamp.h"
#include "policy/order.h"

void order_show(const struct order *o, FILE *out);
void order_show_json(const struct order *o, struct buffer *out);
/* A day of an order's, or "unknown". */
const char *order_date_text(int64_t us, char text[static TIMESTAMP_TEXT_SIZE]);
