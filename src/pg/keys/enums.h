/*
 * enums.h - the order of an enum's values, which their keys do not have. Include postgres.h first.
 */
#ifndef PGSLAB_KEYS_ENUMS_H
#define PGSLAB_KEYS_ENUMS_H

#include "keys/ranges.h"

/* Up to the key most: those that values of its enum may have that are not greater than this one;
 * from: that are not less. In CurrentMemoryContext. */
extern SlabRanges slab_enum_keys(Oid value, bool from, uint64 most);

#endif
