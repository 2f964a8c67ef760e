/*
 * samples.c - real queries in shared memory: see learn/samples.h.
 *
 * All of it is under one lock, for the time that it takes to copy a vector.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/float.h"
#include "utils/timestamp.h"

#include "learn/samples.h"

#define SAMPLES 32
#define INDEXES 64
#define ROLES 8

/* So many samples of a database are enough for an auditor to come, and none is kept for longer. */
#define ENOUGH 8
#define MOST_AGE_MS (10 * 60 * 1000)

/* After an auditor the next one comes when so many times as long has passed, with what it takes to
 * start a worker; and not before so long if it did not come to its end. */
#define PAUSE_PER_AUDITING 50
#define START_MS 10
#define FAILED_PAUSE_MS (60 * 1000)

/* What was found of late is a mean in which so many audits count, and a role counts from so many
 * on. */
#define RECENT 32
#define FEWEST 3

/* Whoever was not audited for so long has gone away. */
#define ABSENT_MS (24 * 60 * 60 * 1000)

/* What is missing to queries that were to find as much and asked for as many rows. */
typedef struct Missing {
    uint32 n; /* audits */
    float4 mean;
    TimestampTz last; /* audit */
} Missing;

typedef struct RoleAudits {
    Oid role; /* invalid: of none */
    Missing missing[PGS_LEVELS][PGS_ROW_CLASSES];
} RoleAudits;

typedef struct IndexAudits {
    Oid database;
    Oid index;
    uint64 used; /* when */
    SlabAudits of_class[PGS_ROW_CLASSES];
    RoleAudits of_role[ROLES];
} IndexAudits;

typedef struct Samples {
    uint64 clock; /* counts uses of indexes */
    int auditor;  /* process id; 0: none */
    TimestampTz audited_since;
    TimestampTz not_before;
    bool taken[SAMPLES];
    SlabSample sample[SAMPLES];
    IndexAudits index[INDEXES];
} Samples;

#define TRANCHE "pgslab"

static Samples *samples;
static LWLock *lock;
static shmem_request_hook_type previous_request;
static shmem_startup_hook_type previous_startup;

static void request_memory(void) {
    if (previous_request != NULL)
        previous_request();
    RequestAddinShmemSpace(MAXALIGN(sizeof(Samples)));
    RequestNamedLWLockTranche(TRANCHE, 1);
}

static void start_memory(void) {
    bool found;

    if (previous_startup != NULL)
        previous_startup();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    samples = ShmemInitStruct("pgslab samples", sizeof *samples, &found);
    if (!found)
        memset(samples, 0, sizeof *samples);
    lock = &GetNamedLWLockTranche(TRANCHE)->lock;
    LWLockRelease(AddinShmemInitLock);
}

void slab_init_samples(void) {
    if (!process_shared_preload_libraries_in_progress)
        return;
    previous_request = shmem_request_hook;
    shmem_request_hook = request_memory;
    previous_startup = shmem_startup_hook;
    shmem_startup_hook = start_memory;
}

bool slab_has_samples(void) {
    return samples != NULL;
}

/* ---- samples; under the lock ---- */

static void wipe(int place) {
    samples->taken[place] = false;
    memset(&samples->sample[place], 0, sizeof(SlabSample));
}

static void wipe_old(TimestampTz now) {
    for (int i = 0; i < SAMPLES; i++)
        if (samples->taken[i] &&
            TimestampDifferenceExceeds(samples->sample[i].at, now, MOST_AGE_MS))
            wipe(i);
}

/* How many samples there are of a role in a database. */
static int count_alike(const SlabSample *sample) {
    int n = 0;

    for (int i = 0; i < SAMPLES; i++)
        n += samples->taken[i] && samples->sample[i].role == sample->role &&
             samples->sample[i].database == sample->database;
    return n;
}

