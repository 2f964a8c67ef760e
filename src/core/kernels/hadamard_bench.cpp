// How long a Walsh-Hadamard transform takes in the first-level cache. The names are
// hadamard/ISA/n.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace pgslab {
namespace {

void transform(benchmark::State &state, const Kernels &k) {
    std::vector<float> x(static_cast<size_t>(state.range(0)), 0.0f);  // stays finite
    for (auto _ : state) {
        k.hadamard(x.data(), x.size());
        benchmark::DoNotOptimize(x.data());
        benchmark::ClobberMemory();
    }
}

const bool registered = [] {
    for (int i = 0; const Kernels *k = available_kernels(i); i++) {
        benchmark::RegisterBenchmark((std::string("hadamard/") + k->isa).c_str(),
                                     [k](benchmark::State &state) { transform(state, *k); })
            ->RangeMultiplier(2)
            ->Range(16, 4096);
    }
    return true;
}();

}  // namespace
}  // namespace pgslab
