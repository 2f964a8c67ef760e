/*
 * dense_aggregate.c - avg() and sum().
 *
 * The state of both is a float8 array {count, sum of value 1, sum of value 2, ...}, {0} before the
 * first vector. It needs no serialisation to cross from a parallel worker, and float8 sums neither
 * overflow nor lose, over many rows, the digits that sums of elements would.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

#include "types/dense.h"
#include "types/dense_functions.h"

static void report_invalid_state(const DenseType *type, const char *detail) {
    ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                    errmsg("invalid state of %s aggregate", type->words.one),
                    errdetail_internal("%s", detail),
                    errhint("Call the aggregates avg(%s) and sum(%s) instead.", type->words.name,
                            type->words.name)));
}

/* Dims of a state, 0 before the first vector. Anybody may call these functions, with anything. */
static int state_dims(const DenseType *type, ArrayType *state) {
    if (ARR_NDIM(state) != 1 || ARR_HASNULL(state) || ARR_ELEMTYPE(state) != FLOAT8OID ||
        ARR_DIMS(state)[0] > PGS_MAX_DIMS + 1)
        report_invalid_state(
            type, psprintf("A state is a one-dimensional array of 1 to %d numbers, none of "
                           "them null.",
                           PGS_MAX_DIMS + 1));
    return ARR_DIMS(state)[0] - 1;
}

static float8 *state_numbers(ArrayType *state) {
    return (float8 *)ARR_DATA_PTR(state);
}

static ArrayType *new_state(int dims) {
    return dense_new_array(FLOAT8OID, sizeof(float8), dims + 1);
}

/* An aggregate owns its state, so there it is updated in place; otherwise in a copy. */
static ArrayType *writable_state(FunctionCallInfo fcinfo) {
    return AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0)
                                             : PG_GETARG_ARRAYTYPE_P_COPY(0);
}

Datum dense_accum(FunctionCallInfo fcinfo, const DenseType *type) {
    ArrayType *state = writable_state(fcinfo);
    Dense *value = PG_GETARG_DENSE_P(1);
    const float *floats = dense_floats(type, value);
    int dims = state_dims(type, state);

    if (dims == 0)
        state = new_state(value->dims);
    else if (dims != value->dims)
        value_report_different_dims(&type->words, dims, value->dims);

    float8 *numbers = state_numbers(state);
    numbers[0] += 1;
    for (int i = 0; i < value->dims; i++)
        numbers[i + 1] += floats[i];

    dense_free_floats(value, floats);
    PG_FREE_IF_COPY(value, 1);
    PG_RETURN_ARRAYTYPE_P(state);
}

Datum dense_combine(FunctionCallInfo fcinfo, const DenseType *type) {
    ArrayType *state = writable_state(fcinfo);
    ArrayType *other = PG_GETARG_ARRAYTYPE_P(1);
    int dims = state_dims(type, state);
    int other_dims = state_dims(type, other);

    /* A worker that met no vector has nothing to say about dims. */
    if (other_dims == 0)
        PG_RETURN_ARRAYTYPE_P(state);
    if (dims == 0)
        PG_RETURN_ARRAYTYPE_P(other);
    if (dims != other_dims)
        value_report_different_dims(&type->words, dims, other_dims);

    float8 *numbers = state_numbers(state);
    for (int i = 0; i <= dims; i++)
        numbers[i] += state_numbers(other)[i];
    PG_RETURN_ARRAYTYPE_P(state);
}

static void report_overflow(const DenseType *type, double number, int position) {
    ereport(ERROR,
            (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("value out of range: overflow"),
             errdetail("Value %d of the result, %.8g, does not fit a %s.", position, number,
                       type->words.element),
             errhint("Scale the vectors down first, or use avg() in place of sum()%s.",
                     type->words.wider)));
}

/* The sums, divided, as a value. */
static Dense *divide_sums(const DenseType *type, ArrayType *state, double divisor) {
    const float8 *numbers = state_numbers(state);
    int dims = state_dims(type, state);
    double *quotients = (double *)palloc(sizeof(double) * dims);
    int misfit;

    if (!(numbers[0] >= 1))
        report_invalid_state(type, "The count of vectors is less than 1.");
    for (int i = 0; i < dims; i++) {
        quotients[i] = numbers[i + 1] / divisor;
        if (isnan(quotients[i]))
            report_invalid_state(type, psprintf("The sum of value %d is NaN.", i + 1));
    }

    Dense *result = dense_from_doubles(type, quotients, dims, &misfit);
    if (misfit != 0)
        report_overflow(type, quotients[misfit - 1], misfit);
    return result;
}

/* Both are NULL, as the aggregates of numbers are, when no row had a vector. */

Datum dense_avg(FunctionCallInfo fcinfo, const DenseType *type) {
    ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);

    if (state_dims(type, state) == 0)
        PG_RETURN_NULL();
    PG_RETURN_DENSE_P(divide_sums(type, state, state_numbers(state)[0]));
}

Datum dense_sum(FunctionCallInfo fcinfo, const DenseType *type) {
    ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);

    if (state_dims(type, state) == 0)
        PG_RETURN_NULL();
    PG_RETURN_DENSE_P(divide_sums(type, state, 1));
}
