// How long blocks of postings take to be decoded from the second-level cache. Items are postings;
// the names are decode_*/postings/bits, where the bits are of gaps.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "inverted/posting_block.h"

namespace pgslab::inverted {
namespace {

constexpr size_t cached_bytes = size_t{192} << 10;

std::vector<uint8_t> random_block(Weights weights, uint32_t count, uint32_t bits) {
    std::mt19937 random(1);
    Postings postings = {};
    postings.count = count;
    uint32_t number = 0;
    for (uint32_t i = 0; i < count; i++) {
        number += (static_cast<uint32_t>(random()) >> (32 - bits)) + 1;
        postings.number[i] = number;
        postings.weight[i] = static_cast<float>(1 + random() % 8);
    }
    uint8_t block[kMostBlockBytes];
    const uint32_t bytes = encode_block(weights, postings, block);
    return {block, block + bytes};
}

using Decode = bool (*)(Weights weights, const uint8_t *block, size_t available,
                        Postings &postings) noexcept;

void run(benchmark::State &state, Weights weights, Decode decode) {
    const std::vector<uint8_t> block = random_block(weights, static_cast<uint32_t>(state.range(0)),
                                                    static_cast<uint32_t>(state.range(1)));
    std::vector<uint8_t> blocks;
    while (blocks.size() + block.size() <= cached_bytes) {
        blocks.insert(blocks.end(), block.begin(), block.end());
    }
    size_t at = 0;
    for (auto _ : state) {
        Postings postings;
        benchmark::DoNotOptimize(decode(weights, blocks.data() + at, block.size(), postings));
        benchmark::DoNotOptimize(postings);
        at += block.size();
        at = at < blocks.size() ? at : 0;
    }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}

void add(const char *name, Weights weights, Decode decode) {
    benchmark::RegisterBenchmark(name, [weights, decode](benchmark::State &state) {
        run(state, weights, decode);
    })->ArgsProduct({{128, 127, 16}, {1, 4, 7, 12, 24}});
}

const bool registered = [] {
    add("decode_numbers", Weights::kOccurrences, decode_numbers);
    add("decode_occurrences", Weights::kOccurrences, decode_block);
    add("decode_products", Weights::kProducts, decode_block);
    return true;
}();

}  // namespace
}  // namespace pgslab::inverted
