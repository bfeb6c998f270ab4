/* order_show.h - one order in full: every obligation with the clause and the source it comes from. */
#pragma once

#include <stdio.h>

#include "base/buffer.h"
#include "policy/order.h"

void order_show(const struct order *o, FILE *out);
void order_show_json(const struct order *o, struct buffer *out);
