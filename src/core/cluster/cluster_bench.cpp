// What a clustering takes on one core, for the points, dimensions and lists in its name.
#include <benchmark/benchmark.h>

#include <chrono>

#include "cluster/testing/data_sets.h"

namespace pgslab {
namespace {

void cluster(benchmark::State &state) {
    const auto n = static_cast<size_t>(state.range(0));
    const auto dims = static_cast<uint32_t>(state.range(1));
    const auto lists = static_cast<uint32_t>(state.range(2));
    const DataSet data = mixture(dims, n, 300, 1);
    for (auto _ : state) {
        Clustering clustering(data.values.data(), n, {dims, lists, 1});
        while (!clustering.step()) {
        }
        benchmark::DoNotOptimize(clustering.centroids().data());
    }
}
BENCHMARK(cluster)
    ->ArgNames({"points", "dims", "lists"})
    ->Args({12000, 128, 400})
    ->Args({32000, 784, 1000})
    ->Args({60000, 768, 1800})
    ->Unit(benchmark::kMillisecond);

// The longest a caller waits before it can look for an interrupt.
void longest_step(benchmark::State &state) {
    const DataSet data = mixture(static_cast<uint32_t>(state.range(0)), 20000, 300, 1);
    for (auto _ : state) {
        Clustering clustering(data.values.data(), data.size(), {data.dims, 600, 1});
        double longest = 0;
        for (bool finished = false; !finished;) {
            const auto begin = std::chrono::steady_clock::now();
            finished = clustering.step();
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
            longest = std::max(longest, took.count());
        }
        state.SetIterationTime(longest);
    }
}
BENCHMARK(longest_step)
    ->ArgName("dims")
    ->Arg(2)
    ->Arg(128)
    ->Arg(768)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pgslab
