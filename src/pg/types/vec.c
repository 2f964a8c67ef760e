/*
 * vec.c - the type vec: elements of float32.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "types/dense.h"
#include "types/dense_functions.h"

static PgsParse parse(const char *text, size_t length, void *elements) {
    return pgs_vec_parse(text, length, elements);
}

static PgsWire decode(const unsigned char *wire, size_t length, void *elements) {
    return pgs_vec_decode(wire, length, elements);
}

static void send_elements(StringInfo message, const void *elements, int n) {
    const float *values = elements;

    for (int i = 0; i < n; i++) {
        uint32 bits;

        memcpy(&bits, &values[i], sizeof bits);
        pq_writeint32(message, bits);
    }
}

static const float *floats(const void *elements, int n) {
    return elements;
}

/* The number of the first infinite element, from 1; 0 if there is none. The loop that looks for any
 * does not branch on them, to stay vectorisable. */
static int find_infinite(const float *values, int n) {
    int infinite = 0;
    int i = 0;

    for (int j = 0; j < n; j++)
        infinite |= fabsf(values[j]) > FLT_MAX;
    if (likely(!infinite))
        return 0;
    while (!isinf(values[i]))
        i++;
    return i + 1;
}

static int from_floats(const float *numbers, int n, void *elements) {
    memcpy(elements, numbers, sizeof(float) * n);
    return find_infinite(elements, n);
}

static int from_doubles(const double *numbers, int n, void *elements) {
    float *values = elements;

    for (int i = 0; i < n; i++)
        values[i] = (float)numbers[i];
    return find_infinite(values, n);
}

static int compare(const void *left, const void *right, int n) {
    const float *a = left;
    const float *b = right;

    for (int i = 0; i < n; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

/* The type, whose name and the like in messages are these words. */
#define VEC_TYPE(...)                                                                           \
    {                                                                                           \
        .words = {.element = "4-byte float",                                                    \
                  .largest = "3.4028235e+38",                                                   \
                  .max_dims = PGS_MAX_DIMS,                                                     \
                  __VA_ARGS__},                                                                 \
        .element_size = sizeof(float), .parse = parse, .decode = decode, .send = send_elements, \
        .floats = floats, .from_floats = from_floats, .from_doubles = from_doubles,             \
        .compare = compare                                                                      \
    }

const DenseType vec_type = VEC_TYPE(.name = "vec", .one = "a vec", .wider = "");
const DenseType compat_vector_type = VEC_TYPE(.name = "vector", .one = "a vector", .wider = "");

/* Of distances: l2_squared_distance orders as the distance does and saves its square root;
 * negative_inner_product is negative, so that ORDER BY puts the largest inner product first, and
 * subtracted from 0 to avoid -0; cosine_distance is NaN, which sorts last, when either vector is
 * zero: it has no direction. */
#define VEC_FUNCTIONS(type, name)                                         \
    DENSE_FUNCTIONS(type)                                                 \
    DENSE_CAST(type, type)                                                \
    DENSE_DISTANCE(type, l2_distance, pgs_l2_distance)                    \
    DENSE_DISTANCE(type, l2_squared_distance, pgs_l2_squared_distance)    \
    DENSE_DISTANCE(type, inner_product, pgs_inner_product)                \
    DENSE_DISTANCE(type, negative_inner_product, 0.0 - pgs_inner_product) \
    DENSE_DISTANCE(type, cosine_distance, pgs_cosine_distance)            \
    DENSE_DISTANCE(type, l1_distance, pgs_l1_distance)                    \
    DENSE_OPCLASSES(type, name, PGS_F32)

VEC_FUNCTIONS(vec, "vec")
DENSE_CAST(vec, hvec)

VEC_FUNCTIONS(compat_vector, "vector")
DENSE_CAST(compat_vector, compat_halfvec)
