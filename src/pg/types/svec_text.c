/*
 * svec_text.c - svec as text, "{1:1.5,3:2}/5", and its type modifier, svec(n).
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "types/svec.h"

/* Most bytes that a non-zero takes as text: its index, a colon, its value and a comma. */
#define ELEMENT_BYTES (10 + 1 + FLOAT_SHORTEST_DECIMAL_LEN + 1)

/* What follows the last: a brace, a slash, the dims and a zero. */
#define DIMS_BYTES (1 + 1 + 10 + 1)

/* What is wrong with text that has not the form of an svec; NULL if it has, and what it says is at
 * fault. */
static char *describe_malformed(const PgsSvecParse *parse, const char *fault) {
    Size byte = parse->offset + 1;

    switch (parse->status) {
        case PGS_SVEC_NO_OPENING:
            if (parse->length == 0)
                return pstrdup("The text has no \"{\".");
            return psprintf("Found \"%s\" at byte %zu, where \"{\" was expected.", fault, byte);
        case PGS_SVEC_SYNTAX:
            return psprintf("Unexpected \"%s\" at byte %zu; elements read before it: %d.", fault,
                            byte, parse->count);
        case PGS_SVEC_UNTERMINATED:
            return psprintf("The text ends before the dimensions; elements read: %d.",
                            parse->count);
        case PGS_SVEC_TRAILING:
            return psprintf("Unexpected \"%s\" at byte %zu, after the dimensions.", fault, byte);
        default:
            return NULL;
    }
}

/* Reports a value that no svec may have, or one non-zero too many. */
static void report_value(const TypeWords *words, const PgsSvecParse *parse, const char *fault,
                         Node *context) {
    int32 position = parse->count + 1;
    Size byte = parse->offset + 1;

    if (parse->status == PGS_SVEC_TOO_MANY)
        errsave(context,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                 errmsg("%s cannot have more than %d non-zeros", words->name, PGS_SVEC_MAX_NNZ),
                 errdetail("The value of element %d begins at byte %zu.", position, byte),
                 errhint("Keep only the largest values of the vector.")));
    else if (parse->status == PGS_SVEC_OUT_OF_RANGE)
        value_report_out_of_range(words, fault,
                                  psprintf("The value of element %d, at byte %zu,", position, byte),
                                  context);
    else
        value_report_not_finite(
            words, parse->status == PGS_SVEC_NAN,
            psprintf("The value of element %d, at byte %zu, is \"%s\".", position, byte, fault),
            context);
}

/* Reports an index or dims out of range, or an index given twice. */
static void report_index(const TypeWords *words, const PgsSvecParse *parse, const char *fault,
                         Node *context) {
    Size byte = parse->offset + 1;

    if (parse->status == PGS_SVEC_INDEX)
        errsave(context,
                (errcode(ERRCODE_DATA_EXCEPTION),
                 errmsg("%s indices must be between 1 and %d", words->name, PGS_SVEC_MAX_DIMS),
                 errdetail("The index of element %d, at byte %zu, is \"%s\".", parse->count + 1,
                           byte, fault),
                 errhint("As text, indices count from 1 to the number of dimensions.")));
    else if (parse->status == PGS_SVEC_DIMS)
        errsave(context,
                (errcode(ERRCODE_DATA_EXCEPTION),
                 errmsg("%s must have between 1 and %d dimensions", words->name, PGS_SVEC_MAX_DIMS),
                 errdetail("The dimensions, at byte %zu, are \"%s\".", byte, fault),
                 errhint("Write the number of dimensions after the slash.")));
    else if (parse->status == PGS_SVEC_BEYOND_DIMS)
        errsave(context, (errcode(ERRCODE_DATA_EXCEPTION),
                          errmsg("%s index %d is beyond its %d dimensions", words->name,
                                 parse->index + 1, parse->dims),
                          errdetail("The largest index is %d, the number after the slash %d.",
                                    parse->index + 1, parse->dims),
                          errhint("As text, indices count from 1 to the number of dimensions.")));
    else
        errsave(context, (errcode(ERRCODE_DATA_EXCEPTION),
                          errmsg("%s must not have an index twice", words->name),
                          errdetail("Index %d is given more than once.", parse->index + 1),
                          errhint("Add up the values of an index first.")));
}

