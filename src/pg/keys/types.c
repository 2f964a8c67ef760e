/*
 * types.c - keys of the types that can be filter columns: the support functions of their operator
 * classes.
 *
 * A key keeps the order of values where their type's operators have one that bytes can keep. The
 * largest key is for NULL, so the values that would have it share the key below with others.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#undef USE_ICU /* of whose headers nothing is needed here */
#include "utils/pg_locale.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "base/compat.h"
#include "keys/enums.h"
#include "keys/keys.h"

#define SIGN4 UINT32_C(0x80000000)
#define SIGN8 UINT64_C(0x8000000000000000)

/* ---- from numbers to keys ---- */

static uint64 below_null(uint64 key, int bytes) {
    uint64 null_key = pgs_null_key(bytes);

    return Min(key, null_key - 1);
}

static uint64 key_of_int(int64 value, int bytes) {
    return below_null(bytes == 4 ? (uint32)(int32)value ^ SIGN4 : (uint64)value ^ SIGN8, bytes);
}

/* Zeros are equal whatever their sign, NaNs whatever their bits and greater than infinity. */
static uint64 key_of_double(double value) {
    union {
        double number;
        uint64 bits;
    } as = {isnan(value) ? get_float8_nan() : value + 0.0};

    as.bits &= isnan(value) ? ~SIGN8 : ~UINT64_C(0);
    return below_null((as.bits & SIGN8) != 0 ? ~as.bits : as.bits | SIGN8, 8);
}

static uint64 key_of_float(float value) {
    union {
        float number;
        uint32 bits;
    } as = {isnan(value) ? get_float4_nan() : value + 0.0F};

    as.bits &= isnan(value) ? ~SIGN4 : ~UINT32_C(0);
    return below_null((as.bits & SIGN4) != 0 ? ~as.bits : as.bits | SIGN4, 4);
}

/* ---- from keys to bounds ---- */

/* No other value has the key, unless it is the one that the largest values share. */
static SlabKeyBounds at_key(uint64 key, int bytes) {
    return (SlabKeyBounds){
        .equal = {key, key}, .least = key, .most = key, .unique = key < pgs_null_key(bytes) - 1};
}

/* Values that have the key may be less, equal or greater. */
static SlabKeyBounds around_key(uint64 key) {
    return (SlabKeyBounds){.equal = {key, key}, .least = key, .most = key};
}

/* The key's first bits, as the mask says, are in the order of values; the others tell values apart
 * that share those. */
static SlabKeyBounds bounds_of_beginning(uint64 key, uint64 mask) {
    return (SlabKeyBounds){
        .equal = {key, key}, .least = key & mask, .most = below_null(key | ~mask, 8)};
}

/* Keys say nothing of order. */
static SlabKeyBounds without_order(uint64 key, int bytes) {
    return (SlabKeyBounds){.equal = {key, key}, .least = 0, .most = pgs_null_key(bytes) - 1};
}

/* The value is less than all of the column's, or greater. */
static SlabKeyBounds outside(bool is_less, int bytes) {
    return is_less ? (SlabKeyBounds){.least = 0, .most = 0, .none = true}
                   : (SlabKeyBounds){.least = pgs_null_key(bytes) - 1,
                                     .most = pgs_null_key(bytes) - 1,
                                     .none = true};
}

/* ---- integers ---- */

static int64 int_of(Datum value, Oid type) {
    switch (type) {
        case INT2OID:
            return DatumGetInt16(value);
        case INT4OID:
            return DatumGetInt32(value);
        default:
            return DatumGetInt64(value);
    }
}

static SlabKeyBounds bounds_of_int(int64 value, int bytes, int64 least, int64 most) {
    if (value < least || value > most)
        return outside(value < least, bytes);
    return at_key(key_of_int(value, bytes), bytes);
}

static uint64 int2_key(Datum value, Oid collation) {
    return key_of_int(DatumGetInt16(value), 4);
}

static SlabKeyBounds int2_bounds(Datum value, Oid type, Oid collation) {
    return bounds_of_int(int_of(value, type), 4, PG_INT16_MIN, PG_INT16_MAX);
}

static uint64 int4_key(Datum value, Oid collation) {
    return key_of_int(DatumGetInt32(value), 4);
}

static SlabKeyBounds int4_bounds(Datum value, Oid type, Oid collation) {
    return bounds_of_int(int_of(value, type), 4, PG_INT32_MIN, PG_INT32_MAX);
}

static uint64 int8_key(Datum value, Oid collation) {
    return key_of_int(DatumGetInt64(value), 8);
}

static SlabKeyBounds int8_bounds(Datum value, Oid type, Oid collation) {
    return bounds_of_int(int_of(value, type), 8, PG_INT64_MIN, PG_INT64_MAX);
}

/* ---- floating-point numbers, and what is compared as such ---- */

static uint64 float4_key(Datum value, Oid collation) {
    return key_of_float(DatumGetFloat4(value));
}

