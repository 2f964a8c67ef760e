/*
 * hvec.c - the type hvec: elements of IEEE half precision, as their bit patterns.
 *
 * They are computed with as float32, which has them all; results are rounded back once. For sums,
 * differences and products of two elements the nearest half of the nearest float32 is the nearest
 * half, since 24 binary places are enough for twice 11.
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "types/dense.h"
#include "types/dense_functions.h"

#define SIGN 0x8000
#define INFINITE 0x7c00

static PgsParse parse(const char *text, size_t length, void *elements) {
    return pgs_hvec_parse(text, length, elements);
}

static PgsWire decode(const unsigned char *wire, size_t length, void *elements) {
    return pgs_hvec_decode(wire, length, elements);
}

static void send_elements(StringInfo message, const void *elements, int n) {
    const uint16 *halves = elements;

    for (int i = 0; i < n; i++)
        pq_writeint16(message, halves[i]);
}

static const float *floats(const void *elements, int n) {
    float *result = (float *)palloc(sizeof(float) * n);

    pgs_half_to_float(elements, result, n);
    return result;
}

/* The number of the first infinite element, from 1; 0 if there is none. The loop that looks for any
 * does not branch on them, to stay vectorisable. */
static int find_infinite(const uint16 *halves, int n) {
    int infinite = 0;
    int i = 0;

    for (int j = 0; j < n; j++)
        infinite |= (halves[j] & ~SIGN) >= INFINITE;
    if (likely(!infinite))
        return 0;
    while ((halves[i] & ~SIGN) < INFINITE)
        i++;
    return i + 1;
}

static int from_floats(const float *numbers, int n, void *elements) {
    pgs_half_from_float(numbers, elements, n);
    return find_infinite(elements, n);
}

static int from_doubles(const double *numbers, int n, void *elements) {
    pgs_half_from_double(numbers, elements, n);
    return find_infinite(elements, n);
}

/* A number that orders as the half does. */
static int order_of(uint16 half) {
    return (half & SIGN) ? -(half & ~SIGN) : half;
}

static int compare(const void *left, const void *right, int n) {
    const uint16 *a = left;
    const uint16 *b = right;

    for (int i = 0; i < n; i++)
        if (order_of(a[i]) != order_of(b[i]))
            return order_of(a[i]) < order_of(b[i]) ? -1 : 1;
    return 0;
}

/* The type, whose name and the like in messages are these words. */
#define HVEC_TYPE(...)                                                                           \
    {                                                                                            \
        .words = {.element = "2-byte float",                                                     \
                  .largest = "65504",                                                            \
                  .max_dims = PGS_MAX_DIMS,                                                      \
                  __VA_ARGS__},                                                                  \
        .element_size = sizeof(uint16), .parse = parse, .decode = decode, .send = send_elements, \
        .floats = floats, .from_floats = from_floats, .from_doubles = from_doubles,              \
        .compare = compare                                                                       \
    }

const DenseType hvec_type =
    HVEC_TYPE(.name = "hvec", .one = "an hvec", .wider = ", or use type vec");
const DenseType compat_halfvec_type =
    HVEC_TYPE(.name = "halfvec", .one = "a halfvec", .wider = ", or use type vector");

/* Of distances, vec.c says what there is to say. */
#define HVEC_FUNCTIONS(type, name)                                             \
    DENSE_FUNCTIONS(type)                                                      \
    DENSE_CAST(type, type)                                                     \
    DENSE_DISTANCE(type, l2_distance, pgs_half_l2_distance)                    \
    DENSE_DISTANCE(type, l2_squared_distance, pgs_half_l2_squared_distance)    \
    DENSE_DISTANCE(type, inner_product, pgs_half_inner_product)                \
    DENSE_DISTANCE(type, negative_inner_product, 0.0 - pgs_half_inner_product) \
    DENSE_DISTANCE(type, cosine_distance, pgs_half_cosine_distance)            \
    DENSE_DISTANCE(type, l1_distance, pgs_half_l1_distance)                    \
    DENSE_OPCLASSES(type, name, PGS_F16)

HVEC_FUNCTIONS(hvec, "hvec")
DENSE_CAST(hvec, vec)

HVEC_FUNCTIONS(compat_halfvec, "halfvec")
DENSE_CAST(compat_halfvec, compat_vector)
