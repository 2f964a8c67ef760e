/*
 * tid_set.h - a set of rows of the table, by their addresses there: what the scans of other indexes
 * have found.
 */
#ifndef PGSLAB_TID_SET_H
#define PGSLAB_TID_SET_H

#include <stdint.h>

#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct PgsTidSet PgsTidSet;

/* An empty set. */
PgsStatus pgs_tid_set_create(PgsTidSet **set);
void pgs_tid_set_destroy(PgsTidSet *set); /* NULL is fine */

void pgs_tid_set_clear(PgsTidSet *set);

/* Adds rows of a block that lies behind all that were added: those at n ascending offsets, from 1
 * on; n 0: whatever is there. */
PgsStatus pgs_tid_set_add(PgsTidSet *set, uint32_t block, const uint16_t *offset, uint32_t n,
                          PgsError *error);

#ifdef __cplusplus
}
#endif

#endif
