/*
 * options.c - what builds, scans and maintenance make of WITH (...), which reloptions.c reads.
 *
 * What can be said of an option alone is checked when it is set. What depends on the vectors is
 * checked by builds, since the same options may come to stand for other columns.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/settings.h"
#include "pgslab/index.h"
#include "pgslab/types.h"
#include "store/identity.h"
#include "store/options.h"

/* Tombstones that take less are not worth a rewrite. */
#define FEW_DEAD_BYTES (64 * 1024)

/* A string option by its offset, which is 0 when it was not given. */
static const char *text_at(const SlabOptions *options, int offset) {
    return offset == 0 ? "" : (const char *)options + offset;
}

const char *slab_option_embedder(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;

    return options == NULL ? "" : text_at(options, options->embedder);
}

const char *slab_option_revision(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;

    return options == NULL ? "" : text_at(options, options->revision);
}

const char *slab_option_text_config(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;

    return options == NULL ? "" : text_at(options, options->text_config);
}

/* An option that was given and changes nothing. */
static void refuse_option(Relation index, const char *name, const char *distance, const char *why) {
    if (name != NULL)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("option \"%s\" does not apply to the distance %s", name, distance),
                errdetail("Index \"%s\" %s.", RelationGetRelationName(index), why),
                errhint("Leave the option out, or use an operator class for another distance."));
}

/* Indexes of other access methods cannot be given what is for text. */
static void refuse_text_options(Relation index, const SlabOptions *options) {
    const char *name;

    if (options == NULL || slab_dialect(index->rd_indam) != SLAB_NATIVE)
        return;
    name = options->k1 >= 0                          ? "k1"
           : options->b >= 0                         ? "b"
           : *slab_option_text_config(index) != '\0' ? "text_config"
                                                     : NULL;
    if (name != NULL)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("option \"%s\" does not apply to vectors", name),
                errdetail("Index \"%s\" does not score text.", RelationGetRelationName(index)),
                errhint("Leave the option out."));
}

/* Distances of the metric L1 are compared with the vectors themselves. */
static void refuse_codes(Relation index, const SlabOptions *options) {
    refuse_option(index,
                  options->lists != 0               ? "lists"
                  : options->bits != SLAB_AUTO_BITS ? "bits"
                  : options->prefix_dims != 0       ? "prefix_dims"
                  : options->sample != 0            ? "sample"
                                                    : NULL,
                  "<+>",
                  "would have neither lists nor codes: a search by L1 distance reads all vectors");
}

/* Sets are stored as they are, in a bit an element, and a code of more could say no more. */
static void refuse_widths(Relation index, const SlabOptions *options, PgsMetric metric) {
    refuse_option(index,
                  options->storage != SLAB_AUTO_STORAGE                   ? "storage"
                  : options->bits != SLAB_AUTO_BITS && options->bits != 0 ? "bits"
                  : options->prefix_dims != 0                             ? "prefix_dims"
                                                                          : NULL,
                  metric == PGS_HAMMING ? "<~>" : "<%>", "stores the bits of its rows as they are");
}

/* Of vectors a bit for each element is stored, and that is what codes are made of. */
static void choose_signs(Relation index, const SlabOptions *options, PgsOptions *result) {
    const char *name = options->bits != SLAB_AUTO_BITS && options->bits != 0 ? "bits"
                       : options->prefix_dims != 0                           ? "prefix_dims"
                                                                             : NULL;

    if (name != NULL)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("option \"%s\" does not apply to storage = bits", name),
                errdetail("Index \"%s\" has a bit for each dimension, and nothing finer.",
                          RelationGetRelationName(index)),
                errhint("Leave the option out, or choose another storage."));
    result->metric = PGS_HAMMING;
    result->storage = PGS_BITS;
    result->signs = true;
}

/* Of how many dimensions codes are, where it is not of all. */
static int prefix_dims(Relation index, const SlabOptions *options, int dims) {
    int prefix = options == NULL ? 0 : options->prefix_dims;

    if (prefix % PGS_PREFIX_UNIT != 0)
        ereport(
            ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("prefix_dims must be a multiple of %d", PGS_PREFIX_UNIT),
            errdetail("Index \"%s\" has prefix_dims = %d.", RelationGetRelationName(index), prefix),
            errhint("Set prefix_dims to a multiple of %d that the embedding model was trained "
                    "for, or to 0 for none.",
                    PGS_PREFIX_UNIT));
    if (prefix >= dims && prefix != 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("prefix_dims must be below the vectors' dimensions"),
                errdetail("The vectors of index \"%s\" have %d dimensions, prefix_dims is %d.",
                          RelationGetRelationName(index), dims, prefix),
                errhint("Set prefix_dims to a lower number, or to 0 for none."));
    return prefix;
}

