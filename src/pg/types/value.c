/*
 * value.c - type modifiers, and the checks and messages that all types have.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"

#include "types/value.h"

/* Most bytes of the user's text that a message quotes: the text of a vector may be long. */
#define EXCERPT_BYTES 60

Datum value_typmod_in(FunctionCallInfo fcinfo, const TypeWords *type) {
    int count;
    int32 *modifiers = ArrayGetIntegerTypmods(PG_GETARG_ARRAYTYPE_P(0), &count);

    if (count != 1)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid type modifier"),
                        errdetail("Type %s takes 1 modifier, its dimensions, but %d were given.",
                                  type->name, count),
                        errhint("Write %s(n), or %s for any dimensions.", type->name, type->name)));
    if (modifiers[0] < 1 || modifiers[0] > type->max_dims)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("dimensions for type %s must be between 1 and %d", type->name,
                               type->max_dims),
                        errdetail("The type modifier is %d.", modifiers[0]),
                        errhint("Write %s(n), or %s for any dimensions.", type->name, type->name)));
    PG_RETURN_INT32(modifiers[0]);
}

Datum value_typmod_out(FunctionCallInfo fcinfo) {
    PG_RETURN_CSTRING(psprintf("(%d)", PG_GETARG_INT32(0)));
}

bool value_check_typmod(const TypeWords *type, int32 typmod, int32 dims, Node *context) {
    if (typmod == -1 || typmod == dims)
        return true;
    errsave(
        context,
        (errcode(ERRCODE_DATA_EXCEPTION), errmsg("expected %d dimensions, not %d", typmod, dims),
         errdetail("The type is %s(%d), the value has %d dimensions.", type->name, typmod, dims),
         errhint("Use a vector of the declared dimensions, or declare the type as "
                 "%s(%d), or as %s for any dimensions.",
                 type->name, dims, type->name)));
    return false;
}

void value_check_finite(const TypeWords *type, double number, int32 position) {
    if (isnan(number))
        value_report_not_finite(type, true, psprintf("Value %d is NaN.", position), NULL);
    if (isinf(number))
        value_report_not_finite(
            type, false, psprintf("Value %d is %sInfinity.", position, number < 0 ? "-" : ""),
            NULL);
}

void value_report_not_finite(const TypeWords *type, bool is_nan, const char *detail,
                             Node *context) {
    errsave(context, (errcode(ERRCODE_DATA_EXCEPTION),
                      is_nan ? errmsg("NaN is not allowed in %s", type->one)
                             : errmsg("infinity is not allowed in %s", type->one),
                      errdetail_internal("%s", detail),
                      errhint("Use a finite number, or NULL in place of the whole vector.")));
}

void value_report_out_of_range(const TypeWords *type, const char *number, const char *where,
                               Node *context) {
    errsave(context, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                      errmsg("\"%s\" is out of range for type %s", number, type->name),
                      errdetail("%s does not fit a %s.", where, type->element),
                      errhint("Scale the vector so that no value is beyond %s%s.", type->largest,
                              type->wider)));
}

void value_report_different_dims(const TypeWords *type, int32 left, int32 right) {
    ereport(ERROR,
            (errcode(ERRCODE_DATA_EXCEPTION),
             errmsg("different %s dimensions %d and %d", type->name, left, right),
             errdetail("One vector has %d dimensions, the other %d.", left, right),
             errhint("Only vectors of the same dimensions can be combined or compared; declare the "
                     "column as %s(n) to have them checked when they are stored.",
                     type->name)));
}

void value_report_different_lengths(int32 left, int32 right) {
    ereport(ERROR,
            (errcode(ERRCODE_DATA_EXCEPTION),
             errmsg("different bit string lengths %d and %d", left, right),
             errdetail("One bit string is of length %d, the other of length %d.", left, right),
             errhint("Only bit strings of the same length can be compared; declare the "
                     "column as bit(n) to have it checked when they are stored.")));
}

char *value_excerpt(const char *text, Size length) {
    int kept = pg_mbcliplen(text, (int)length, EXCERPT_BYTES);

    return psprintf("%.*s%s", kept, text, (Size)kept < length ? "..." : "");
}
