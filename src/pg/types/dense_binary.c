/*
 * dense_binary.c - values on the wire and in binary COPY: int16 dims, int16 zero, and the elements'
 * bits, all big-endian.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"

#include "types/dense.h"
#include "types/dense_functions.h"

#define HEADER_BYTES 4

static void report_malformed(const DenseType *type, const char *detail) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                    errmsg("invalid binary representation of type %s", type->words.name),
                    errdetail_internal("%s", detail),
                    errhint("Send int16 dimensions, int16 zero, and as many values, each a %s, all "
                            "big-endian.",
                            type->words.element)));
}

/* The element of a message as float32. */
static float element_at(const DenseType *type, const char *elements, int index) {
    return *type->floats(elements + type->element_size * index, 1);
}

/* Reports what the core said of so many bytes. */
static void report_wire(const DenseType *type, const PgsWire *wire, Size length,
                        const void *elements) {
    switch (wire->status) {
        case PGS_WIRE_OK:
            break;
        case PGS_WIRE_SHORT:
        case PGS_WIRE_LONG:
            if (wire->dims == 0)
                report_malformed(
                    type, psprintf("The value has %zu bytes, its header alone takes %d.", length,
                                   HEADER_BYTES));
            report_malformed(
                type, psprintf("The value has %zu bytes, %d dimensions take %zu.", length,
                               wire->dims, HEADER_BYTES + type->element_size * (Size)wire->dims));
            break;
        case PGS_WIRE_DIMS:
            if (wire->dims > PGS_MAX_DIMS)
                dense_check_dims(type, wire->dims);
            report_malformed(type, psprintf("The header says %d dimensions.", wire->dims));
            break;
        case PGS_WIRE_RESERVED:
            report_malformed(type, "The second field of the header is not zero.");
            break;
        case PGS_WIRE_NAN:
        case PGS_WIRE_INFINITE:
            value_check_finite(&type->words, element_at(type, elements, wire->index),
                               wire->index + 1);
            break;
    }
}

Datum dense_recv(FunctionCallInfo fcinfo, const DenseType *type) {
    StringInfo message = (StringInfo)PG_GETARG_POINTER(0);
    int32 typmod = PG_GETARG_INT32(2);
    int length = message->len - message->cursor;
    float elements[PGS_MAX_DIMS]; /* room for those of any type */
    PgsWire wire =
        type->decode((const unsigned char *)pq_getmsgbytes(message, length), length, elements);

    if (wire.status != PGS_WIRE_OK)
        report_wire(type, &wire, length, elements);
    value_check_typmod(&type->words, typmod, wire.dims, NULL);

    Dense *value = dense_new(type, wire.dims);
    memcpy(value->elements, elements, type->element_size * wire.dims);
    PG_RETURN_DENSE_P(value);
}

Datum dense_send(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);
    StringInfoData message;

    pq_begintypsend(&message);
    enlargeStringInfo(&message, (int)DENSE_SIZE(type, value->dims));
    pq_writeint16(&message, (uint16)value->dims);
    pq_writeint16(&message, (uint16)value->unused);
    type->send(&message, value->elements, value->dims);

    PG_FREE_IF_COPY(value, 0);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}
