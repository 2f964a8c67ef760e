// How many floating-point operations a second dot_tile does: two for each pair and element.
//
// The names are dot_tile/ISA/rows_a/rows_b/n.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace pgslab {
namespace {

void products(benchmark::State &state, const Kernels &k) {
    const auto rows_a = static_cast<size_t>(state.range(0));
    const auto rows_b = static_cast<size_t>(state.range(1));
    const auto n = static_cast<size_t>(state.range(2));
    const std::vector<float> a(rows_a * n, 0.5f), b(rows_b * n, 0.25f);
    std::vector<float> out(rows_a * rows_b);
    for (auto _ : state) {
        k.dot_tile(a.data(), rows_a, b.data(), rows_b, n, out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    state.counters["flop"] = benchmark::Counter(2.0 * static_cast<double>(rows_a * rows_b * n),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

const bool registered = [] {
    for (int i = 0; const Kernels *k = available_kernels(i); i++) {
        benchmark::RegisterBenchmark((std::string("dot_tile/") + k->isa).c_str(),
                                     [k](benchmark::State &state) { products(state, *k); })
            ->Args({4000, 64, 784})
            ->Args({256, 1000, 784})
            ->Args({256, 1000, 128})
            ->Args({256, 1000, 1024})
            ->Args({256, 1000, 1536})
            ->Args({256, 100, 4096})
            ->Args({32, 32, 64});
    }
    return true;
}();

}  // namespace
}  // namespace pgslab
