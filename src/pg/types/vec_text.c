/*
 * vec_text.c - vec as text, "[1,2,3]", and its type modifier, vec(n).
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "fmgr.h"
#include "utils/array.h"

#include "base/compat.h"
#include "types/vec.h"

/* What is wrong with text that has not the form of a vec; NULL if it has, and a value is at fault.
 */
static char *describe_malformed(const PgsParse *parse, const char *fault) {
    Size byte = parse->offset + 1;

    switch (parse->status) {
        case PGS_PARSE_NO_OPENING:
            if (parse->length == 0)
                return pstrdup("The text has no \"[\".");
            return psprintf("Found \"%s\" at byte %zu, where \"[\" was expected.", fault, byte);
        case PGS_PARSE_SYNTAX:
            return psprintf("Unexpected \"%s\" at byte %zu; values read before it: %d.", fault,
                            byte, parse->dims);
        case PGS_PARSE_UNTERMINATED:
            return psprintf("The text ends without \"]\"; values read: %d.", parse->dims);
        case PGS_PARSE_TRAILING:
            return psprintf("Unexpected \"%s\" at byte %zu, after the closing \"]\".", fault, byte);
        default:
            return NULL;
    }
}

/* Reports text of the right form that holds no value, too many, or one that no vec may have. */
static void report_value(const PgsParse *parse, const char *fault, Node *context) {
    int position = parse->dims + 1;
    Size byte = parse->offset + 1;

    if (parse->status == PGS_PARSE_EMPTY)
        errsave(context,
                (errcode(ERRCODE_DATA_EXCEPTION), errmsg("vec must have at least 1 dimension"),
                 errdetail("There is no value between the brackets."),
                 errhint("Use NULL where there is no vector.")));
    else if (parse->status == PGS_PARSE_TOO_MANY)
        errsave(context, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                          errmsg("vec cannot have more than %d dimensions", PGS_MAX_DIMS),
                          errdetail("Value %d begins at byte %zu.", position, byte),
                          errhint("Reduce the dimensions before storing the vector.")));
    else if (parse->status == PGS_PARSE_OUT_OF_RANGE)
        errsave(context,
                (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                 errmsg("\"%s\" is out of range for type vec", fault),
                 errdetail("Value %d, at byte %zu, does not fit a 4-byte float.", position, byte),
                 errhint("Scale the vector so that no value is beyond 3.4028235e+38.")));
    else
        errsave(context,
                (errcode(ERRCODE_DATA_EXCEPTION),
                 parse->status == PGS_PARSE_NAN ? errmsg("NaN is not allowed in a vec")
                                                : errmsg("infinity is not allowed in a vec"),
                 errdetail("Value %d, at byte %zu, is \"%s\".", position, byte, fault),
                 errhint("Use a finite number, or NULL in place of the whole vector.")));
}

/* Reports why pgs_vec_parse() refused text. */
static void report_parse(const char *text, const PgsParse *parse, Node *context) {
    const char *fault = vec_excerpt(text + parse->offset, parse->length);
    const char *malformed = describe_malformed(parse, fault);

    if (malformed == NULL)
        report_value(parse, fault, context);
    else
        errsave(
            context,
            (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
             errmsg("invalid input syntax for type vec: \"%s\"", vec_excerpt(text, strlen(text))),
             errdetail_internal("%s", malformed),
             errhint("Write decimal numbers between brackets, separated by commas, as in "
                     "\"[1, 2.5, -3e2]\".")));
}

PG_FUNCTION_INFO_V1(vec_in);
Datum vec_in(PG_FUNCTION_ARGS) {
    const char *text = PG_GETARG_CSTRING(0);
    int32 typmod = PG_GETARG_INT32(2);
    Node *context = fcinfo->context;
    float values[PGS_MAX_DIMS];
    PgsParse parse = pgs_vec_parse(text, strlen(text), values);

    if (parse.status != PGS_PARSE_OK) {
        report_parse(text, &parse, context);
        PG_RETURN_NULL();
    }
    if (!vec_check_typmod(typmod, parse.dims, context))
        PG_RETURN_NULL();

    Vec *vec = vec_new(parse.dims);
    memcpy(vec->values, values, sizeof(float) * parse.dims);
    PG_RETURN_VEC_P(vec);
}

/* Prints each value with the fewest digits that read back as the same float, whatever
 * extra_float_digits says. */
PG_FUNCTION_INFO_V1(vec_out);
Datum vec_out(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    /* A number's length already counts its NUL, which is the room of the separator after it. */
    char *text = (char *)palloc(FLOAT_SHORTEST_DECIMAL_LEN * (Size)vec->dims + 2);
    char *end = text;

    *end++ = '[';
    for (int i = 0; i < vec->dims; i++) {
        if (i > 0)
            *end++ = ',';
        end += float_to_shortest_decimal_bufn(vec->values[i], end);
    }
    *end++ = ']';
    *end = '\0';

    PG_FREE_IF_COPY(vec, 0);
    PG_RETURN_CSTRING(text);
}

PG_FUNCTION_INFO_V1(vec_typmod_in);
Datum vec_typmod_in(PG_FUNCTION_ARGS) {
    int count;
    int32 *modifiers = ArrayGetIntegerTypmods(PG_GETARG_ARRAYTYPE_P(0), &count);

    if (count != 1)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid type modifier"),
                 errdetail("Type vec takes 1 modifier, its dimensions, but %d were given.", count),
                 errhint("Write vec(n), or vec for any dimensions.")));
    if (modifiers[0] < 1 || modifiers[0] > PGS_MAX_DIMS)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("dimensions for type vec must be between 1 and %d", PGS_MAX_DIMS),
                        errdetail("The type modifier is %d.", modifiers[0]),
                        errhint("Write vec(n), or vec for any dimensions.")));
    PG_RETURN_INT32(modifiers[0]);
}

PG_FUNCTION_INFO_V1(vec_typmod_out);
Datum vec_typmod_out(PG_FUNCTION_ARGS) {
    PG_RETURN_CSTRING(psprintf("(%d)", PG_GETARG_INT32(0)));
}