/* A free place; else that of a sample of the role that has most of them, of which any will do. */
static int choose_place(void) {
    int start = (int)pg_prng_uint64_range(&pg_global_prng_state, 0, SAMPLES - 1);
    int best = 0;
    int most = 0;

    for (int i = 0; i < SAMPLES; i++)
        if (!samples->taken[i])
            return i;
    for (int i = 0; i < SAMPLES; i++) {
        int place = (start + i) % SAMPLES;
        int n = count_alike(&samples->sample[place]);

        if (n > most) {
            most = n;
            best = place;
        }
    }
    return best;
}

static bool should_auditor_come(TimestampTz now) {
    int of_database = 0;
    int all = 0;

    for (int i = 0; i < SAMPLES; i++) {
        all += samples->taken[i];
        of_database += samples->taken[i] && samples->sample[i].database == MyDatabaseId;
    }
    return samples->auditor == 0 && now >= samples->not_before &&
           (of_database >= ENOUGH || all == SAMPLES);
}

bool slab_keep_sample(const SlabSample *sample) {
    TimestampTz now = GetCurrentTimestamp();
    bool come;
    int place;

    if (samples == NULL || !LWLockConditionalAcquire(lock, LW_EXCLUSIVE))
        return false;
    wipe_old(now);
    place = choose_place();
    wipe(place);
    memcpy(&samples->sample[place], sample,
           offsetof(SlabSample, query) + sample->dims * sizeof(float));
    samples->sample[place].at = now;
    samples->taken[place] = true;
    come = should_auditor_come(now);
    LWLockRelease(lock);
    return come;
}

/* ---- what audits came to; under the lock ---- */

static IndexAudits *find_index(Oid database, Oid index) {
    for (int i = 0; i < INDEXES; i++)
        if (samples->index[i].index == index && samples->index[i].database == database)
            return &samples->index[i];
    return NULL;
}

/* In place of the one that was used least of late, where there is no room. */
static IndexAudits *make_index(Oid database, Oid index) {
    IndexAudits *made = find_index(database, index);

    if (made == NULL) {
        made = &samples->index[0];
        for (int i = 1; i < INDEXES; i++)
            if (samples->index[i].used < made->used)
                made = &samples->index[i];
        memset(made, 0, sizeof *made);
        made->database = database;
        made->index = index;
    }
    made->used = ++samples->clock;
    return made;
}

static uint64 count_audits(const RoleAudits *role) {
    uint64 n = 0;

    for (int level = 0; level < PGS_LEVELS; level++)
        for (int i = 0; i < PGS_ROW_CLASSES; i++)
            n += role->missing[level][i].n;
    return n;
}

static RoleAudits *find_role(IndexAudits *index, Oid role) {
    for (int i = 0; i < ROLES; i++)
        if (index->of_role[i].role == role)
            return &index->of_role[i];
    return NULL;
}

/* In place of the one that was audited least, where there is no room. */
static RoleAudits *make_role(IndexAudits *index, Oid role) {
    RoleAudits *made = find_role(index, role);

    if (made == NULL) {
        made = &index->of_role[0];
        for (int i = 1; i < ROLES; i++)
            if (count_audits(&index->of_role[i]) < count_audits(made))
                made = &index->of_role[i];
        memset(made, 0, sizeof *made);
        made->role = role;
    }
    return made;
}

/* How often queries of its role were audited on its index. */
static uint64 count_audits_of(const SlabSample *sample) {
    IndexAudits *index = find_index(sample->database, sample->index);
    const RoleAudits *role = index == NULL ? NULL : find_role(index, sample->role);

    return role == NULL ? 0 : count_audits(role);
}

/* Takes a value into a mean of the last ones. */
static double follow(double mean, double value, uint64 before) {
    return mean + (value - mean) / (double)Min(before + 1, RECENT);
}

static bool counts(const Missing *missing, TimestampTz now) {
    return missing->n >= FEWEST && !TimestampDifferenceExceeds(missing->last, now, ABSENT_MS);
}

/* Whether no others miss more than those who were audited just now, of those from whom is taken as
 * well where less is needed at a level: they are to find as much or less. */
