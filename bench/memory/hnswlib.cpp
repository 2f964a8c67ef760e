// hnswlib in memory, by ef.
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "memory/measure.h"

namespace bench {
namespace {

constexpr size_t kM = 16;
constexpr size_t kEfConstruction = 200;

using Graph = hnswlib::HierarchicalNSW<float>;

void build(Graph &graph, const SearchSet &set, size_t threads) {
    std::atomic<size_t> next{0};
    std::vector<std::thread> workers;
    for (size_t t = 0; t < threads; t++) {
        workers.emplace_back([&] {
            for (size_t i = next++; i < set.base.rows; i = next++) {
                graph.addPoint(set.base.row(i), i);
            }
        });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
}

void search(const Graph &graph, const float *query, int64_t *ids) {
    auto found = graph.searchKnn(query, kNeighbours);
    std::fill(ids, ids + kNeighbours, -1);
    for (; !found.empty(); found.pop()) {
        *ids++ = static_cast<int64_t>(found.top().second);
    }
}

void run(const Options &options) {
    const SearchSet set(options);
    const size_t threads = options.count("build-threads", 1);
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    if (set.cosine) {
        space = std::make_unique<hnswlib::InnerProductSpace>(set.base.dims);
    } else {
        space = std::make_unique<hnswlib::L2Space>(set.base.dims);
    }
    Graph graph(space.get(), set.base.rows, kM, kEfConstruction);
    const double start = clock_seconds();
    build(graph, set, threads);
    record_build(options, "M 16 ef_construction 200", clock_seconds() - start, threads);

    std::vector<Search> searches;
    for (size_t ef : {10, 20, 40, 60, 80, 120, 200, 400, 800}) {
        searches.push_back(
            {"ef=" + std::to_string(ef), [&graph, ef] { graph.setEf(ef); },
             [&graph](const float *query, int64_t *ids) { search(graph, query, ids); }});
    }
    measure(options, set, searches);
}

}  // namespace
}  // namespace bench

int main(int argc, char **argv) {
    bench::run(bench::Options(argc, argv, 1));
    return 0;
}
