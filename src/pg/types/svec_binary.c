/*
 * svec_binary.c - svec on the wire and in binary COPY: int32 dims, int32 nnz, int32 zero,
 * int32[nnz] indices from 0, float4[nnz] values, big-endian.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"

#include "types/svec.h"

/* Bytes before the indices. */
#define WIRE_HEADER_BYTES 12

static void report_malformed(const TypeWords *words, const char *detail) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
             errmsg("invalid binary representation of type %s", words->name),
             errdetail_internal("%s", detail),
             errhint("Send int32 dimensions, int32 number of non-zeros, int32 zero, their int32 "
                     "indices from 0 in ascending order, and their float4 values, all "
                     "big-endian.")));
}

/* Reports what the core said of so many bytes. */
static void report_wire(const TypeWords *words, const PgsSvecWire *wire, Size length,
                        const float *values) {
    switch (wire->status) {
        case PGS_SVEC_WIRE_OK:
            break;
        case PGS_SVEC_WIRE_SHORT:
        case PGS_SVEC_WIRE_LONG:
            if (wire->dims == 0)
                report_malformed(
                    words, psprintf("The value has %zu bytes, its header alone takes %d.", length,
                                    WIRE_HEADER_BYTES));
            report_malformed(words,
                             psprintf("The value has %zu bytes, %d non-zeros take %zu.", length,
                                      wire->nnz, WIRE_HEADER_BYTES + 8 * (Size)wire->nnz));
            break;
        case PGS_SVEC_WIRE_DIMS:
            report_malformed(words, psprintf("The header says %d dimensions, of 1 to %d.",
                                             wire->dims, PGS_SVEC_MAX_DIMS));
            break;
        case PGS_SVEC_WIRE_NNZ:
            report_malformed(words, psprintf("The header says %d non-zeros of %d dimensions.",
                                             wire->nnz, wire->dims));
            break;
        case PGS_SVEC_WIRE_RESERVED:
            report_malformed(words, "The third field of the header is not zero.");
            break;
        case PGS_SVEC_WIRE_INDEX:
            report_malformed(words, psprintf("Index %d, of value %d, is not in 0 to %d.",
                                             wire->index, wire->at + 1, wire->dims - 1));
            break;
        case PGS_SVEC_WIRE_ORDER:
            report_malformed(words,
                             psprintf("Index %d, of value %d, is not above the one before it.",
                                      wire->index, wire->at + 1));
            break;
        case PGS_SVEC_WIRE_ZERO:
            report_malformed(words, psprintf("Value %d is zero.", wire->at + 1));
            break;
        case PGS_SVEC_WIRE_NAN:
        case PGS_SVEC_WIRE_INFINITE:
            value_check_finite(words, values[wire->at], wire->at + 1);
            break;
    }
}

static Datum receive(FunctionCallInfo fcinfo, const TypeWords *words) {
    StringInfo message = (StringInfo)PG_GETARG_POINTER(0);
    int32 typmod = PG_GETARG_INT32(2);
    int length = message->len - message->cursor;
    const unsigned char *bytes = (const unsigned char *)pq_getmsgbytes(message, length);
    PgsSvecWire wire = pgs_svec_decode_header(bytes, length);

    if (wire.status != PGS_SVEC_WIRE_OK)
        report_wire(words, &wire, length, NULL);

    Svec *svec = svec_new(wire.dims, wire.nnz);
    wire = pgs_svec_decode(bytes, length, svec->indices, SVEC_VALUES(svec));
    if (wire.status != PGS_SVEC_WIRE_OK)
        report_wire(words, &wire, length, SVEC_VALUES(svec));
    value_check_typmod(words, typmod, wire.dims, NULL);
    PG_RETURN_SVEC_P(svec);
}

SVEC_FUNCTION(recv, receive)

PG_FUNCTION_INFO_V1(svec_send);
Datum svec_send(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);
    const float *values = SVEC_VALUES(svec);
    StringInfoData message;

    pq_begintypsend(&message);
    enlargeStringInfo(&message, (int)SVEC_SIZE(svec->nnz));
    pq_writeint32(&message, (uint32)svec->dims);
    pq_writeint32(&message, (uint32)svec->nnz);
    pq_writeint32(&message, (uint32)svec->unused);
    for (int32 i = 0; i < svec->nnz; i++) {
        svec_check_interrupts(i);
        pq_writeint32(&message, (uint32)svec->indices[i]);
    }
    for (int32 i = 0; i < svec->nnz; i++) {
        uint32 bits;

        svec_check_interrupts(i);
        memcpy(&bits, &values[i], sizeof(bits));
        pq_writeint32(&message, bits);
    }

    PG_FREE_IF_COPY(svec, 0);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}
