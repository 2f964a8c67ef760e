/*
 * samples.h - real queries in shared memory, and what audits of them came to. Include postgres.h
 * first.
 */
#ifndef PGSLAB_LEARN_SAMPLES_H
#define PGSLAB_LEARN_SAMPLES_H

#include "datatype/timestamp.h"

#include "pgslab/calibrate.h"
#include "pgslab/types.h"

typedef struct SlabSample {
    Oid database;
    Oid index;
    Oid role;      /* who asks, whatever function it is in */
    double target; /* recall that was asked for */
    uint32 rows;
    uint32 dims;
    TimestampTz at;
    float query[PGS_MAX_DIMS];
} SlabSample;

/* Of the audits of one class of an index's queries since the server started. */
typedef struct SlabAudits {
    uint64 n;
    double recall; /* mean, of late */
} SlabAudits;

/* Called once, while the server loads the library. */
extern void slab_init_samples(void);

/* Whether samples can be kept: the library was preloaded. */
extern bool slab_has_samples(void);

/* Keeps a sample, in place of another if there is no room, unless the lock is taken. Whether an
 * auditor should come: there are enough samples of this database, no auditor is at work, and the
 * last one is long enough ago. */
extern bool slab_keep_sample(const SlabSample *sample);

/* Makes this process the server's auditor; false if there is one. It has to end as such, if by
 * nothing else then by the end of the process. */
extern bool slab_become_auditor(void);

/* The auditor goes; the next one may not come before many times as long has passed as this one was
 * at work. */
extern void slab_end_audits(void);

/* Takes a sample of this database, of a role that was audited least, and wipes it from shared
 * memory. False if there is none. */
extern bool slab_take_sample(SlabSample *sample);

/* Notes what an audit came to. *n: audits of this class before. Returns whether no queries miss
 * more, of late, of those that are to find as much or less, whose role ever it is. */
extern bool slab_note_audit(const SlabSample *sample, uint32 row_class, double recall, uint64 *n);

/* What audits of the index came to; false if there were none. */
extern bool slab_audits(Oid index, SlabAudits audits[PGS_ROW_CLASSES]);

/* Forgets audits and samples of the index. */
extern void slab_forget_audits(Oid index);

#endif
