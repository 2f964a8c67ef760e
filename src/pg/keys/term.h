/*
 * term.h - a condition that the server does not hand to a scan by itself: how the planner's hook
 * (plan/filter_path.c) gives it to the scan (condition.c). Include postgres.h first.
 *
 * It is the right side of an operator on the index's first column that stands for nothing else: a
 * row whose first member is a bytea of terms, and whose others are values, worked out when the scan
 * starts. The terms are in prefix order, those inside another one right behind it.
 */
#ifndef PGSLAB_KEYS_TERM_H
#define PGSLAB_KEYS_TERM_H

/* The operator's strategy in the families of distances. */
#define SLAB_CONDITION_STRATEGY 2

/* Levels that terms may be inside one another. */
#define SLAB_TERM_DEPTH 32

typedef enum SlabTermKind {
    SLAB_TERM_ALL = 1,  /* of the terms inside it */
    SLAB_TERM_ANY,      /* one of them */
    SLAB_TERM_COMPARE,  /* column operator value, as a scan key with this strategy */
    SLAB_TERM_DIFFERS,  /* column <> value */
    SLAB_TERM_ANY_OF,   /* column operator ANY (value) */
    SLAB_TERM_NONE_OF,  /* column <> ALL (value) */
    SLAB_TERM_HAS,      /* value = ANY (column) */
    SLAB_TERM_DISTINCT, /* column IS DISTINCT FROM value */
    SLAB_TERM_NOT_DISTINCT,
    SLAB_TERM_NULL, /* column IS NULL */
    SLAB_TERM_NOT_NULL,
    SLAB_TERM_CONSTANT, /* value, a boolean */
    SLAB_TERM_WITHIN    /* the distance from the next value, a vector, is below value, a float8, or
                           at it, as the strategy says; inside no other term. The same vector in
                           all such terms, and the one that orders the scan, if one does */
} SlabTermKind;

typedef struct SlabTerm {
    int32 kind;     /* SlabTermKind */
    int32 end;      /* ALL, ANY: the number of the first term that is not inside */
    int32 column;   /* of the index, from 1; CONSTANT, WITHIN: 0 */
    int32 strategy; /* COMPARE, ANY_OF, WITHIN */
    int32 value;    /* its number, from 0 */
    Oid type;       /* of the value, or of the array's elements */
} SlabTerm;

#endif
