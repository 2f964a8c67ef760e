// Distances of arrays of bits, for the boundary.
#include <cstddef>

#include "kernels/kernels.h"
#include "pgslab/types.h"

uint64_t pgs_bits_hamming_distance(const unsigned char *a, const unsigned char *b, size_t bytes) {
    return pgslab::bits_differing(a, b, bytes);
}

double pgs_bits_jaccard_distance(const unsigned char *a, const unsigned char *b, size_t bytes) {
    const uint64_t shared = pgslab::bits_shared(a, b, bytes);
    const uint64_t either = shared + pgslab::bits_differing(a, b, bytes);
    return shared == 0 ? 1 : 1 - static_cast<double>(shared) / static_cast<double>(either);
}
