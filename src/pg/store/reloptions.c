/*
 * reloptions.c - WITH (storage, embedder, revision, lists, bits, prefix_dims, sample, addresses,
 * seal_threshold, vacuum_threshold, k1, b, text_config), as the server reads them; and, for the
 * access methods that pgslab_compat calls hnsw and ivfflat, WITH (m, ef_construction) and WITH
 * (lists) of theirs.
 *
 * Those of hnsw and ivfflat have the bounds they have in pgvector, and are kept as they were given,
 * so that a dump has them. Of an index they change nothing, which a notice says.
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "commands/defrem.h"
#include "lib/stringinfo.h"

#include "pgslab/index.h"
#include "pgslab/types.h"
#include "store/options.h"

static relopt_kind slab_kind;
static relopt_kind hnsw_kind;
static relopt_kind ivfflat_kind;

#define MOST_SEAL_THRESHOLD 1000000

static relopt_enum_elt_def storage_values[] = {
    {"auto", SLAB_AUTO_STORAGE}, {"f16", PGS_F16}, {"f32", PGS_F32}, {"int8", PGS_I8},
    {"bits", PGS_BITS},          {NULL, 0}};
static relopt_enum_elt_def bits_values[] = {
    {"auto", SLAB_AUTO_BITS}, {"none", 0}, {"4", 4}, {"8", 8}, {NULL, 0}};

static void validate_text(const char *value, const char *what) {
    if (value != NULL && strlen(value) > PGS_MAX_TEXT)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("embedder %s is too long", what),
                errdetail("\"%s\" has %zu bytes, at most %d are kept.", value, strlen(value),
                          PGS_MAX_TEXT),
                errhint("Choose a shorter %s for the embedding model.", what));
}

static void validate_embedder(const char *value) {
    validate_text(value, "name");
}

static void validate_revision(const char *value) {
    validate_text(value, "revision");
}

/* The options that indexes of all our access methods have. */
static void add_options_of_all(bits32 kinds) {
    add_enum_reloption(kinds, "storage", "How the index stores the elements of vectors",
                       storage_values, SLAB_AUTO_STORAGE,
                       "Valid values are \"auto\", \"f16\", \"f32\", \"int8\" and \"bits\".",
                       AccessExclusiveLock);
    add_string_reloption(kinds, "embedder", "Name of the model the vectors come from", "",
                         validate_embedder, AccessExclusiveLock);
    add_string_reloption(kinds, "revision", "Revision of the model the vectors come from", "",
                         validate_revision, AccessExclusiveLock);
    /* The next build heeds these; until then they change nothing. */
    add_enum_reloption(kinds, "bits", "Bits of a vector's refinement code for each dim",
                       bits_values, SLAB_AUTO_BITS,
                       "Valid values are \"auto\", \"none\", \"4\" and \"8\".",
                       ShareUpdateExclusiveLock);
    add_int_reloption(kinds, "prefix_dims",
                      "Dimensions that codes are of, the first of each vector; 0 is all", 0, 0,
                      PGS_MAX_DIMS, ShareUpdateExclusiveLock);
    add_int_reloption(kinds, "sample", "Rows to train the lists with; 0 is automatic", 0, 0,
                      INT_MAX, ShareUpdateExclusiveLock);
    add_bool_reloption(kinds, "addresses",
                       "Whether rows that other indexes name are found by their addresses", false,
                       ShareUpdateExclusiveLock);
    /* Maintenance heeds these whenever it looks. */
    add_int_reloption(kinds, "seal_threshold",
                      "Inserted rows that are turned into lists together; 0 is automatic", 0, 0,
                      MOST_SEAL_THRESHOLD, ShareUpdateExclusiveLock);
    add_real_reloption(kinds, "vacuum_threshold",
                       "Share of tombstones from which on rows are written anew",
                       SLAB_VACUUM_THRESHOLD, 0.01, 1.0, ShareUpdateExclusiveLock);
}

/* Those of indexes of text. */
static void add_options_of_text(void) {
    /* The next build heeds these two; until then they change nothing. */
    add_real_reloption(slab_kind, "k1",
                       "BM25's k1: how much it counts that a word occurs more than once",
                       SLAB_AUTO_BM25, 0, PGS_MAX_K1, ShareUpdateExclusiveLock);
    add_real_reloption(slab_kind, "b", "BM25's b: how much longer documents are scored lower",
                       SLAB_AUTO_BM25, 0, 1, ShareUpdateExclusiveLock);
    add_string_reloption(slab_kind, "text_config",
                         "Text search configuration for queries that are plain text", "", NULL,
                         ShareUpdateExclusiveLock);
}