/* Reports why pgs_svec_parse() refused text. */
static void report_parse(const TypeWords *words, const char *text, const PgsSvecParse *parse,
                         Node *context) {
    const char *fault = value_excerpt(text + parse->offset, parse->length);
    const char *malformed = describe_malformed(parse, fault);

    if (malformed != NULL)
        errsave(
            context,
            (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
             errmsg("invalid input syntax for type %s: \"%s\"", words->name,
                    value_excerpt(text, strlen(text))),
             errdetail_internal("%s", malformed),
             errhint("Write indices and values between braces and the dimensions after a slash, as "
                     "in \"{1:1.5, 3:2}/5\".")));
    else if (parse->status == PGS_SVEC_INDEX || parse->status == PGS_SVEC_DIMS ||
             parse->status == PGS_SVEC_BEYOND_DIMS || parse->status == PGS_SVEC_DUPLICATE)
        report_index(words, parse, fault, context);
    else
        report_value(words, parse, fault, context);
}

static Datum read_text(FunctionCallInfo fcinfo, const TypeWords *words) {
    const char *text = PG_GETARG_CSTRING(0);
    int32 typmod = PG_GETARG_INT32(2);
    Node *context = fcinfo->context;
    Size length = strlen(text);
    Size colons = pgs_svec_count_colons(text, length);
    Size room = Min(colons, PGS_SVEC_MAX_NNZ);
    PgsSvecElement *elements = (PgsSvecElement *)palloc(sizeof(PgsSvecElement) * room);
    PgsSvecParse parse = pgs_svec_parse(text, length, elements, room);

    if (parse.status != PGS_SVEC_OK) {
        report_parse(words, text, &parse, context);
        PG_RETURN_NULL();
    }
    if (!value_check_typmod(words, typmod, parse.dims, context))
        PG_RETURN_NULL();

    Svec *svec = svec_from_elements(parse.dims, elements, parse.count);
    pfree(elements);
    PG_RETURN_SVEC_P(svec);
}

SVEC_FUNCTION(in, read_text)

static void report_too_long(const Svec *svec) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("svec with %d non-zeros is too large for its text form", svec->nnz),
                    errdetail("Text has less than a gigabyte, a non-zero takes up to %d bytes.",
                              ELEMENT_BYTES),
                    errhint("Use its binary form, as COPY does WITH (FORMAT binary).")));
}

/* Prints each value with the fewest digits that read back as the same float, whatever
 * extra_float_digits says. */
PG_FUNCTION_INFO_V1(svec_out);
Datum svec_out(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);
    StringInfoData text;

    initStringInfo(&text);
    appendStringInfoChar(&text, '{');
    for (int32 i = 0; i < svec->nnz; i++) {
        svec_check_interrupts(i);
        if (!AllocSizeIsValid((Size)text.len + ELEMENT_BYTES + DIMS_BYTES))
            report_too_long(svec);
        enlargeStringInfo(&text, ELEMENT_BYTES);
        if (i > 0)
            text.data[text.len++] = ',';
        text.len += pg_ltoa(svec->indices[i] + 1, text.data + text.len);
        text.data[text.len++] = ':';
        text.len += float_to_shortest_decimal_bufn(SVEC_VALUES(svec)[i], text.data + text.len);
    }
    appendStringInfo(&text, "}/%d", svec->dims);

    PG_FREE_IF_COPY(svec, 0);
    PG_RETURN_CSTRING(text.data);
}

SVEC_FUNCTION(typmod_in, value_typmod_in)

PG_FUNCTION_INFO_V1(svec_typmod_out);
Datum svec_typmod_out(PG_FUNCTION_ARGS) {
    return value_typmod_out(fcinfo);
}
