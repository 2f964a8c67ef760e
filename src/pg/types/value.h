/*
 * value.h - what values of every type pass on their way in, and what messages say of those that are
 * refused. Include postgres.h and fmgr.h first.
 */
#ifndef PGSLAB_TYPES_VALUE_H
#define PGSLAB_TYPES_VALUE_H

#include "base/compat.h"

/* What messages call a type. */
typedef struct TypeWords {
    const char *name;    /* "vec" */
    const char *one;     /* "a vec" */
    const char *element; /* "4-byte float" */
    const char *largest; /* "3.4028235e+38" */
    const char *wider;   /* ends a hint: ", or use type vec"; "" */
    int32 max_dims;
} TypeWords;

/* The functions of the type modifier, which is the dimensions. */
Datum value_typmod_in(FunctionCallInfo fcinfo, const TypeWords *type);
Datum value_typmod_out(FunctionCallInfo fcinfo);

/* Whether dims is what the type modifier asks for; otherwise data_exception, soft if context is an
 * ErrorSaveContext. */
bool value_check_typmod(const TypeWords *type, int32 typmod, int32 dims, Node *context);

/* ERROR data_exception for NaN and infinity. The position is the number's among those given, from
 * 1. */
void value_check_finite(const TypeWords *type, double number, int32 position);

/* ERROR data_exception for a NaN or an infinity, of which the detail says where it is; soft if
 * context is an ErrorSaveContext. */
void value_report_not_finite(const TypeWords *type, bool is_nan, const char *detail, Node *context);

/* ERROR numeric_value_out_of_range for a number, as text, that is too large for an element; soft if
 * context is an ErrorSaveContext. `where` is where it stands, as "Value 3". */
void value_report_out_of_range(const TypeWords *type, const char *number, const char *where,
                               Node *context);

/* Reports ERROR data_exception for two values that cannot be combined. */
void value_report_different_dims(const TypeWords *type, int32 left, int32 right);

/* The same for two bit strings. */
void value_report_different_lengths(int32 left, int32 right);

/* So many bytes of text to quote in a message, cut short between characters where it is long.
 * palloc'ed. */
char *value_excerpt(const char *text, Size length);

#endif
