/*
 * bit.h - PostgreSQL's own bit strings as vectors. Include postgres.h first.
 */
#ifndef PGSLAB_TYPES_BIT_H
#define PGSLAB_TYPES_BIT_H

#include "utils/varbit.h"

/* A palloc'ed bit string with a 1 for each element above 0, and a 0 for the others. */
VarBit *bit_from_floats(const float *elements, int dims);

/* The elements of a bit string, as 0 and 1. */
void bit_to_floats(const VarBit *bits, float *elements);

#endif
