// How long numbers take to be packed, and to be unpacked from the second-level cache. Items are
// numbers; the names are unpack/numbers/bits and pack/numbers/bits.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "kernels/bitpack.h"

namespace pgslab {
namespace {

constexpr size_t cached_bytes = size_t{192} << 10;

std::vector<uint32_t> random_numbers(uint32_t n, uint32_t bits) {
    std::mt19937 random(1);
    std::vector<uint32_t> numbers(n);
    for (uint32_t &number : numbers) {
        number = bits == 0 ? 0 : static_cast<uint32_t>(random()) >> (32 - bits);
    }
    return numbers;
}

// Copies of what an item is, as many as are cached.
std::vector<uint8_t> copies(const std::vector<uint8_t> &item) {
    std::vector<uint8_t> all;
    do {
        all.insert(all.end(), item.begin(), item.end());
    } while (!item.empty() && all.size() + item.size() <= cached_bytes);
    return all;
}

// Runs `decode`, which is given one item, over one after another.
template <typename Decode>
void over_items(benchmark::State &state, const std::vector<uint8_t> &item, Decode decode) {
    const std::vector<uint8_t> all = copies(item);
    size_t at = 0;
    for (auto _ : state) {
        decode(all.data() + at);
        at += item.size();
        at = at + item.size() <= all.size() ? at : 0;
    }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}

void unpack_numbers(benchmark::State &state) {
    const auto n = static_cast<uint32_t>(state.range(0));
    const auto bits = static_cast<uint32_t>(state.range(1));
    std::vector<uint8_t> packed(packed_bytes(n, bits));
    pack(random_numbers(n, bits).data(), n, bits, packed.data());
    over_items(state, packed, [&](const uint8_t *from) {
        uint32_t numbers[kPackedTogether];
        unpack(from, n, bits, numbers);
        benchmark::DoNotOptimize(numbers);
    });
}

void pack_numbers(benchmark::State &state) {
    const auto n = static_cast<uint32_t>(state.range(0));
    const auto bits = static_cast<uint32_t>(state.range(1));
    const std::vector<uint32_t> numbers = random_numbers(n, bits);
    std::vector<uint8_t> packed(packed_bytes(n, bits));
    for (auto _ : state) {
        pack(numbers.data(), n, bits, packed.data());
        benchmark::DoNotOptimize(packed.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}

const bool registered = [] {
    const std::vector<std::vector<int64_t>> args = {{128, 127, 16}, {0, 1, 4, 7, 12, 24, 32}};
    benchmark::RegisterBenchmark("unpack", unpack_numbers)->ArgsProduct(args);
    benchmark::RegisterBenchmark("pack", pack_numbers)->ArgsProduct(args);
    return true;
}();

}  // namespace
}  // namespace pgslab
