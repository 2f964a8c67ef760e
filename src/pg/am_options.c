/*
 * am_options.c - WITH (storage, embedder, revision), and what a build makes of them.
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "fmgr.h"
#include "slab.h"

static relopt_kind slab_relopt_kind;

static relopt_enum_elt_def storage_values[] = {{"f16", PGS_F16}, {"f32", PGS_F32}, {NULL, 0}};

static void validate_embedder(const char *value) {
    if (value != NULL && strlen(value) > PGS_MAX_EMBEDDER)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("embedder name is too long"),
                errdetail("\"%s\" has %zu bytes, at most %d are kept.", value, strlen(value),
                          PGS_MAX_EMBEDDER),
                errhint("Choose a shorter name for the embedding model."));
}

void slab_init_options(void) {
    slab_relopt_kind = add_reloption_kind();
    add_enum_reloption(slab_relopt_kind, "storage", "How the index stores the elements of vectors",
                       storage_values, PGS_F16, "Valid values are \"f16\" and \"f32\".",
                       AccessExclusiveLock);
    add_string_reloption(slab_relopt_kind, "embedder", "Name of the model the vectors come from",
                         "", validate_embedder, AccessExclusiveLock);
    add_int_reloption(slab_relopt_kind, "revision", "Revision of the model the vectors come from",
                      0, 0, INT_MAX, AccessExclusiveLock);
}

bytea *slab_options(Datum reloptions, bool validate) {
    static const relopt_parse_elt table[] = {
        {"storage", RELOPT_TYPE_ENUM, offsetof(SlabOptions, storage)},
        {"embedder", RELOPT_TYPE_STRING, offsetof(SlabOptions, embedder)},
        {"revision", RELOPT_TYPE_INT, offsetof(SlabOptions, revision)},
    };

    return (bytea *)build_reloptions(reloptions, validate, slab_relopt_kind, sizeof(SlabOptions),
                                     table, lengthof(table));
}

static const char *option_embedder(const SlabOptions *options) {
    return options == NULL || options->embedder == 0 ? ""
                                                     : (const char *)options + options->embedder;
}

static uint32 option_revision(const SlabOptions *options) {
    return options == NULL ? 0 : (uint32)options->revision;
}

PgsOptions slab_build_options(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;
    const FmgrInfo *proc = index_getprocinfo(index, 1, SLAB_METRIC_PROC);
    const SlabOpclass *opclass = (const SlabOpclass *)DatumGetPointer(
        FunctionCall1Coll((FmgrInfo *)proc, InvalidOid, PointerGetDatum(NULL)));
    PgsOptions result;

    result.dims = TupleDescAttr(RelationGetDescr(index), 0)->atttypmod;
    if (result.dims < 0)
        ereport(
            ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("column does not have dimensions"),
            errdetail(
                "A slab index needs to know how many dimensions the vectors of index \"%s\" have.",
                RelationGetRelationName(index)),
            errhint("Declare the column as vec(n), or index the expression (column::vec(n))."));
    result.metric = opclass->metric;
    result.storage = options == NULL ? PGS_F16 : (PgsStorage)options->storage;
    result.embedder = pstrdup(option_embedder(options)); /* outlives the relation cache's */
    result.revision = option_revision(options);
    return result;
}

/* The options say what the user believes the vectors are; the metapage says what was built. */
void slab_check_embedder(Relation index, const PgsMetaInfo *info) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;

    if (strcmp(option_embedder(options), info->embedder) != 0 ||
        option_revision(options) != info->revision)
        ereport(
            ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
            errmsg("index \"%s\" was built for another embedder", RelationGetRelationName(index)),
            errdetail("It was built for embedder \"%s\" revision %u, its options name \"%s\" "
                      "revision %u.",
                      info->embedder, info->revision, option_embedder(options),
                      option_revision(options)),
            errhint("REINDEX the index once its table holds the new embedder's vectors, or set the "
                    "options back."));
}
