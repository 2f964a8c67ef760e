/*
 * dense_arith.c - element-wise arithmetic, concatenation and parts of values.
 *
 * Results too small for an element become the nearest one, zero included, as when text is read;
 * results too large are errors.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/dense.h"
#include "types/dense_functions.h"

/* Two arguments of the same dims, and room for what is computed of them. */
typedef struct Operands {
    const float *left;
    const float *right;
    float *result;
    int dims;
} Operands;

static Operands get_operands(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *left = PG_GETARG_DENSE_P(0);
    Dense *right = PG_GETARG_DENSE_P(1);

    dense_check_same_dims(type, left, right);
    return (Operands){
        .left = dense_floats(type, left),
        .right = dense_floats(type, right),
        .result = (float *)palloc(sizeof(float) * left->dims),
        .dims = left->dims,
    };
}

/* Operands are finite, so what does not fit is an overflow. */
static Dense *round_result(const DenseType *type, const Operands *operands, const char *symbol) {
    int misfit;
    Dense *result = dense_from_floats(type, operands->result, operands->dims, &misfit);

    if (unlikely(misfit != 0))
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        errmsg("value out of range: overflow"),
                        errdetail("Value %d, %.8g %s %.8g, does not fit a %s.", misfit,
                                  operands->left[misfit - 1], symbol, operands->right[misfit - 1],
                                  type->words.element),
                        errhint("Scale the vectors down first, for example with l2_normalize()%s.",
                                type->words.wider)));
    return result;
}

#define DEFINE_ELEMENTWISE(function, operator)                                \
    Datum function(FunctionCallInfo fcinfo, const DenseType *type) {          \
        Operands operands = get_operands(fcinfo, type);                       \
        for (int i = 0; i < operands.dims; i++)                               \
            operands.result[i] = operands.left[i] operator operands.right[i]; \
        PG_RETURN_DENSE_P(round_result(type, &operands, #operator));          \
    }

DEFINE_ELEMENTWISE(dense_add, +)
DEFINE_ELEMENTWISE(dense_sub, -)
DEFINE_ELEMENTWISE(dense_mul, *)

Datum dense_concat(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *left = PG_GETARG_DENSE_P(0);
    Dense *right = PG_GETARG_DENSE_P(1);
    Size left_size = type->element_size * left->dims;

    dense_check_dims(type, left->dims + right->dims);

    Dense *result = dense_new(type, left->dims + right->dims);
    memcpy(result->elements, left->elements, left_size);
    memcpy(result->elements + left_size, right->elements, type->element_size * right->dims);
    PG_RETURN_DENSE_P(result);
}

/*
 * subvector(value, start, count): like substring(), positions count from 1 and what lies outside
 * the value is left out; what remains must not be empty.
 */
Datum dense_subvector(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);
    int64 start = PG_GETARG_INT32(1);
    int64 count = PG_GETARG_INT32(2);
    int64 first = Max(start, 1);
    int64 last = Min(start + count - 1, value->dims);

    if (count < 1 || last < first)
        ereport(ERROR,
                (errcode(ERRCODE_DATA_EXCEPTION),
                 errmsg("%s must have at least 1 dimension", type->words.name),
                 errdetail("Of a vector of %d dimensions, %d from position %d were asked for.",
                           value->dims, (int)count, (int)start),
                 errhint("Positions count from 1; ask for at least 1.")));

    Dense *result = dense_new(type, (int)(last - first + 1));
    memcpy(result->elements, value->elements + type->element_size * (first - 1),
           type->element_size * result->dims);
    PG_RETURN_DENSE_P(result);
}
