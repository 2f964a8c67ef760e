// How long the sums over codes take, over codes in the second-level cache.
//
// The names are fastscan/ISA/dims, a block of 32 vectors, and dot_*/ISA/dims, one vector.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace pgslab {
namespace {

constexpr size_t cached_bytes = size_t{192} << 10;

// Runs `sum`, which is given the codes of one item of `bytes` bytes, over one item after another.
template <typename Sum>
void over_items(benchmark::State &state, size_t bytes, Sum sum) {
    const std::vector<uint8_t> codes(cached_bytes, 0x5a);
    size_t at = 0;
    for (auto _ : state) {
        sum(codes.data() + at);
        at += bytes;
        at = at + bytes <= codes.size() ? at : 0;
    }
}

void fastscan(benchmark::State &state, const Kernels &k) {
    const size_t groups = static_cast<size_t>(state.range(0)) / 4;
    const std::vector<uint8_t> table(groups * 16, 3);
    over_items(state, groups * 16, [&](const uint8_t *codes) {
        uint32_t sums[32] = {};
        k.fastscan(sums, codes, table.data(), groups);
        benchmark::DoNotOptimize(sums);
    });
}

void dot_u4_i8(benchmark::State &state, const Kernels &k) {
    const auto dims = static_cast<size_t>(state.range(0));
    const std::vector<int8_t> q(dims, 3);
    over_items(state, dims / 2, [&](const uint8_t *codes) {
        benchmark::DoNotOptimize(k.dot_u4_i8(codes, q.data(), dims));
    });
}

void dot_i8_i16(benchmark::State &state, const Kernels &k) {
    const auto dims = static_cast<size_t>(state.range(0));
    const std::vector<int16_t> q(dims, 3);
    over_items(state, dims, [&](const uint8_t *codes) {
        const auto *bytes = reinterpret_cast<const int8_t *>(codes);
        benchmark::DoNotOptimize(k.dot_i8_i16(bytes, q.data(), dims));
    });
}

void add(const std::string &name, const Kernels &k,
         void (*run)(benchmark::State &state, const Kernels &k)) {
    benchmark::RegisterBenchmark((name + "/" + k.isa).c_str(),
                                 [&k, run](benchmark::State &state) { run(state, k); })
        ->Arg(128)
        ->Arg(768)
        ->Arg(1536);
}

const bool registered = [] {
    for (int i = 0; const Kernels *k = available_kernels(i); i++) {
        add("fastscan", *k, fastscan);
        add("dot_u4_i8", *k, dot_u4_i8);
        add("dot_i8_i16", *k, dot_i8_i16);
    }
    return true;
}();

}  // namespace
}  // namespace pgslab