/* dims: those that codes are of. */
static int refine_bits(Relation index, const SlabOptions *options, int dims) {
    int bits = options == NULL ? SLAB_AUTO_BITS : options->bits;

    if (bits == SLAB_AUTO_BITS)
        return pgs_auto_refine_bits(dims);
    if (dims > pgs_most_dims(bits))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("too many dimensions for refinement codes of %d bits", bits),
                errdetail("The codes of index \"%s\" would have %d dimensions, they can have at "
                          "most %d.",
                          RelationGetRelationName(index), dims, pgs_most_dims(bits)),
                errhint("Set bits to a lower number, or leave it to the default, \"auto\"."));
    return bits;
}

/* A domain has its base type's. The length of a varbit is the most that its values may have. */
int slab_declared_dims(Relation index, const SlabTypeInfo *type) {
    Form_pg_attribute column = TupleDescAttr(RelationGetDescr(index), 0);
    int32 dims = column->atttypmod;

    if (getBaseTypeAndTypmod(column->atttypid, &dims) == VARBITOID)
        dims = -1;
    if (dims < 0)
        ereport(
            ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("column does not have dimensions"),
            errdetail(
                "A slab index needs to know how many dimensions the vectors of index \"%s\" have.",
                RelationGetRelationName(index)),
            errhint("Declare the column as %s(n), or index the expression (column::%s(n)).",
                    type->name, type->name));
    return dims;
}

const SlabTypeInfo *slab_type_info(Relation index) {
    Datum info = FunctionCall1Coll(index_getprocinfo(index, 1, SLAB_TYPE_PROC), InvalidOid,
                                   PointerGetDatum(NULL));

    return (const SlabTypeInfo *)DatumGetPointer(info);
}

bool slab_is_inverted(Relation index) {
    return OidIsValid(index_getprocid(index, 1, SLAB_TYPE_PROC)) &&
           slab_type_info(index)->documents != NULL;
}

const SlabTypeInfo *slab_type_info_of_family(Oid family, Oid type) {
    Oid proc = get_opfamily_proc(family, type, type, SLAB_TYPE_PROC);

    return OidIsValid(proc) ? (const SlabTypeInfo *)DatumGetPointer(
                                  OidFunctionCall1(proc, PointerGetDatum(NULL)))
                            : NULL;
}

static const SlabTypeInfo *info_of_default_class(Oid access_method, Oid type) {
    Oid opclass = GetDefaultOpClass(type, access_method);
    const SlabTypeInfo *info =
        OidIsValid(opclass)
            ? slab_type_info_of_family(get_opclass_family(opclass), get_opclass_input_type(opclass))
            : NULL;

    return info != NULL && info->documents == NULL ? info : NULL;
}

/* Access methods are few, and this is asked once a statement. */
const SlabTypeInfo *slab_type_info_of_type(Oid access_method, Oid type) {
    const SlabTypeInfo *info = info_of_default_class(access_method, type);
    Relation catalog;
    SysScanDesc scan;
    HeapTuple tuple;

    if (info != NULL)
        return info;
    catalog = table_open(AccessMethodRelationId, AccessShareLock);
    scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0, NULL);
    while (info == NULL && HeapTupleIsValid(tuple = systable_getnext(scan))) {
        Oid other = ((Form_pg_am)GETSTRUCT(tuple))->oid;

        if (slab_is_access_method(other))
            info = info_of_default_class(other, type);
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return info;
}

/* Of which ivfflat.probes is a share; 0 for other indexes. */
static int ivfflat_lists(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;

    if (slab_dialect(index->rd_indam) != SLAB_IVFFLAT)
        return 0;
    return options == NULL ? SLAB_IVFFLAT_LISTS : options->ivfflat_lists;
}

PgsEffort slab_index_effort(Relation index) {
    return slab_effort(slab_dialect(index->rd_indam), ivfflat_lists(index));
}

uint32 slab_index_max_scan_rows(Relation index, const char **setting) {
    return slab_max_scan_rows(slab_dialect(index->rd_indam), setting);
}

/* What goes with the metric, by the options if there is a choice. */
static void choose_storage(Relation index, const SlabOptions *options, PgsOptions *result) {
    bool of_sets = slab_type_info(index)->storage == PGS_BITS;

    if (!of_sets && options != NULL && options->storage == PGS_BITS) {
        choose_signs(index, options, result);
        return;
    }
    if (result->metric == PGS_L1 && options != NULL)
        refuse_codes(index, options);
    if (of_sets && options != NULL)
        refuse_widths(index, options, result->metric);
    result->storage = of_sets ? PGS_BITS
                      : options == NULL || options->storage == SLAB_AUTO_STORAGE
                          ? PGS_F16
                          : (PgsStorage)options->storage;
    if (of_sets || result->metric == PGS_L1)
        return;
    result->prefix_dims = prefix_dims(index, options, result->dims);
    result->refine_bits =
        refine_bits(index, options, result->prefix_dims != 0 ? result->prefix_dims : result->dims);
}

