/*
 * dense_text.c - values as text, "[1,2,3]", and the type modifier, as in vec(n).
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "fmgr.h"

#include "base/compat.h"
#include "types/dense.h"
#include "types/dense_functions.h"

/* What is wrong with text that has not the form of a vector; NULL if it has, and a value is at
 * fault.
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

/* Reports text of the right form that holds no value, too many, or one that the type has not. */
static void report_value(const DenseType *type, const PgsParse *parse, const char *fault,
                         Node *context) {
    int position = parse->dims + 1;
    Size byte = parse->offset + 1;

    if (parse->status == PGS_PARSE_EMPTY)
        errsave(context, (errcode(ERRCODE_DATA_EXCEPTION),
                          errmsg("%s must have at least 1 dimension", type->words.name),
                          errdetail("There is no value between the brackets."),
                          errhint("Use NULL where there is no vector.")));
    else if (parse->status == PGS_PARSE_TOO_MANY)
        errsave(context,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                 errmsg("%s cannot have more than %d dimensions", type->words.name, PGS_MAX_DIMS),
                 errdetail("Value %d begins at byte %zu.", position, byte),
                 errhint("Reduce the dimensions before storing the vector.")));
    else if (parse->status == PGS_PARSE_OUT_OF_RANGE)
        value_report_out_of_range(&type->words, fault,
                                  psprintf("Value %d, at byte %zu,", position, byte), context);
    else
        value_report_not_finite(
            &type->words, parse->status == PGS_PARSE_NAN,
            psprintf("Value %d, at byte %zu, is \"%s\".", position, byte, fault), context);
}

/* Reports why the core refused text. */
static void report_parse(const DenseType *type, const char *text, const PgsParse *parse,
                         Node *context) {
    const char *fault = value_excerpt(text + parse->offset, parse->length);
    const char *malformed = describe_malformed(parse, fault);

    if (malformed == NULL)
        report_value(type, parse, fault, context);
    else
        errsave(context, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
                          errmsg("invalid input syntax for type %s: \"%s\"", type->words.name,
                                 value_excerpt(text, strlen(text))),
                          errdetail_internal("%s", malformed),
                          errhint("Write decimal numbers between brackets, separated by commas, "
                                  "as in \"[1, 2.5, -3e2]\".")));
}

Datum dense_in(FunctionCallInfo fcinfo, const DenseType *type) {
    const char *text = PG_GETARG_CSTRING(0);
    int32 typmod = PG_GETARG_INT32(2);
    Node *context = fcinfo->context;
    float elements[PGS_MAX_DIMS]; /* room for those of any type */
    PgsParse parse = type->parse(text, strlen(text), elements);

    if (parse.status != PGS_PARSE_OK) {
        report_parse(type, text, &parse, context);
        PG_RETURN_NULL();
    }
    if (!value_check_typmod(&type->words, typmod, parse.dims, context))
        PG_RETURN_NULL();

    Dense *value = dense_new(type, parse.dims);
    memcpy(value->elements, elements, type->element_size * parse.dims);
    PG_RETURN_DENSE_P(value);
}

/* Prints each element with the fewest digits that read back as the same float32, whatever
 * extra_float_digits says: as the same number in every type. */
Datum dense_out(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);
    const float *floats = dense_floats(type, value);
    /* A number's length already counts its NUL, which is the room of the separator after it. */
    char *text = (char *)palloc(FLOAT_SHORTEST_DECIMAL_LEN * (Size)value->dims + 2);
    char *end = text;

    *end++ = '[';
    for (int i = 0; i < value->dims; i++) {
        if (i > 0)
            *end++ = ',';
        end += float_to_shortest_decimal_bufn(floats[i], end);
    }
    *end++ = ']';
    *end = '\0';

    dense_free_floats(value, floats);
    PG_FREE_IF_COPY(value, 0);
    PG_RETURN_CSTRING(text);
}

Datum dense_typmod_in(FunctionCallInfo fcinfo, const DenseType *type) {
    return value_typmod_in(fcinfo, &type->words);
}

Datum dense_typmod_out(FunctionCallInfo fcinfo, const DenseType *type) {
    return value_typmod_out(fcinfo);
}
