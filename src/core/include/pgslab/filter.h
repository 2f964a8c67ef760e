/*
 * filter.h - filter columns: what an index keeps of a row besides its vector, and conditions on it.
 *
 * Of each filter column a row has one key, or, of a set, several: an unsigned number of 4 or 8
 * bytes. What a key stands for is known to its maker alone. Keys are compared as numbers; so where
 * values have an order that keys keep, a condition on values is one on ranges of keys. Where keys
 * say less than values, a row that a condition on keys keeps has to be looked at again, but none is
 * lost.
 */
#ifndef PGSLAB_FILTER_H
#define PGSLAB_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "pgslab/tid_set.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PGS_MAX_FILTER_COLUMNS 8

/* Most keys of a set. */
#define PGS_MAX_SET_KEYS 15

/* Of a filter column, or of addresses. */
typedef struct PgsKeyColumn {
    uint8_t key_bytes; /* 4 or 8 */
    uint8_t keys;      /* of a row: 1; of a set the most that it has, up to PGS_MAX_SET_KEYS */
    bool is_address;   /* of the rows' addresses in the table, one of 8 bytes each: the core makes
                          them, and finds rows by them that a filter names. One column at most */
} PgsKeyColumn;

/* The filter columns of an index, the first `count` of them. */
typedef struct PgsKeyColumns {
    uint32_t count;
    PgsKeyColumn column[PGS_MAX_FILTER_COLUMNS];
} PgsKeyColumns;

/* The largest key stands for NULL; of a set that is NULL it is the first key. */
uint64_t pgs_null_key(unsigned key_bytes);

/* The next two below have a meaning as keys of a set: the set has more keys than there is room
 * for, which is the first key then, and every condition but for NULL keeps the row; and no key, of
 * which there are as many behind the last as room is left; a set without any has it first. Values
 * of sets have to be below them. */
uint64_t pgs_full_key(unsigned key_bytes);
uint64_t pgs_no_key(unsigned key_bytes);

/* Keys from first to last. */
typedef struct PgsKeyRange {
    uint64_t first;
    uint64_t last;
} PgsKeyRange;

typedef enum PgsFilterKind {
    PGS_FILTER_KEYS = 1, /* a key of the column is in one of the ranges */
    PGS_FILTER_ALL = 2,  /* all conditions hold that are inside it; of none: always */
    PGS_FILTER_ANY = 3   /* one of them does; of none: never */
} PgsFilterKind;

typedef struct PgsFilterNode {
    PgsFilterKind kind;
    uint32_t end; /* PGS_FILTER_ALL, _ANY: the nodes from the next one to before this are inside */
    uint32_t column;      /* PGS_FILTER_KEYS: its number, from 0 */
    uint32_t first_range; /* and its ranges: ascending, none touches another */
    uint32_t ranges;
} PgsFilterNode;

/* Levels that conditions may be inside one another. */
#define PGS_MAX_FILTER_DEPTH 64

/* A condition on keys: node 0 with what is inside it, which is all nodes; without nodes any row
 * satisfies it. A set that rows have to be in, which must stay as it is for as long as the filter
 * is used; NULL: any row. And what the distance operator's value has to be below, where it is
 * bounded; a row of which that cannot be told comes as well. */
typedef struct PgsFilter {
    const PgsFilterNode *node;
    uint32_t nodes;
    const PgsKeyRange *range;
    uint32_t ranges;
    const PgsTidSet *tids;
    bool may_look_up; /* few of tids in the table, whatever their keys: all that are there are in
                         the index */
    bool is_bounded;
    double bound;
} PgsFilter;

#ifdef __cplusplus
}
#endif

#endif