static bool misses_most(const IndexAudits *index, const Missing *missing, uint32 level,
                        uint32 row_class) {
    for (int i = 0; i < ROLES; i++)
        for (uint32 at = 0; at <= level; at++) {
            const Missing *other = &index->of_role[i].missing[at][row_class];

            if (counts(other, missing->last) && other->mean > missing->mean)
                return false;
        }
    return true;
}

/* ---- audits ---- */

/* So that all audits together take a small share of a processor. */
static void end_audits(double least_pause_ms) {
    TimestampTz now = GetCurrentTimestamp();

    LWLockAcquire(lock, LW_EXCLUSIVE);
    if (samples->auditor == MyProcPid) {
        double took_ms = (double)(now - samples->audited_since) / 1000;
        double pause_ms = Max(least_pause_ms, (START_MS + took_ms) * PAUSE_PER_AUDITING);

        samples->auditor = 0;
        samples->not_before = TimestampTzPlusMilliseconds(now, (int64)pause_ms);
    }
    LWLockRelease(lock);
}

void slab_end_audits(void) {
    end_audits(0);
}

/* An auditor that failed, or gave way, left its sample: what was in its way may be so for a while.
 */
static void leave_audits(int code, Datum arg) {
    end_audits(FAILED_PAUSE_MS);
}

bool slab_become_auditor(void) {
    bool is_free;

    if (samples == NULL)
        return false;
    LWLockAcquire(lock, LW_EXCLUSIVE);
    is_free = samples->auditor == 0;
    if (is_free) {
        samples->auditor = MyProcPid;
        samples->audited_since = GetCurrentTimestamp();
    }
    LWLockRelease(lock);
    if (is_free)
        before_shmem_exit(leave_audits, (Datum)0);
    return is_free;
}

bool slab_take_sample(SlabSample *sample) {
    int best = -1;
    uint64 fewest = 0;

    LWLockAcquire(lock, LW_EXCLUSIVE);
    for (int i = 0; i < SAMPLES; i++) {
        uint64 n;

        if (!samples->taken[i] || samples->sample[i].database != MyDatabaseId)
            continue;
        n = count_audits_of(&samples->sample[i]);
        if (best < 0 || n < fewest) {
            best = i;
            fewest = n;
        }
    }
    if (best >= 0) {
        *sample = samples->sample[best];
        wipe(best);
    }
    LWLockRelease(lock);
    return best >= 0;
}

bool slab_note_audit(const SlabSample *sample, uint32 row_class, double recall, uint64 *n) {
    uint32 level = pgs_level_of(sample->target);
    IndexAudits *index;
    SlabAudits *of_class;
    Missing *missing;
    bool most;

    LWLockAcquire(lock, LW_EXCLUSIVE);
    index = make_index(sample->database, sample->index);
    of_class = &index->of_class[row_class];
    of_class->recall = follow(of_class->recall, recall, of_class->n);
    *n = of_class->n++;
    missing = &make_role(index, sample->role)->missing[level][row_class];
    missing->mean = (float4)follow(missing->mean, sample->target - recall, missing->n++);
    missing->last = GetCurrentTimestamp();
    most = misses_most(index, missing, level, row_class);
    LWLockRelease(lock);
    return most;
}

bool slab_audits(Oid index, SlabAudits audits[PGS_ROW_CLASSES]) {
    const IndexAudits *found = NULL;

    if (samples == NULL)
        return false;
    LWLockAcquire(lock, LW_SHARED);
    found = find_index(MyDatabaseId, index);
    if (found != NULL)
        memcpy(audits, found->of_class, sizeof found->of_class);
    LWLockRelease(lock);
    return found != NULL;
}

void slab_forget_audits(Oid index) {
    IndexAudits *found;

    if (samples == NULL)
        return;
    LWLockAcquire(lock, LW_EXCLUSIVE);
    for (int i = 0; i < SAMPLES; i++)
        if (samples->taken[i] && samples->sample[i].index == index &&
            samples->sample[i].database == MyDatabaseId)
            wipe(i);
    found = find_index(MyDatabaseId, index);
    if (found != NULL)
        memset(found, 0, sizeof *found);
    LWLockRelease(lock);
}
