// hash_embed.cpp - embeds a text by signed feature hashing.
//
// Weinberger, Dasgupta, Langford, Smola, Attenberg: Feature Hashing for Large Scale Multitask
// Learning, ICML 2009, section 2. Features are the words and the pairs of neighbouring words
// (joined by one space); each adds +1 or -1 to one dimension. The sign makes the inner product of
// two embeddings an unbiased estimate of the inner product of their feature counts.
//
// A text of n > 0 words has 2n - 1 features, an odd number, so some dimension counts an odd number
// of +1 and -1: only a text without words gives the zero vector.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "pgslab/types.h"
#include "types/fnv1a.h"
#include "types/mix64.h"

namespace pgslab {
namespace {

// Letters, digits and all of a multi-byte character: what words are made of.
bool is_word_byte(unsigned char c) {
    return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

unsigned char lower(unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c | 0x20) : c;
}

// The highest bit is the sign, the 63 others choose the dimension; mixing makes the two as good as
// independent.
void add_feature(std::uint64_t hash, float *out, int dims) {
    const std::uint64_t bits = mix64(hash);
    const bool negative = (bits >> 63) != 0;
    const std::uint64_t dimension =
        (bits & ~(std::uint64_t{1} << 63)) % static_cast<unsigned>(dims);
    out[dimension] += negative ? -1.0F : 1.0F;
}

void normalize(float *out, int dims) {
    double squares = 0;
    for (int i = 0; i < dims; ++i)
        squares += static_cast<double>(out[i]) * out[i];
    if (squares == 0)
        return;
    const double norm = std::sqrt(squares);
    for (int i = 0; i < dims; ++i)
        out[i] = static_cast<float>(out[i] / norm);
}

void hash_embed(const char *text, std::size_t length, float *out, int dims) {
    for (int i = 0; i < dims; ++i)
        out[i] = 0;

    bool has_previous = false;
    std::uint64_t previous = 0;  // hash of the word before this one
    for (std::size_t i = 0; i < length;) {
        if (!is_word_byte(static_cast<unsigned char>(text[i]))) {
            ++i;
            continue;
        }
        std::uint64_t word = fnv1a_basis;
        std::uint64_t pair = fnv1a_extend(previous, ' ');
        for (; i < length && is_word_byte(static_cast<unsigned char>(text[i])); ++i) {
            const unsigned char byte = lower(static_cast<unsigned char>(text[i]));
            word = fnv1a_extend(word, byte);
            pair = fnv1a_extend(pair, byte);
        }
        add_feature(word, out, dims);
        if (has_previous)
            add_feature(pair, out, dims);
        previous = word;
        has_previous = true;
    }
    normalize(out, dims);
}

}  // namespace
}  // namespace pgslab

extern "C" void pgs_hash_embed(const char *text, size_t length, float *out, int dims) {
    pgslab::hash_embed(text, length, out, dims);
}
