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

/* The value, which pgvector takes from 1 to the most; *value stays where none was set, or another.
 */
static bool read_integer(const char *name, int most, int *value) {
    const char *text = get_text(name);
    int given;

    if (text == NULL)
        return true;
    if (!parse_int(text, &given, 0, NULL) || given < 1 || given > most)
        return false;
    *value = given;
    return true;
}

static bool is_real(const char *name, double most) {
    const char *text = get_text(name);
    double value;

    return text == NULL || (parse_real(text, &value, 0, NULL) && value >= 1 && value <= most);
}

/* Whether a scan is to go on until LIMIT is filled. Ours always does, in strict order. */
static bool read_iterative(const char *name, bool may_be_strict, bool *is_on) {
    const char *text = get_text(name);

    *is_on = text != NULL && (pg_strcasecmp(text, "relaxed_order") == 0 ||
                              (may_be_strict && pg_strcasecmp(text, "strict_order") == 0));
    return *is_on || text == NULL || pg_strcasecmp(text, "off") == 0;
}

/* ---- what pgvector would have refused */

static void require(bool is_valid, const char *name, const char *expected) {
    if (!is_valid)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("invalid value for parameter \"%s\": \"%s\"", name, get_text(name)),
                errdetail("A search of an index of access method %.*s takes %s, as in pgvector.",
                          (int)strcspn(name, "."), name, expected),
                errhint("SET %s to such a value, or RESET it.", name));
}

static void require_integer(const char *name, int most) {
    int value;

    require(read_integer(name, most, &value), name, psprintf("an integer between 1 and %d", most));
}

static void require_iterative(const char *name, bool may_be_strict) {
    bool is_on;

    require(read_iterative(name, may_be_strict, &is_on), name,
            may_be_strict ? "off, relaxed_order or strict_order" : "off or relaxed_order");
}

void slab_check_hnsw(void) {
    require_integer("hnsw.ef_search", MOST_EF_SEARCH);
    require_integer("hnsw.max_scan_tuples", INT_MAX);
    require_iterative("hnsw.iterative_scan", true);
    require(is_real("hnsw.scan_mem_multiplier", MOST_MEM_MULTIPLIER), "hnsw.scan_mem_multiplier",
            psprintf("a number between 1 and %d", MOST_MEM_MULTIPLIER));
}

void slab_check_ivfflat(void) {
    require_integer("ivfflat.probes", MOST_PROBES);
    require_integer("ivfflat.max_probes", MOST_PROBES);
    require_iterative("ivfflat.iterative_scan", false);
}

/* ---- what is asked for */

/* The recall at which so large a part is missed of what is by default. */
static void ask_for_recall(PgsEffort *effort, double part) {
    effort->target_recall =
        Min(Max(1 - USUAL_MISS * part, SLAB_LOWEST_TARGET_RECALL), SLAB_HIGHEST_TARGET_RECALL);
}

void slab_heed_hnsw(PgsEffort *effort, bool recall_is_set) {
    int ef_search = USUAL_EF_SEARCH;

    (void)read_integer("hnsw.ef_search", MOST_EF_SEARCH, &ef_search);
    if (!recall_is_set && ef_search != USUAL_EF_SEARCH)
        ask_for_recall(effort, (double)USUAL_EF_SEARCH / ef_search);
}

void slab_heed_ivfflat(PgsEffort *effort, bool recall_is_set, int lists) {
    int probes = USUAL_PROBES;

    (void)read_integer("ivfflat.probes", MOST_PROBES, &probes);
    if (recall_is_set || probes == USUAL_PROBES)
        return;
    if (probes >= lists)
        effort->exact = true;
    else
        ask_for_recall(effort, sqrt((double)USUAL_PROBES / probes));
}

uint32 slab_hnsw_max_scan_rows(void) {
    int most = 0;
    bool is_on;

    (void)read_integer("hnsw.max_scan_tuples", INT_MAX, &most);
    (void)read_iterative("hnsw.iterative_scan", true, &is_on);
    return is_on ? (uint32)most : 0;
}
