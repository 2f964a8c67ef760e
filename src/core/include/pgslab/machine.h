/*
 * machine.h - the protocol of all that reads an index.
 */
#ifndef PGSLAB_MACHINE_H
#define PGSLAB_MACHINE_H

#include <stdint.h>

#include "pgslab/index.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Whatever reads an index is a machine: it is asked what it wants next and is given that, until it
 * wants nothing more. Each kind has a type of its own, with a function that gives its machine,
 * which lives as long as it does.
 *
 * A machine asks for pages by the copy of the metapage that it was made with: what a page turns out
 * to be is an error against that. After an error a machine is good for nothing but to be destroyed,
 * or, a scan, to be started again.
 */
typedef struct PgsMachine PgsMachine;

typedef enum PgsRequestKind {
    PGS_REQUEST_DONE,    /* nothing more */
    PGS_REQUEST_PAGE,    /* the page of a block: pgs_page() answers it */
    PGS_REQUEST_RUN,     /* a run of blocks to be reserved: pgs_task_reserved() */
    PGS_REQUEST_ROW,     /* the next row: pgs_task_row() */
    PGS_REQUEST_LOOK_UP, /* the vector of a row: pgs_scan_looked_up(), pgs_scan_told() */
    PGS_REQUEST_WRITE,   /* a page to be written; awaits no answer */
    PGS_REQUEST_FOUND    /* a row that was found; awaits no answer */
} PgsRequestKind;

/* Which members mean something depends on the kind. */
typedef struct PgsRequest {
    PgsRequestKind kind;

    uint32_t block;   /* PAGE: to be read; WRITE: of a reserved run */
    const void *page; /* WRITE: valid until the next call on the machine */

    uint32_t blocks; /* RUN: so many */
    uint32_t least; /* but where there is no such run that is free, a free one of so many will do */
    uint32_t ids;   /* to be reserved with it */

    PgsTid tid;    /* FOUND, LOOK_UP: the row's address */
    uint64_t slot; /* and slot, for pgs_scan_record() */
    double value;  /* FOUND: ascends from row to row. With stored_values the distance operator's
                      value for the stored vector. Else a bound that the operator's value for the
                      row is not below, and which no row before it exceeds: rows come in the
                      operator's order. */
} PgsRequest;

/* What the machine wants now. Until it has the answer it wants the same. */
PgsStatus pgs_next(PgsMachine *machine, PgsRequest *request, PgsError *error);

/* Answers PGS_REQUEST_PAGE. An answer to what was not asked for last is PGS_MISUSE, this one or
 * another, and changes nothing. */
PgsStatus pgs_page(PgsMachine *machine, const void *page, PgsError *error);

/* Bytes of a page that a machine will look at soon. */
typedef struct PgsUpcoming {
    uint32_t block;
    uint32_t offset;
    uint32_t bytes;
} PgsUpcoming;

/* What the last pgs_next() has found out of what comes next, besides what it asked for; returns how
 * many. It is told once, and is there until the next call. Nothing depends on its being read. */
uint32_t pgs_upcoming(const PgsMachine *machine, const PgsUpcoming **upcoming);

#ifdef __cplusplus
}
#endif

#endif
