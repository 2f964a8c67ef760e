/*
 * guest_settings.c - what pgvector's settings for hnsw and ivfflat ask of searches.
 *
 * hnsw.ef_search and ivfflat.probes say how much to look at, and what that finds depends on the
 * data; an index of ours knows what work finds which share of the rows, and is asked for a share.
 * So pgvector's default is ours, and of what the default leaves to be missed a larger value allows
 * less: twice the ef_search half, four times the probes half.
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "utils/guc.h"

#include "base/guest_settings.h"
#include "base/settings.h"

/* pgvector's defaults, for which searches are to find what ours by default are. */
#define USUAL_EF_SEARCH 40
#define USUAL_PROBES 1
#define USUAL_MISS (1 - SLAB_DEFAULT_TARGET_RECALL)

#define MOST_EF_SEARCH 1000
#define MOST_PROBES 32768
#define MOST_MEM_MULTIPLIER 1000

/* What was set, NULL where nothing was. What was set and reset is empty, until the session ends. */
static const char *get_text(const char *name) {
    const char *value = GetConfigOption(name, true, false);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

static void report_invalid(const char *name, const char *value, const char *expected) {
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("invalid value for parameter \"%s\": \"%s\"", name, value),
            errdetail("A search of an index of access method %.*s takes %s, as in pgvector.",
                      (int)strcspn(name, "."), name, expected),
            errhint("SET %s to such a value, or RESET it.", name));
}

/* From 1 to the most. */
static int get_integer(const char *name, int usual, int most) {
    const char *text = get_text(name);
    int value = usual;

    if (text != NULL && (!parse_int(text, &value, 0, NULL) || value < 1 || value > most))
        report_invalid(name, text, psprintf("an integer between 1 and %d", most));
    return value;
}

static void check_real(const char *name, double most) {
    const char *text = get_text(name);
    double value;

    if (text != NULL && (!parse_real(text, &value, 0, NULL) || !(value >= 1 && value <= most)))
        report_invalid(name, text, psprintf("a number between 1 and %g", most));
}

/* Whether a scan is to go on until LIMIT is filled. Ours always does, in strict order. */
static bool is_iterative(const char *name, bool may_be_strict) {
    const char *text = get_text(name);

    if (text == NULL || pg_strcasecmp(text, "off") == 0)
        return false;
    if (pg_strcasecmp(text, "relaxed_order") != 0 &&
        !(may_be_strict && pg_strcasecmp(text, "strict_order") == 0))
        report_invalid(
            name, text,
            may_be_strict ? "off, relaxed_order or strict_order" : "off or relaxed_order");
    return true;
}

/* The recall at which so large a part is missed of what is by default. */
static void ask_for_recall(PgsEffort *effort, double part) {
    effort->target_recall =
        Min(Max(1 - USUAL_MISS * part, SLAB_LOWEST_TARGET_RECALL), SLAB_HIGHEST_TARGET_RECALL);
}

void slab_heed_hnsw(PgsEffort *effort, bool recall_is_set) {
    int ef_search = get_integer("hnsw.ef_search", USUAL_EF_SEARCH, MOST_EF_SEARCH);

    check_real("hnsw.scan_mem_multiplier", MOST_MEM_MULTIPLIER);
    if (!recall_is_set && ef_search != USUAL_EF_SEARCH)
        ask_for_recall(effort, (double)USUAL_EF_SEARCH / ef_search);
}

void slab_heed_ivfflat(PgsEffort *effort, bool recall_is_set, int lists) {
    int probes = get_integer("ivfflat.probes", USUAL_PROBES, MOST_PROBES);

    (void)get_integer("ivfflat.max_probes", MOST_PROBES, MOST_PROBES);
    (void)is_iterative("ivfflat.iterative_scan", false);
    if (recall_is_set || probes == USUAL_PROBES)
        return;
    if (probes >= lists)
        effort->exact = true;
    else
        ask_for_recall(effort, sqrt((double)USUAL_PROBES / probes));
}

uint32 slab_hnsw_max_scan_rows(void) {
    int most = get_integer("hnsw.max_scan_tuples", 0, INT_MAX);

    return is_iterative("hnsw.iterative_scan", true) ? (uint32)most : 0;
}
