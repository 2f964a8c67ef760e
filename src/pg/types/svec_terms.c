/*
 * svec_terms.c - svec_hash_terms(terms, weights, dims): a sparse vector of weighted terms, which
 * takes no vocabulary.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

#include "types/svec.h"

static void check_dims(int32 dims) {
    if (dims < 1 || dims > PGS_SVEC_MAX_DIMS)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("dims must be between 1 and %d", PGS_SVEC_MAX_DIMS),
                        errdetail("svec_hash_terms() was called with dims %d.", dims),
                        errhint("The more dims, the fewer terms share one; a million or more cost "
                                "nothing.")));
}

/* The number of elements of one of the arrays; ERROR if it has more than one dimension. */
static int count_elements(ArrayType *array, const char *name) {
    if (ARR_NDIM(array) > 1)
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("%s must be a one-dimensional array", name),
                        errdetail("The array has %d dimensions.", ARR_NDIM(array)),
                        errhint("Give one array of terms and one of their weights.")));
    return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
}

static void report_null(const char *name, int position) {
    ereport(ERROR,
            (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not contain nulls", name),
             errdetail("Element %d is null.", position),
             errhint("Leave out terms that are not there.")));
}

/* Terms and weights as the elements of a vector, in the order they are given. */
static PgsSvecElement *hash_terms(ArrayType *terms, ArrayType *weights, int32 dims, int *count) {
    Datum *term;
    Datum *weight;
    bool *term_is_null;
    bool *weight_is_null;
    int weight_count;

    deconstruct_array(terms, TEXTOID, -1, false, TYPALIGN_INT, &term, &term_is_null, count);
    deconstruct_array(weights, FLOAT4OID, sizeof(float4), true, TYPALIGN_INT, &weight,
                      &weight_is_null, &weight_count);

    PgsSvecElement *elements = (PgsSvecElement *)palloc(sizeof(PgsSvecElement) * (Size)*count);
    for (int i = 0; i < *count; i++) {
        if (term_is_null[i])
            report_null("terms", i + 1);
        if (weight_is_null[i])
            report_null("weights", i + 1);
        elements[i].index = pgs_svec_hash_term(VARDATA_ANY(DatumGetPointer(term[i])),
                                               VARSIZE_ANY_EXHDR(DatumGetPointer(term[i])), dims);
        elements[i].value = DatumGetFloat4(weight[i]);
        value_check_finite(&svec_words, elements[i].value, i + 1);
    }
    return elements;
}

PG_FUNCTION_INFO_V1(svec_hash_terms);
Datum svec_hash_terms(PG_FUNCTION_ARGS) {
    ArrayType *terms = PG_GETARG_ARRAYTYPE_P(0);
    ArrayType *weights = PG_GETARG_ARRAYTYPE_P(1);
    int32 dims = PG_GETARG_INT32(2);
    int count = count_elements(terms, "terms");
    int weight_count = count_elements(weights, "weights");

    check_dims(dims);
    if (count != weight_count)
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("terms and weights must have the same number of elements"),
                        errdetail("There are %d terms and %d weights.", count, weight_count),
                        errhint("Give each term its weight, at the same place.")));

    PgsSvecElement *elements = hash_terms(terms, weights, dims, &count);
    PgsSvecResult result = pgs_svec_gather(elements, (size_t)count);
    if (result.overflow)
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        errmsg("value out of range: overflow"),
                        errdetail("The sum of weights at index %d does not fit a 4-byte float.",
                                  result.index + 1),
                        errhint("Scale the weights down first.")));
    PG_RETURN_SVEC_P(svec_from_elements(dims, elements, result.nnz));
}