/* A double may lie between two floats, and is equal to none then. */
static SlabKeyBounds float4_bounds(Datum value, Oid type, Oid collation) {
    double number = type == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value);
    float nearest = (float)number;
    SlabKeyBounds bounds = at_key(key_of_float(nearest), 4);

    if (isnan(number) || nearest == number)
        return bounds;
    bounds.unique = false;
    bounds.none = true;
    return bounds;
}

static uint64 float8_key(Datum value, Oid collation) {
    return key_of_double(DatumGetFloat8(value));
}

static SlabKeyBounds float8_bounds(Datum value, Oid type, Oid collation) {
    return at_key(key_of_double(type == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value)),
                  8);
}

/* Many numbers have the same key. */
static uint64 numeric_key(Datum value, Oid collation) {
    return key_of_double(DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value)));
}

static SlabKeyBounds numeric_bounds(Datum value, Oid type, Oid collation) {
    return around_key(numeric_key(value, collation));
}

/* ---- bool, uuid, enum ---- */

static uint64 bool_key(Datum value, Oid collation) {
    return DatumGetBool(value) ? 1 : 0;
}

static SlabKeyBounds bool_bounds(Datum value, Oid type, Oid collation) {
    return at_key(bool_key(value, collation), 4);
}

static uint64 first_bytes(const unsigned char *bytes, Size length, int n) {
    uint64 key = 0;

    for (int i = 0; i < n; i++)
        key = key << 8 | ((Size)i < length ? bytes[i] : 0);
    return key;
}

/* Its beginning, as long as the time is that many begin with, and a hash of all of it. */
static uint64 uuid_key(Datum value, Oid collation) {
    const unsigned char *bytes = DatumGetUUIDP(value)->data;

    return below_null(
        first_bytes(bytes, UUID_LEN, 6) << 16 | (hash_bytes(bytes, UUID_LEN) & 0xFFFF), 8);
}

static SlabKeyBounds uuid_bounds(Datum value, Oid type, Oid collation) {
    uint64 key = uuid_key(value, collation);

    return bounds_of_beginning(key, ~UINT64_C(0xFFFF));
}

/* Of which the order is in a catalog (enums.c). */
static uint64 enum_key(Datum value, Oid collation) {
    return below_null(DatumGetObjectId(value), 4);
}

static SlabKeyBounds enum_bounds(Datum value, Oid type, Oid collation) {
    return at_key(enum_key(value, collation), 4);
}

static SlabRanges enum_ordered(Datum value, bool from) {
    return slab_enum_keys(DatumGetObjectId(value), from, pgs_null_key(4) - 1);
}

/* ---- text ---- */

/* Whether texts of a collation are in the order of their bytes. */
static bool is_in_order_of_bytes(Oid collation) {
#if PG_VERSION_NUM >= 180000
    return pg_newlocale_from_collation(collation)->collate_is_c;
#else
    return lc_collate_is_c(collation);
#endif
}

/* In the order of bytes its beginning comes first, then a hash of all of it. Else it is a hash that
 * equal texts share, however they are spelt. */
static uint64 text_key(Datum value, Oid collation) {
    text *string = DatumGetTextPP(value);
    Size length = VARSIZE_ANY_EXHDR(string);
    const unsigned char *bytes = (const unsigned char *)VARDATA_ANY(string);

    if (is_in_order_of_bytes(collation))
        return below_null(first_bytes(bytes, length, 4) << 32 | hash_bytes(bytes, (int)length), 8);
    return below_null(DatumGetUInt64(DirectFunctionCall2Coll(
                          hashtextextended, collation, PointerGetDatum(string), Int64GetDatum(0))),
                      8);
}

static SlabKeyBounds text_bounds(Datum value, Oid type, Oid collation) {
    uint64 key = text_key(value, collation);
    SlabKeyBounds bounds = bounds_of_beginning(key, ~UINT64_C(0xFFFFFFFF));

    if (!is_in_order_of_bytes(collation))
        return without_order(key, 8);
    /* Only it begins with its bytes and a zero, which no text has. */
    bounds.unique = VARSIZE_ANY_EXHDR(DatumGetTextPP(value)) < 4;
    return bounds;
}

/* ---- dates and times ---- */

/* The value as the column's type sees it, at or before it. Infinite ones stay so. */
static DateADT date_of(Datum value, Oid type) {
    Timestamp time;

    if (type == DATEOID)
        return DatumGetDateADT(value);
    time = DatumGetTimestamp(value); /* or the instant, as UTC has it */
    if (TIMESTAMP_IS_NOBEGIN(time))
        return DATEVAL_NOBEGIN;
    if (TIMESTAMP_IS_NOEND(time))
        return DATEVAL_NOEND;
    return (DateADT)((time - (time % USECS_PER_DAY + USECS_PER_DAY) % USECS_PER_DAY) /
                     USECS_PER_DAY);
}

static Timestamp timestamp_of(Datum value, Oid type) {
    int overflow = 0;

    if (type == DATEOID)
        return date2timestamp_opt_overflow(DatumGetDateADT(value), &overflow);
    return DatumGetTimestamp(value); /* or the instant, as UTC has it */
}