/* Those of pgvector, with its bounds. */
static void add_options_of_guests(void) {
    add_int_reloption(hnsw_kind, "m", "Has no effect: a graph would have so many connections",
                      SLAB_HNSW_M, 2, 100, ShareUpdateExclusiveLock);
    add_int_reloption(hnsw_kind, "ef_construction",
                      "Has no effect: a graph would be built with so many candidates",
                      SLAB_HNSW_EF_CONSTRUCTION, 4, 1000, ShareUpdateExclusiveLock);
    add_int_reloption(ivfflat_kind, "lists",
                      "Has no effect on the index; ivfflat.probes is a share of so many",
                      SLAB_IVFFLAT_LISTS, 1, SLAB_IVFFLAT_MOST_LISTS, ShareUpdateExclusiveLock);
}

void slab_init_options(void) {
    slab_kind = add_reloption_kind();
    hnsw_kind = add_reloption_kind();
    ivfflat_kind = add_reloption_kind();
    add_options_of_all(slab_kind | hnsw_kind | ivfflat_kind);
    add_int_reloption(slab_kind | hnsw_kind, "lists",
                      "Lists to divide the vectors into; 0 is automatic", 0, 0, PGS_MAX_LISTS,
                      ShareUpdateExclusiveLock);
    add_options_of_text();
    add_options_of_guests();
}

static SlabOptions *parse_options(Datum reloptions, bool validate, relopt_kind kind) {
    const relopt_parse_elt table[] = {
        {"storage", RELOPT_TYPE_ENUM, offsetof(SlabOptions, storage)},
        {"embedder", RELOPT_TYPE_STRING, offsetof(SlabOptions, embedder)},
        {"revision", RELOPT_TYPE_STRING, offsetof(SlabOptions, revision)},
        {"lists", RELOPT_TYPE_INT,
         kind == ivfflat_kind ? offsetof(SlabOptions, ivfflat_lists)
                              : offsetof(SlabOptions, lists)},
        {"bits", RELOPT_TYPE_ENUM, offsetof(SlabOptions, bits)},
        {"prefix_dims", RELOPT_TYPE_INT, offsetof(SlabOptions, prefix_dims)},
        {"sample", RELOPT_TYPE_INT, offsetof(SlabOptions, sample)},
        {"addresses", RELOPT_TYPE_BOOL, offsetof(SlabOptions, addresses)},
        {"seal_threshold", RELOPT_TYPE_INT, offsetof(SlabOptions, seal_threshold)},
        {"vacuum_threshold", RELOPT_TYPE_REAL, offsetof(SlabOptions, vacuum_threshold)},
        {"k1", RELOPT_TYPE_REAL, offsetof(SlabOptions, k1)},
        {"b", RELOPT_TYPE_REAL, offsetof(SlabOptions, b)},
        {"text_config", RELOPT_TYPE_STRING, offsetof(SlabOptions, text_config)},
        {"m", RELOPT_TYPE_INT, offsetof(SlabOptions, m)},
        {"ef_construction", RELOPT_TYPE_INT, offsetof(SlabOptions, ef_construction)},
    };

    return build_reloptions(reloptions, validate, kind, sizeof(SlabOptions), table,
                            lengthof(table));
}

bytea *slab_options(Datum reloptions, bool validate) {
    return (bytea *)parse_options(reloptions, validate, slab_kind);
}

/* Says which of these options were given, if any were, and that they change nothing. */
static void notice_options(Datum reloptions, const char *access_method, const char *const *names,
                           int count) {
    StringInfoData given;
    ListCell *cell;

    initStringInfo(&given);
    foreach (cell, untransformRelOptions(reloptions)) {
        const char *name = lfirst_node(DefElem, cell)->defname;

        for (int i = 0; i < count; i++)
            if (strcmp(name, names[i]) == 0)
                appendStringInfo(&given, "%s%s", given.len > 0 ? " and " : "", name);
    }
    if (given.len > 0)
        ereport(
            NOTICE,
            errmsg("access method %s is pgslab's here, and indexes are built without regard to %s",
                   access_method, given.data),
            errdetail("The index measures itself, and knows what work finds which share of "
                      "the nearest rows."),
            errhint("To ask for a share, set slab.target_recall."));
    pfree(given.data);
}

bytea *slab_hnsw_options(Datum reloptions, bool validate) {
    static const char *const names[] = {"m", "ef_construction"};
    SlabOptions *options = parse_options(reloptions, validate, hnsw_kind);

    if (!validate)
        return (bytea *)options;
    if (options->ef_construction < 2 * options->m)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("ef_construction must be greater than or equal to 2 * m"),
                errdetail("For access method hnsw ef_construction is %d, and m is %d.",
                          options->ef_construction, options->m),
                errhint("Leave both out: the index has no use for them."));
    notice_options(reloptions, "hnsw", names, lengthof(names));
    return (bytea *)options;
}

bytea *slab_ivfflat_options(Datum reloptions, bool validate) {
    static const char *const names[] = {"lists"};
    SlabOptions *options = parse_options(reloptions, validate, ivfflat_kind);

    if (validate)
        notice_options(reloptions, "ivfflat", names, lengthof(names));
    return (bytea *)options;
}
