// Faiss in memory, by lists probed: inverted lists of whole vectors, and of 4-bit product codes
// searched by FastScan and refined with whole vectors.
#include <faiss/IndexIVF.h>
#include <faiss/IndexRefine.h>
#include <faiss/index_factory.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "memory/measure.h"

namespace bench {
namespace {

struct Kind {
    std::string name;
    std::string factory;
    std::vector<float> refine;  // candidates refined for each row wanted; empty where nothing is
};

std::unique_ptr<faiss::Index> build(const SearchSet &set, const Kind &kind, int threads) {
    omp_set_num_threads(threads);
    const auto dims = static_cast<int>(set.base.dims);
    const auto rows = static_cast<faiss::idx_t>(set.base.rows);
    std::unique_ptr<faiss::Index> index(faiss::index_factory(
        dims, kind.factory.c_str(), set.cosine ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2));
    index->train(rows, set.base.values.data());
    index->add(rows, set.base.values.data());
    omp_set_num_threads(1);
    return index;
}

std::vector<Search> searches_of(faiss::Index &index, const Kind &kind) {
    const auto run = [&index](const float *query, int64_t *ids) {
        float distances[kNeighbours];
        faiss::idx_t labels[kNeighbours];
        index.search(1, query, kNeighbours, distances, labels);
        std::copy(labels, labels + kNeighbours, ids);
    };
    auto *refined = dynamic_cast<faiss::IndexRefine *>(&index);
    auto *lists = dynamic_cast<faiss::IndexIVF *>(refined ? refined->base_index : &index);
    std::vector<Search> searches;
    for (float factor : kind.refine.empty() ? std::vector<float>{0} : kind.refine) {
        for (size_t probes : {1, 2, 4, 8, 16, 32, 64, 128}) {
            std::string setting = kind.name + " nprobe=" + std::to_string(probes);
            if (refined) {
                setting += " k_factor=" + std::to_string(static_cast<int>(factor));
            }
            const auto prepare = [lists, refined, probes, factor] {
                lists->nprobe = probes;
                if (refined) {
                    refined->k_factor = factor;
                }
            };
            searches.push_back({setting, prepare, run});
        }
    }
    return searches;
}

void run(const Options &options) {
    const SearchSet set(options);
    const size_t threads = options.count("build-threads", 1);
    // Faiss asks for 39 rows a list to train on.
    const size_t lists =
        std::min(static_cast<size_t>(4 * std::sqrt(static_cast<double>(set.base.rows))),
                 set.base.rows / 39 + 1);
    const std::string ivf = "IVF" + std::to_string(lists);
    const std::vector<Kind> kinds = {
        {"flat", ivf + ",Flat", {}},
        {"fastscan", ivf + ",PQ" + std::to_string(set.base.dims / 4) + "x4fs,RFlat", {4, 10, 20}},
    };
    for (const Kind &kind : kinds) {
        const double start = clock_seconds();
        const auto index = build(set, kind, static_cast<int>(threads));
        record_build(options, kind.factory.substr(0, kind.factory.find(',')) + " " + kind.name,
                     clock_seconds() - start, threads);
        measure(options, set, searches_of(*index, kind));
    }
}

}  // namespace
}  // namespace bench

int main(int argc, char **argv) {
    bench::run(bench::Options(argc, argv, 1));
    return 0;
}
