#include "inverted/posting_block.h"

#include <bit>
#include <cstring>

#include "kernels/bitpack.h"

namespace pgslab::inverted {

namespace {

constexpr uint32_t kWordBytes = 4;
constexpr uint32_t kFloatBits = 32;

constexpr uint32_t whole_words(size_t bytes) noexcept {
    return static_cast<uint32_t>((bytes + kWordBytes - 1) / kWordBytes * kWordBytes);
}

// Packed as full blocks are, whose gaps are as many as their postings: of the first one it is 0.
constexpr uint32_t gaps_of(uint32_t more) noexcept {
    return more + 1 == kBlockPostings ? kBlockPostings : more;
}

// Reads the header; false where the block is none or not all there.
bool read_block_header(Weights weights, const uint8_t *block, size_t available,
                       BlockHeader &header) noexcept {
    if (available < sizeof header) {
        return false;
    }
    std::memcpy(&header, block, sizeof header);
    const bool bits_fit = weights == Weights::kOccurrences ? header.weight_bits <= 24
                                                           : header.weight_bits == kFloatBits;
    return header.more < kBlockPostings && header.number_bits <= 32 && bits_fit &&
           header.reserved == 0 && block_bytes(header) <= available;
}

// What both loops below are inlined into is called with the count of a full block as a constant,
// for which the compiler makes vector instructions of them.

// False where one is impossible. From stored occurrences, which are less by 1.
[[gnu::always_inline]] inline bool read_occurrences(const uint32_t *stored, uint32_t count,
                                                    float *weights) noexcept {
    constexpr auto kMostStored = static_cast<uint32_t>(kMostOccurrences) - 1;
    uint32_t impossible = 0;
    for (uint32_t i = 0; i < count; i++) {
        impossible |= stored[i] > kMostStored ? 1 : 0;
        weights[i] = static_cast<float>(static_cast<int32_t>(stored[i] & 0xFFFFFF) + 1);
    }
    return impossible == 0;
}

// Whether each is finite and not 0.
[[gnu::always_inline]] inline bool are_values(const float *weights, uint32_t count) noexcept {
    constexpr uint32_t kInfinity = 0x7F800000;
    uint32_t impossible = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t magnitude = std::bit_cast<uint32_t>(weights[i]) & 0x7FFFFFFF;
        impossible |= magnitude - 1 >= kInfinity - 1 ? 1 : 0;
    }
    return impossible == 0;
}

}  // namespace

uint32_t number_bytes(const BlockHeader &header) noexcept {
    return whole_words(packed_bytes(gaps_of(header.more), header.number_bits));
}

uint32_t weight_bytes(const BlockHeader &header) noexcept {
    return whole_words(packed_bytes(header.more + 1u, header.weight_bits));
}

BlockHeader block_header(Weights weights, const Postings &postings) noexcept {
    uint32_t gaps = 0;
    uint32_t occurrences = 0;
    for (uint32_t i = 1; i < postings.count; i++) {
        gaps |= postings.number[i] - postings.number[i - 1] - 1;
    }
    BlockHeader header = {};
    header.first = postings.number[0];
    header.more = static_cast<uint8_t>(postings.count - 1);
    header.number_bits = static_cast<uint8_t>(bits_of(gaps));
    header.weight_bits = kFloatBits;
    if (weights == Weights::kOccurrences) {
        for (uint32_t i = 0; i < postings.count; i++) {
            occurrences |= static_cast<uint32_t>(postings.weight[i]) - 1;
        }
        header.weight_bits = static_cast<uint8_t>(bits_of(occurrences));
    }
    return header;
}

uint32_t encode_block(Weights weights, const Postings &postings, uint8_t *out) noexcept {
    const BlockHeader header = block_header(weights, postings);
    const uint32_t bytes = block_bytes(header);
    std::memset(out, 0, bytes);
    std::memcpy(out, &header, sizeof header);
    uint32_t packed[kBlockPostings] = {};
    const uint32_t skipped = kBlockPostings - gaps_of(header.more) == 0 ? 0 : 1;
    for (uint32_t i = 1; i < postings.count; i++) {
        packed[i - skipped] = postings.number[i] - postings.number[i - 1] - 1;
    }
    uint8_t *at = out + sizeof header;
    pack(packed, gaps_of(header.more), header.number_bits, at);
    at += number_bytes(header);
    if (weights == Weights::kOccurrences) {
        for (uint32_t i = 0; i < postings.count; i++) {
            packed[i] = static_cast<uint32_t>(postings.weight[i]) - 1;
        }
        pack(packed, postings.count, header.weight_bits, at);
    } else {
        std::memcpy(at, postings.weight, postings.count * sizeof(float));
    }
    return bytes;
}

bool decode_numbers(Weights weights, const uint8_t *block, size_t available,
                    Postings &postings) noexcept {
    BlockHeader header;
    if (!read_block_header(weights, block, available, header)) {
        return false;
    }
    postings.count = header.more + 1u;
    uint32_t gaps[kBlockPostings];
    unpack(block + sizeof header, gaps_of(header.more), header.number_bits, gaps);
    const uint32_t *gap = gaps + (gaps_of(header.more) == kBlockPostings ? 1 : 0);
    uint64_t sum = 0;
    postings.number[0] = header.first;
    for (uint32_t i = 1; i < postings.count; i++) {
        sum += *gap++;
        postings.number[i] = static_cast<uint32_t>(header.first + sum + i);
    }
    return header.first + sum + header.more <= UINT32_MAX;
}

bool decode_weights(Weights weights, const uint8_t *block, size_t available,
                    Postings &postings) noexcept {
    BlockHeader header;
    if (!read_block_header(weights, block, available, header)) {
        return false;
    }
    const uint8_t *at = block + sizeof header + number_bytes(header);
    const uint32_t count = header.more + 1u;
    if (weights == Weights::kOccurrences) {
        uint32_t occurrences[kBlockPostings];
        unpack(at, count, header.weight_bits, occurrences);
        return count == kBlockPostings
                   ? read_occurrences(occurrences, kBlockPostings, postings.weight)
                   : read_occurrences(occurrences, count, postings.weight);
    }
    std::memcpy(postings.weight, at, count * sizeof(float));
    return count == kBlockPostings ? are_values(postings.weight, kBlockPostings)
                                   : are_values(postings.weight, count);
}

bool decode_block(Weights weights, const uint8_t *block, size_t available,
                  Postings &postings) noexcept {
    return decode_numbers(weights, block, available, postings) &&
           decode_weights(weights, block, available, postings);
}

}  // namespace pgslab::inverted