/* A class may take a column of another type, where a cast without a function leads from that to its
 * own; but no operator of that type would be the class's, so that no query could use the index. Bit
 * strings of both kinds have one operator. */
static void refuse_other_type(Relation index, const SlabTypeInfo *type) {
    Oid column = getBaseType(TupleDescAttr(RelationGetDescr(index), 0)->atttypid);
    Oid class = index->rd_opcintype[0];

    if (column != class && class != VARBITOID)
        ereport(ERROR, errcode(ERRCODE_DATATYPE_MISMATCH),
                errmsg("operator class of index \"%s\" is of another type than its column",
                       RelationGetRelationName(index)),
                errdetail("The column is of type %s, the class of type %s.", format_type_be(column),
                          format_type_be(class)),
                errhint("Use a class of the column's type, or index an expression cast to %s.",
                        type->name));
}

const SlabTypeInfo *slab_require_type(Relation index) {
    const SlabTypeInfo *type;

    if (!OidIsValid(index_getprocid(index, 1, SLAB_TYPE_PROC)))
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("the first column of a slab index must be a vector"),
                errdetail("The first column of index \"%s\" can only be a filter column.",
                          RelationGetRelationName(index)),
                errhint("Name the column of vectors first, then those that queries filter by."));
    type = slab_type_info(index);
    refuse_other_type(index, type);
    return type;
}

PgsOptions slab_build_options(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;
    const SlabTypeInfo *type = slab_require_type(index);
    PgsOptions result = {0};

    refuse_text_options(index, options);
    result.dims = slab_declared_dims(index, type);
    if (result.dims > PGS_MAX_DIMS)
        ereport(
            ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
            errmsg("too many dimensions for a slab index"),
            errdetail("The vectors of index \"%s\" have %d dimensions, at most %d are possible.",
                      RelationGetRelationName(index), result.dims, PGS_MAX_DIMS),
            errhint("Index an expression of %s(%d) or less.", type->name, PGS_MAX_DIMS));
    result.metric = type->metric;
    choose_storage(index, options, &result);
    result.embedder = pstrdup(slab_option_embedder(index)); /* outlives the relation cache's */
    result.revision = pstrdup(slab_option_revision(index));
    return result;
}

void slab_check_options(Relation index) {
    if (slab_is_inverted(index))
        (void)slab_document_options(index);
    else
        (void)slab_build_options(index);
}

bool slab_wants_addresses(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;

    return options != NULL && options->addresses;
}

PgsPlan slab_requested_plan(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;
    PgsPlan plan = {0, 0};

    if (options != NULL) {
        plan.lists = options->lists;
        plan.sample = options->sample;
    }
    return plan;
}

PgsPolicy slab_policy(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;
    PgsPolicy policy = {0};

    policy.flush_rows = options == NULL ? 0 : (uint32)options->seal_threshold;
    policy.dead_share = options == NULL ? SLAB_VACUUM_THRESHOLD : options->vacuum_threshold;
    policy.dead_bytes = FEW_DEAD_BYTES;
    policy.lists = slab_requested_plan(index).lists;
    return policy;
}

/* Whether f32 keeps what is lost: under cosine vectors are normalised before they are stored. */
static bool gains_by_f32(Relation index, const PgsMetaInfo *info) {
    return info->storage == PGS_I8 ||
           (info->storage == PGS_F16 &&
            (info->metric == PGS_COSINE || slab_type_info(index)->storage != PGS_F16));
}

/* Without refinement codes, vectors are compared as they are stored. */
const char *slab_remedy_for_codes(Relation index, const PgsMetaInfo *info) {
    int coded = info->prefix_dims != 0 ? info->prefix_dims : info->dims;
    bool finer_bits = info->refine_bits == 4 && coded <= pgs_most_dims(8);

    if (info->signs)
        return "Build it with another storage than bits, or search with slab.exact.";
    if (gains_by_f32(index, info))
        return finer_bits ? "Build it with storage = f32 and bits = 8, or search with slab.exact."
                          : "Build it with storage = f32, or search with slab.exact.";
    return finer_bits ? "Build it with bits = 8, or search with slab.exact."
                      : "Search with slab.exact.";
}

/* The options say what the user believes the vectors are; the metapage says what was built. */
void slab_check_embedder(Relation index, const PgsMetaInfo *info) {
    const char *embedder = slab_option_embedder(index);
    const char *revision = slab_option_revision(index);

    if (strcmp(embedder, info->embedder) != 0 || strcmp(revision, info->revision) != 0)
        ereport(
            ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
            errmsg("index \"%s\" was built for another embedder", RelationGetRelationName(index)),
            errdetail("It was built for embedder \"%s\" revision \"%s\", its options name "
                      "\"%s\" revision \"%s\".",
                      info->embedder, info->revision, embedder, revision),
            errhint("REINDEX the index once its table holds the new embedder's vectors, or set the "
                    "options back."));
}
