/*
 * status.h - how the core says that something failed.
 *
 * The headers beside this one are where the C++ core and the PostgreSQL shims meet. Everything in
 * them is extern "C" over plain data. The core never calls back: a shim pins pages and hands the
 * core spans of bytes, and the core answers with results, or with what it wants next (machine.h).
 * No function throws and none keeps a pointer it was given after it returns, unless its comment
 * says so. Memory the core allocates for itself comes from malloc, and running out of it is
 * PGS_OUT_OF_MEMORY; a function that has no status to say so allocates nothing.
 *
 * A function that takes no PgsError says all there is to say by its status.
 */
#ifndef PGSLAB_STATUS_H
#define PGSLAB_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum PgsStatus {
    PGS_OK,
    PGS_OUT_OF_MEMORY,
    PGS_CORRUPT,     /* bytes of the index contradict each other, their checksum, or the table */
    PGS_UNSUPPORTED, /* a format version this library does not know */
    PGS_FULL,        /* a fixed table of the metapage has no room */
    PGS_TOO_LARGE,   /* more rows or blocks than one relation holds */
    PGS_MISUSE,      /* the caller's mistake: an argument that is out of range, or contradicts
                        another or what was said before; an answer to what was not asked */
    PGS_INTERNAL     /* a bug of this library */
} PgsStatus;

#define PGS_NO_BLOCK UINT32_C(0xFFFFFFFF)

typedef struct PgsError {
    PgsStatus status;
    uint32_t block;   /* at fault, or PGS_NO_BLOCK */
    char detail[160]; /* one sentence without a full stop */
} PgsError;

#ifdef __cplusplus
}
#endif

#endif
