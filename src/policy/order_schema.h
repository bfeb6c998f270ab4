/* order_schema.h - the rows of an order's nested structs, for order.c to say where a field stands. */
#pragma once

#include "policy/order.h"

extern const struct schema order_obligation_schema;
extern const struct schema order_report_schema;
