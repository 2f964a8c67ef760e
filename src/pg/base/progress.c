/*
 * progress.c - how far maintenance is, for the view slab_maintenance.
 *
 * An extension that may be loaded at any time has no shared memory of its own. So maintenance is
 * reported where the server reports its own commands: as a CREATE INDEX whose command is none of
 * the server's. pg_stat_progress_create_index shows it too, without a command.
 *
 * A backend has one place for that, which a command like VACUUM or COPY may be using. What it holds
 * is put aside meanwhile.
 */
#include "postgres.h"

#include "commands/progress.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "utils/backend_progress.h"
#include "utils/backend_status.h"

#include "base/progress.h"

/* In PROGRESS_CREATEIDX_COMMAND; the view slab_maintenance knows it. */
#define MAINTENANCE_COMMAND 5000

/* What a subphase is made of; builds' subphases are below. */
#define SUBPHASES_PER_OPERATION 16

static const char *const operation_names[] = {
    [SLAB_OPERATION_FLUSH] = "seal",          [SLAB_OPERATION_COMPACT] = "compact",
    [SLAB_OPERATION_VACUUM] = "vacuum",       [SLAB_OPERATION_RECLUSTER] = "recluster",
    [SLAB_OPERATION_CALIBRATE] = "calibrate",
};

static const char *const phase_names[] = {
    [SLAB_PROGRESS_WAITING] = "waiting",       [SLAB_PROGRESS_READING] = "reading",
    [SLAB_PROGRESS_SAMPLING] = "sampling",     [SLAB_PROGRESS_TRAINING] = "training",
    [SLAB_PROGRESS_ENCODING] = "encoding",     [SLAB_PROGRESS_MERGING] = "merging",
    [SLAB_PROGRESS_WRITING] = "writing",       [SLAB_PROGRESS_CALIBRATING] = "calibrating",
    [SLAB_PROGRESS_PUBLISHING] = "publishing",
};

typedef struct Reported {
    ProgressCommandType command;
    Oid target;
    int64 params[PGSTAT_NUM_PROGRESS_PARAM];
} Reported;

static Reported aside; /* what slab_progress_begin() found */
static Reported saved; /* what slab_progress_save() found */
static int current_operation;
static int current_phase;

static bool reports_maintenance(void) {
    return MyBEEntry != NULL && MyBEEntry->st_progress_command == PROGRESS_COMMAND_CREATE_INDEX &&
           MyBEEntry->st_progress_param[PROGRESS_CREATEIDX_COMMAND] == MAINTENANCE_COMMAND;
}

static void put_aside(Reported *to) {
    to->command = MyBEEntry->st_progress_command;
    to->target = MyBEEntry->st_progress_command_target;
    memcpy(to->params, MyBEEntry->st_progress_param, sizeof to->params);
}

static void put_back(const Reported *from) {
    volatile PgBackendStatus *entry = MyBEEntry;

    PGSTAT_BEGIN_WRITE_ACTIVITY(entry);
    entry->st_progress_command = from->command;
    entry->st_progress_command_target = from->target;
    for (int i = 0; i < PGSTAT_NUM_PROGRESS_PARAM; i++)
        entry->st_progress_param[i] = from->params[i];
    PGSTAT_END_WRITE_ACTIVITY(entry);
}

static int64 subphase(void) {
    return current_operation * SUBPHASES_PER_OPERATION + current_phase;
}

/* Whether the phase counts in the columns that the server's view has for blocks, rather than in
 * those for rows. */
static bool counts_blocks(void) {
    return current_phase == SLAB_PROGRESS_READING || current_phase == SLAB_PROGRESS_CALIBRATING;
}

void slab_progress_begin(Relation index, SlabOperation operation) {
    static const int params[] = {PROGRESS_CREATEIDX_COMMAND, PROGRESS_CREATEIDX_INDEX_OID,
                                 PROGRESS_CREATEIDX_ACCESS_METHOD_OID, PROGRESS_CREATEIDX_PHASE,
                                 PROGRESS_CREATEIDX_SUBPHASE};
    int64 values[lengthof(params)];

    if (MyBEEntry == NULL)
        return;
    current_operation = operation;
    current_phase = SLAB_PROGRESS_WAITING;
    if (!reports_maintenance())
        put_aside(&aside);
    pgstat_progress_start_command(PROGRESS_COMMAND_CREATE_INDEX, index->rd_index->indrelid);
    values[0] = MAINTENANCE_COMMAND;
    values[1] = RelationGetRelid(index);
    values[2] = index->rd_rel->relam;
    values[3] = PROGRESS_CREATEIDX_PHASE_BUILD;
    values[4] = subphase();
    pgstat_progress_update_multi_param(lengthof(params), params, values);
}

void slab_progress_phase(SlabProgress phase, uint64 total) {
    static const int params[] = {PROGRESS_CREATEIDX_SUBPHASE, PROGRESS_SCAN_BLOCKS_TOTAL,
                                 PROGRESS_SCAN_BLOCKS_DONE, PROGRESS_CREATEIDX_TUPLES_TOTAL,
                                 PROGRESS_CREATEIDX_TUPLES_DONE};
    int64 values[lengthof(params)] = {0};

    /* When nothing is tracked, what is there is not ours. */
    if (!reports_maintenance())
        return;
    current_phase = phase;
    values[0] = subphase();
    values[counts_blocks() ? 1 : 3] = (int64)total;
    pgstat_progress_update_multi_param(lengthof(params), params, values);
}

void slab_progress_done(uint64 done) {
    /* The subphase again, because from PostgreSQL 18 on VACUUM's delays may be counted there. */
    const int params[] = {PROGRESS_CREATEIDX_SUBPHASE, counts_blocks()
                                                           ? PROGRESS_SCAN_BLOCKS_DONE
                                                           : PROGRESS_CREATEIDX_TUPLES_DONE};
    const int64 values[] = {subphase(), (int64)done};

    if (reports_maintenance())
        pgstat_progress_update_multi_param(lengthof(params), params, values);
}

void slab_progress_end(void) {
    if (reports_maintenance())
        put_back(&aside);
}

void slab_progress_save(void) {
    if (MyBEEntry != NULL)
        put_aside(&saved);
}

void slab_progress_restore(void) {
    if (MyBEEntry != NULL)
        put_back(&saved);
}

static char *build_phase_name(int64 phase) {
    switch (phase) {
        case PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE:
            return "initializing";
        case SLAB_PHASE_SAMPLE:
            return "sampling table";
        case SLAB_PHASE_TRAIN:
            return "training lists";
        case SLAB_PHASE_ENCODE:
            return "encoding rows";
        case SLAB_PHASE_WRITE:
            return "sorting and writing rows";
        case SLAB_PHASE_CALIBRATE:
            return "calibrating";
        case SLAB_PHASE_LOG:
            return "logging pages";
        case SLAB_PHASE_READ:
            return "reading rows";
        case SLAB_PHASE_POSTINGS:
            return "writing postings";
        case SLAB_PHASE_MERGE:
            return "merging segments";
        default:
            return NULL;
    }
}

char *slab_phase_name(int64 phase) {
    int64 operation = phase / SUBPHASES_PER_OPERATION;
    int64 step = phase % SUBPHASES_PER_OPERATION;

    if (operation <= 0)
        return build_phase_name(phase);
    if (operation >= lengthof(operation_names) || step <= 0 || step >= lengthof(phase_names))
        return NULL;
    return psprintf("%s: %s", operation_names[operation], phase_names[step]);
}
