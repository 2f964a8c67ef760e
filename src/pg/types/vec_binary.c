/*
 * vec_binary.c - vec on the wire and in binary COPY: int16 dims, int16 zero, float4[dims],
 * big-endian.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"

#include "types/vec.h"

static void report_malformed(const char *detail) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
             errmsg("invalid binary representation of type vec"), errdetail_internal("%s", detail),
             errhint("Send int16 dimensions, int16 zero, and as many float4 values, all "
                     "big-endian.")));
}

/* Reports what pgs_vec_decode() said of so many bytes. */
static void report_wire(const PgsWire *wire, Size length, const float *values) {
    switch (wire->status) {
        case PGS_WIRE_OK:
            break;
        case PGS_WIRE_SHORT:
        case PGS_WIRE_LONG:
            if (wire->dims == 0)
                report_malformed(
                    psprintf("The value has %zu bytes, its header alone takes 4.", length));
            report_malformed(psprintf("The value has %zu bytes, %d dimensions take %zu.", length,
                                      wire->dims, 4 + sizeof(float) * (Size)wire->dims));
            break;
        case PGS_WIRE_DIMS:
            if (wire->dims > PGS_MAX_DIMS)
                vec_check_dims(wire->dims);
            report_malformed(psprintf("The header says %d dimensions.", wire->dims));
            break;
        case PGS_WIRE_RESERVED:
            report_malformed("The second field of the header is not zero.");
            break;
        case PGS_WIRE_NAN:
        case PGS_WIRE_INFINITE:
            vec_check_finite(values[wire->index], wire->index + 1);
            break;
    }
}

PG_FUNCTION_INFO_V1(vec_recv);
Datum vec_recv(PG_FUNCTION_ARGS) {
    StringInfo message = (StringInfo)PG_GETARG_POINTER(0);
    int32 typmod = PG_GETARG_INT32(2);
    int length = message->len - message->cursor;
    float values[PGS_MAX_DIMS];
    PgsWire wire =
        pgs_vec_decode((const unsigned char *)pq_getmsgbytes(message, length), length, values);

    if (wire.status != PGS_WIRE_OK)
        report_wire(&wire, length, values);
    vec_check_typmod(typmod, wire.dims, NULL);

    Vec *vec = vec_new(wire.dims);
    memcpy(vec->values, values, sizeof(float) * wire.dims);
    PG_RETURN_VEC_P(vec);
}

PG_FUNCTION_INFO_V1(vec_send);
Datum vec_send(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    StringInfoData message;

    pq_begintypsend(&message);
    enlargeStringInfo(&message, (int)VEC_SIZE(vec->dims));
    pq_writeint16(&message, (uint16)vec->dims);
    pq_writeint16(&message, (uint16)vec->unused);
    for (int i = 0; i < vec->dims; i++) {
        uint32 bits;

        memcpy(&bits, &vec->values[i], sizeof(bits));
        pq_writeint32(&message, bits);
    }

    PG_FREE_IF_COPY(vec, 0);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}
