/*
 * document_options.c - what builds and scans of an index of documents make of WITH (...), which
 * reloptions.c reads.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#include "store/options.h"

static void refuse(Relation index, const char *name, const char *documents, const char *why) {
    if (name != NULL)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("option \"%s\" does not apply to %s", name, documents),
                errdetail("Index \"%s\" %s.", RelationGetRelationName(index), why),
                errhint("Leave the option out."));
}

/* Terms are not coded, and rows are not in lists. */
static void refuse_options_of_vectors(Relation index, const SlabOptions *options) {
    refuse(index,
           options->storage != SLAB_AUTO_STORAGE ? "storage"
           : options->lists != 0                 ? "lists"
           : options->bits != SLAB_AUTO_BITS     ? "bits"
           : options->prefix_dims != 0           ? "prefix_dims"
           : options->sample != 0                ? "sample"
                                                 : NULL,
           "an index of documents", "stores which rows have a term, and with what weight");
}

static void refuse_options_of_text(Relation index, const SlabOptions *options) {
    refuse(index,
           options->k1 >= 0                          ? "k1"
           : options->b >= 0                         ? "b"
           : *slab_option_text_config(index) != '\0' ? "text_config"
                                                     : NULL,
           "sparse vectors", "does not score text");
}

static void choose_bm25(const SlabOptions *options, PgsInvertedOptions *result) {
    result->k1 = options == NULL || options->k1 < 0 ? SLAB_BM25_K1 : options->k1;
    result->b = options == NULL || options->b < 0 ? SLAB_BM25_B : options->b;
}

PgsInvertedOptions slab_document_options(Relation index) {
    const SlabOptions *options = (const SlabOptions *)index->rd_options;
    const SlabTypeInfo *type = slab_require_type(index);
    PgsInvertedOptions result = {.weights = type->documents->weights};

    if (options != NULL)
        refuse_options_of_vectors(index, options);
    if (result.weights == PGS_OCCURRENCES) {
        (void)slab_text_config(index);
        choose_bm25(options, &result);
    } else {
        if (options != NULL)
            refuse_options_of_text(index, options);
        result.dims = slab_declared_dims(index, type);
    }
    result.embedder = pstrdup(slab_option_embedder(index)); /* outlives the relation cache's */
    result.revision = pstrdup(slab_option_revision(index));
    return result;
}

Oid slab_text_config(Relation index) {
    const char *name = slab_option_text_config(index);
    List *names = *name != '\0' ? textToQualifiedNameList(cstring_to_text(name))
                                : list_make2(makeString("pg_catalog"), makeString("simple"));

    return get_ts_config_oid(names, false);
}
