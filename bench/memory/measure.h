// Searches in memory, outside of PostgreSQL: the top 10 of each query by one thread, one query at a
// time. What the programs that measure them have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/options.h"
#include "common/vecs.h"

namespace bench {

constexpr size_t kNeighbours = 10;

// --base, --queries and --truth of a set, the first --rows of it; --metric is l2 or cosine. Rows
// and queries of cosine are normalised: the nearest are then those of the largest inner product.
struct SearchSet {
    explicit SearchSet(const Options &options);

    bool cosine;
    Matrix<float> base;
    Matrix<float> queries;
    Matrix<int32_t> truth;
};

// One way to search: what it is called, what sets it up, and the search itself, which writes the
// numbers of kNeighbours rows (-1 for none) to ids.
struct Search {
    std::string setting;
    std::function<void()> prepare;
    std::function<void(const float *query, int64_t *ids)> run;
    size_t queries = SIZE_MAX;  // at most so many of the set's
};

// Measures all searches in turn, --repetitions (3) times over, each repetition after a pass that
// brings what it reads into the caches. Records the medians of recall, qps,
// p50_ms and p99_ms, and cpu_ms, the processor's time for a query: what other processes take away
// is in the others, but not in this.
void measure(const Options &options, const SearchSet &set, const std::vector<Search> &searches);

// Records how long a build took. Threads is how many worked on it.
void record_build(const Options &options, const std::string &what, double seconds, size_t threads);

// Seconds on a clock that is never set back.
double clock_seconds();

}  // namespace bench
