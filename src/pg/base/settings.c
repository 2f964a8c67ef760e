/*
 * settings.c - the settings slab.*, and what they and the server's ask for.
 */
#include "postgres.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/guc.h"

#include "base/compat.h"
#include "base/guest_settings.h"
#include "base/settings.h"
#include "pgslab/types.h"

static char *isa_setting;
static double target_recall_setting;
static bool target_recall_is_set; /* by somebody, also to its default */
static int probes_setting;
static int refine_setting;
static bool exact_setting;
static int max_scan_rows_setting;
static bool max_scan_rows_is_set;
static bool auto_compact_setting;
static bool learn_setting;

static bool check_isa(char **value, void **extra, GucSource source) {
    if (strcmp(*value, "auto") == 0)
        return true;
    for (int i = 0; pgs_isa_available(i) != NULL; i++)
        if (strcmp(*value, pgs_isa_available(i)) == 0)
            return true;
    GUC_check_errdetail("This CPU cannot run instruction set \"%s\".", *value);
    GUC_check_errhint("Use \"auto\", or \"baseline\", which every CPU can.");
    return false;
}

static void assign_isa(const char *value, void *extra) {
    (void)pgs_isa_force(value); /* check_isa() has agreed */
}

/* A value that somebody has set comes with something extra, which the server keeps and frees with
 * it; so it is known of each value in effect, whatever was set and rolled back before. */
static bool mark_if_set(void **extra, GucSource source) {
    if (source == PGC_S_DEFAULT)
        return true;
    *extra = slab_guc_malloc(LOG, 1);
    return *extra != NULL;
}

static bool check_max_scan_rows(int *value, void **extra, GucSource source) {
    return mark_if_set(extra, source);
}

static bool check_target_recall(double *value, void **extra, GucSource source) {
    if (*value >= SLAB_LOWEST_TARGET_RECALL && *value <= SLAB_HIGHEST_TARGET_RECALL)
        return mark_if_set(extra, source);
    GUC_check_errdetail("The share of the nearest rows to find is between %g and %g.",
                        SLAB_LOWEST_TARGET_RECALL, SLAB_HIGHEST_TARGET_RECALL);
    if (*value > SLAB_HIGHEST_TARGET_RECALL)
        GUC_check_errhint("To find all of them, set slab.exact to on.");
    else
        GUC_check_errhint("To search less, set slab.probes and slab.refine.");
    return false;
}

static void assign_target_recall(double value, void *extra) {
    target_recall_is_set = extra != NULL;
}

static void assign_max_scan_rows(int value, void *extra) {
    max_scan_rows_is_set = extra != NULL;
}

void slab_check_guests(SlabDialect dialect) {
    if (dialect == SLAB_HNSW)
        slab_check_hnsw();
    else if (dialect == SLAB_IVFFLAT)
        slab_check_ivfflat();
}

PgsEffort slab_effort(SlabDialect dialect, int lists) {
    PgsEffort effort = {0};

    effort.exact = exact_setting;
    effort.target_recall = target_recall_setting;
    effort.probes = (uint32)probes_setting;
    effort.rerank = (uint32)refine_setting;
    if (dialect == SLAB_HNSW)
        slab_heed_hnsw(&effort, target_recall_is_set);
    else if (dialect == SLAB_IVFFLAT)
        slab_heed_ivfflat(&effort, target_recall_is_set, lists);
    return effort;
}

double slab_asked_recall(void) {
    return exact_setting || !target_recall_is_set ? 1 : target_recall_setting;
}

uint32 slab_max_scan_rows(SlabDialect dialect, const char **setting) {
    bool is_guest = dialect == SLAB_HNSW && !max_scan_rows_is_set;

    *setting = is_guest ? "hnsw.max_scan_tuples" : "slab.max_scan_rows";
    return is_guest ? slab_hnsw_max_scan_rows() : (uint32)max_scan_rows_setting;
}

bool slab_auto_compact(void) {
    return auto_compact_setting;
}

bool slab_learns(void) {
    return learn_setting;
}

/* These settings change what a query returns, so EXPLAIN (SETTINGS) shows them. */
static void define_effort(void) {
    DefineCustomRealVariable("slab.target_recall",
                             "Share of the nearest rows that a search is to find.",
                             "Each index knows by its calibration what work that takes.",
                             &target_recall_setting, SLAB_DEFAULT_TARGET_RECALL, 0, 1, PGC_USERSET,
                             GUC_EXPLAIN, check_target_recall, assign_target_recall, NULL);
    DefineCustomIntVariable("slab.probes", "Lists that a search visits at first.",
                            "0 means as many as slab.target_recall asks for.", &probes_setting, 0,
                            0, PGS_MAX_LISTS, PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
    DefineCustomIntVariable("slab.refine", "Stored vectors that a search compares at first.",
                            "0 means as many as slab.target_recall asks for.", &refine_setting, 0,
                            0, INT_MAX, PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
    DefineCustomBoolVariable("slab.exact",
                             "Whether searches return rows in the order of a sequential scan.",
                             "They then consider every row of the index.", &exact_setting, false,
                             PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
    DefineCustomIntVariable("slab.max_scan_rows",
                            "Rows that an approximate search hands out at most to fill LIMIT.",
                            "It then ends with a warning. 0 means until LIMIT is filled or no row "
                            "is left.",
                            &max_scan_rows_setting, 0, 0, INT_MAX, PGC_USERSET, GUC_EXPLAIN,
                            check_max_scan_rows, assign_max_scan_rows, NULL);
}

int slab_maintenance_memory(void) {
    return slab_is_autovacuum() && autovacuum_work_mem != -1 ? autovacuum_work_mem
                                                             : maintenance_work_mem;
}

void slab_define_settings(void) {
    define_effort();
    DefineCustomBoolVariable(
        "slab.auto_compact",
        "Lets inserts and VACUUM start a background worker that maintains an index.",
        "They do when an index needs more than they may do themselves.", &auto_compact_setting,
        true, PGC_USERSET, 0, NULL, NULL, NULL);
    DefineCustomBoolVariable("slab.learn", "Lets indexes learn from this session's queries.",
                             "Some are searched for again in the background, where the library is "
                             "preloaded by the server.",
                             &learn_setting, true, PGC_USERSET, 0, NULL, NULL, NULL);
    DefineCustomStringVariable("slab.isa", "Instruction set of the distance kernels.",
                               "\"auto\" takes the best this CPU has.", &isa_setting, "auto",
                               PGC_USERSET, 0, check_isa, assign_isa, NULL);
}
