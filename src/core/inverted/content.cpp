#include "inverted/content.h"

#include "base/crc32c.h"

namespace pgslab::inverted {

namespace {

// A checksum of bytes that differ in few bits does so, too; what is added up is to differ in many.
uint32_t mixed(uint32_t checksum) noexcept {
    uint64_t bits = (uint64_t{checksum} + 1) * 0x9E3779B97F4A7C15;
    bits ^= bits >> 29;
    bits *= 0xBF58476D1CE4E5B9;
    return static_cast<uint32_t>(bits >> 32);
}

}  // namespace

uint32_t content_of_term(Bytes term, float weight) noexcept {
    return mixed(crc32c(&weight, sizeof weight, crc32c(term.data(), term.size(), 0)));
}

uint32_t content_of_terms(const PgsTerm *terms, uint32_t count) noexcept {
    uint32_t content = 0;
    for (uint32_t i = 0; i < count; i++) {
        content += content_of_term({static_cast<const uint8_t *>(terms[i].bytes), terms[i].length},
                                   terms[i].weight);
    }
    return content;
}

uint32_t content_with_keys(uint32_t content, const uint8_t *keys, uint32_t key_bytes) noexcept {
    return crc32c(keys, key_bytes, crc32c(&content, sizeof content, 0));
}

uint32_t content_of_rest(const DocumentMeasure &measure, uint32_t keys) noexcept {
    const uint32_t length = crc32c(&measure.length, sizeof measure.length, keys);
    return mixed(crc32c(&measure.square, sizeof measure.square, length));
}

uint32_t content_of_key(uint32_t column, uint64_t key) noexcept {
    return mixed(crc32c(&key, sizeof key, column + 1));
}

}  // namespace pgslab::inverted