static TimestampTz timestamptz_of(Datum value, Oid type) {
    int overflow = 0;

    switch (type) {
        case DATEOID:
            return date2timestamptz_opt_overflow(DatumGetDateADT(value), &overflow);
        case TIMESTAMPOID:
            return timestamp2timestamptz_opt_overflow(DatumGetTimestamp(value), &overflow);
        default:
            return DatumGetTimestampTz(value);
    }
}

static uint64 date_key(Datum value, Oid collation) {
    return key_of_int(DatumGetDateADT(value), 4);
}

/* Local times are compared with an instant by the instants that they stand for. These are as far
 * from them, taken for UTC, as the time zone is, which is less than a week for any that can be
 * named; and where clocks are put forward or back they are not in the order of local times. */
#define CLOCKS_DAYS 16

static SlabKeyBounds around_instant(int64 local, int64 day, int bytes) {
    int64 least = local < PG_INT64_MIN + day ? PG_INT64_MIN : local - day;
    int64 most = local > PG_INT64_MAX - day ? PG_INT64_MAX : local + day;
    PgsKeyRange near = {key_of_int(bytes == 4 ? Max(least, PG_INT32_MIN) : least, bytes),
                        key_of_int(bytes == 4 ? Min(most, PG_INT32_MAX) : most, bytes)};

    return (SlabKeyBounds){.equal = near, .least = near.first, .most = near.last};
}

static SlabKeyBounds date_bounds(Datum value, Oid type, Oid collation) {
    DateADT date = date_of(value, type);

    if (type == TIMESTAMPTZOID)
        return around_instant(date, CLOCKS_DAYS, 4);
    return type == DATEOID ? at_key(key_of_int(date, 4), 4) : around_key(key_of_int(date, 4));
}

static uint64 time_key(Datum value, Oid collation) {
    return key_of_int(DatumGetTimeADT(value), 8);
}

static SlabKeyBounds time_bounds(Datum value, Oid type, Oid collation) {
    return at_key(time_key(value, collation), 8);
}

static uint64 timestamp_key(Datum value, Oid collation) {
    return key_of_int(DatumGetTimestamp(value), 8);
}

static SlabKeyBounds timestamp_bounds(Datum value, Oid type, Oid collation) {
    Timestamp time = timestamp_of(value, type);

    if (type == TIMESTAMPTZOID)
        return around_instant(time, CLOCKS_DAYS * USECS_PER_DAY, 8);
    return type == TIMESTAMPOID ? at_key(key_of_int(time, 8), 8) : around_key(key_of_int(time, 8));
}

static SlabKeyBounds timestamptz_bounds(Datum value, Oid type, Oid collation) {
    uint64 key = key_of_int(timestamptz_of(value, type), 8);

    return type == TIMESTAMPTZOID ? at_key(key, 8) : around_key(key);
}

/* ---- sets ---- */

/* Elements are looked up by their keys only, so the largest may share one. */
static uint64 element_key(uint32 key) {
    return Min(key, pgs_no_key(4) - 1);
}

static uint64 int4_element(Datum element, Oid collation) {
    return element_key((uint32)DatumGetInt32(element) ^ SIGN4);
}

static uint64 text_element(Datum element, Oid collation) {
    return element_key(DatumGetUInt32(DirectFunctionCall1Coll(hashtext, collation, element)));
}

/* ---- the support functions ---- */

#define KEY_TYPE(name, ...)                            \
    PG_FUNCTION_INFO_V1(slab_keys_##name);             \
    Datum slab_keys_##name(PG_FUNCTION_ARGS) {         \
        static const SlabKeyType type = {__VA_ARGS__}; \
                                                       \
        PG_RETURN_POINTER(&type);                      \
    }

KEY_TYPE(bool, 4, bool_key, bool_bounds)
KEY_TYPE(int2, 4, int2_key, int2_bounds)
KEY_TYPE(int4, 4, int4_key, int4_bounds)
KEY_TYPE(int8, 8, int8_key, int8_bounds)
KEY_TYPE(float4, 4, float4_key, float4_bounds)
KEY_TYPE(float8, 8, float8_key, float8_bounds)
KEY_TYPE(numeric, 8, numeric_key, numeric_bounds)
KEY_TYPE(text, 8, text_key, text_bounds)
KEY_TYPE(uuid, 8, uuid_key, uuid_bounds)
KEY_TYPE(enum, 4, enum_key, enum_bounds, enum_ordered)
KEY_TYPE(date, 4, date_key, date_bounds)
KEY_TYPE(time, 8, time_key, time_bounds)
KEY_TYPE(timestamp, 8, timestamp_key, timestamp_bounds)
KEY_TYPE(timestamptz, 8, timestamp_key, timestamptz_bounds)

/* Most sets of labels have no more; further keys would cost every row. */
#define SET_KEYS 8

KEY_TYPE(int4_array, 4, NULL, NULL, NULL, SET_KEYS, int4_element, INT4OID)
KEY_TYPE(text_array, 4, NULL, NULL, NULL, SET_KEYS, text_element, TEXTOID)
