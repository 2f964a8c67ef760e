/*
 * vec_aggregate.c - avg(vec) and sum(vec).
 *
 * The state of both is a float8 array {count, sum of value 1, sum of value 2, ...}, {0} before the
 * first vec. It needs no serialisation to cross from a parallel worker, and float8 sums neither
 * overflow nor lose, over many rows, the digits float4 sums would.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

#include "types/vec.h"

static void report_invalid_state(const char *detail) {
    ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("invalid state of a vec aggregate"),
                    errdetail_internal("%s", detail),
                    errhint("Call the aggregates avg(vec) and sum(vec) instead.")));
}

/* Dims of a state, 0 before the first vec. Anybody may call these functions, with anything. */
static int state_dims(ArrayType *state) {
    if (ARR_NDIM(state) != 1 || ARR_HASNULL(state) || ARR_ELEMTYPE(state) != FLOAT8OID ||
        ARR_DIMS(state)[0] > PGS_MAX_DIMS + 1)
        report_invalid_state(
            psprintf("A state is a one-dimensional array of 1 to %d numbers, none of "
                     "them null.",
                     PGS_MAX_DIMS + 1));
    return ARR_DIMS(state)[0] - 1;
}

static float8 *state_numbers(ArrayType *state) {
    return (float8 *)ARR_DATA_PTR(state);
}

static ArrayType *new_state(int dims) {
    return vec_new_array(FLOAT8OID, sizeof(float8), dims + 1);
}

/* An aggregate owns its state, so there it is updated in place; otherwise in a copy. */
static ArrayType *writable_state(FunctionCallInfo fcinfo) {
    return AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0)
                                             : PG_GETARG_ARRAYTYPE_P_COPY(0);
}

PG_FUNCTION_INFO_V1(vec_accum);
Datum vec_accum(PG_FUNCTION_ARGS) {
    ArrayType *state = writable_state(fcinfo);
    Vec *vec = PG_GETARG_VEC_P(1);
    int dims = state_dims(state);

    if (dims == 0)
        state = new_state(vec->dims);
    else if (dims != vec->dims)
        vec_report_different_dims(dims, vec->dims);

    float8 *numbers = state_numbers(state);
    numbers[0] += 1;
    for (int i = 0; i < vec->dims; i++)
        numbers[i + 1] += vec->values[i];

    PG_FREE_IF_COPY(vec, 1);
    PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(vec_combine);
Datum vec_combine(PG_FUNCTION_ARGS) {
    ArrayType *state = writable_state(fcinfo);
    ArrayType *other = PG_GETARG_ARRAYTYPE_P(1);
    int dims = state_dims(state);
    int other_dims = state_dims(other);

    /* A worker that met no vec has nothing to say about dims. */
    if (other_dims == 0)
        PG_RETURN_ARRAYTYPE_P(state);
    if (dims == 0)
        PG_RETURN_ARRAYTYPE_P(other);
    if (dims != other_dims)
        vec_report_different_dims(dims, other_dims);

    float8 *numbers = state_numbers(state);
    for (int i = 0; i <= dims; i++)
        numbers[i] += state_numbers(other)[i];
    PG_RETURN_ARRAYTYPE_P(state);
}

/* The sums, divided, as a vec. */
static Vec *divide_sums(ArrayType *state, double divisor) {
    int dims = state_dims(state);
    Vec *result = vec_new(dims);

    if (!(state_numbers(state)[0] >= 1))
        report_invalid_state("The count of vectors is less than 1.");
    for (int i = 0; i < dims; i++) {
        double value = state_numbers(state)[i + 1] / divisor;

        if (isnan(value))
            report_invalid_state(psprintf("The sum of value %d is NaN.", i + 1));
        result->values[i] = (float)value;
        if (!isfinite(result->values[i]))
            ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                            errmsg("value out of range: overflow"),
                            errdetail("Value %d of the result, %.8g, does not fit a 4-byte float.",
                                      i + 1, value),
                            errhint("Scale the vectors down first, or use avg() in place of "
                                    "sum().")));
    }
    return result;
}

/* Both are NULL, as the aggregates of numbers are, when no row had a vec. */

PG_FUNCTION_INFO_V1(vec_avg);
Datum vec_avg(PG_FUNCTION_ARGS) {
    ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);

    if (state_dims(state) == 0)
        PG_RETURN_NULL();
    PG_RETURN_VEC_P(divide_sums(state, state_numbers(state)[0]));
}

PG_FUNCTION_INFO_V1(vec_sum);
Datum vec_sum(PG_FUNCTION_ARGS) {
    ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);

    if (state_dims(state) == 0)
        PG_RETURN_NULL();
    PG_RETURN_VEC_P(divide_sums(state, 1));
}
