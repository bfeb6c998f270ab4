/* upstream_ids.h - which question an answer's id stands for, on each socket.
 *
 * What:    a table of (channel, id) by row; a row is one question on its way to one server. Pure.
 * Limits:  `rows`, each used once at a time.
 * Source:  RFC 5452 s9.1: an answer counts only at the port that asked, with its id. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

#define UPSTREAM_IDS_NONE UINT32_MAX

struct upstream_ids;

/* -ENOMEM. */
int upstream_ids_new(uint32_t rows, struct upstream_ids **ret) must_check;
void upstream_ids_free(struct upstream_ids *t);
DEFINE_CLEANUP(upstream_ids, struct upstream_ids *, upstream_ids_free);

/* ERR_EXISTS when the channel uses that id already. The row is free before. */
int upstream_ids_add(struct upstream_ids *t, uint32_t row, uint32_t channel,
                     uint16_t id) must_check;
/* The row, or UPSTREAM_IDS_NONE. */
uint32_t upstream_ids_find(const struct upstream_ids *t, uint32_t channel, uint16_t id);
void upstream_ids_remove(struct upstream_ids *t, uint32_t row);
