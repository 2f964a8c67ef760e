#include "generate/truth.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace bench {
namespace {

// What float's rounding may put out of order around the k-th place.
constexpr size_t kSpareCandidates = 32;

// Queries that share one pass over the base.
constexpr size_t kQueriesPerPass = 16;

// Independent sums, so that the compiler may use vector registers.
constexpr size_t kLanes = 16;

template <Metric kMetric, typename Number>
Number term(float a, float b) {
    if constexpr (kMetric == Metric::kL2) {
        const Number difference = static_cast<Number>(a) - b;
        return difference * difference;
    } else {
        return -(static_cast<Number>(a) * b);
    }
}

// The square of the distance for L2, minus the inner product for cosine.
template <Metric kMetric>
float quick_distance(const float *a, const float *b, size_t dims) {
    float sums[kLanes] = {};
    size_t k = 0;
    for (; k + kLanes <= dims; k += kLanes) {
        for (size_t lane = 0; lane < kLanes; lane++) {
            sums[lane] += term<kMetric, float>(a[k + lane], b[k + lane]);
        }
    }
    float sum = 0;
    for (float lane : sums) {
        sum += lane;
    }
    for (; k < dims; k++) {
        sum += term<kMetric, float>(a[k], b[k]);
    }
    return sum;
}

template <Metric kMetric>
double precise_distance(const float *a, const float *b, size_t dims) {
    double sum = 0;
    for (size_t k = 0; k < dims; k++) {
        sum += term<kMetric, double>(a[k], b[k]);
    }
    return sum;
}

// The nearest so far, as a heap with the farthest of them on top.
using Candidates = std::vector<std::pair<float, int32_t>>;

void offer(Candidates &heap, size_t capacity, float distance, int32_t row) {
    if (heap.size() < capacity) {
        heap.emplace_back(distance, row);
        std::push_heap(heap.begin(), heap.end());
    } else if (distance < heap.front().first) {
        std::pop_heap(heap.begin(), heap.end());
        heap.back() = {distance, row};
        std::push_heap(heap.begin(), heap.end());
    }
}

template <Metric kMetric>
void order_nearest(const Candidates &heap, const float *query, const Matrix<float> &base, size_t k,
                   int32_t *result) {
    std::vector<std::pair<double, int32_t>> ordered;
    ordered.reserve(heap.size());
    for (const auto &candidate : heap) {
        const float *row = base.row(static_cast<size_t>(candidate.second));
        ordered.emplace_back(precise_distance<kMetric>(query, row, base.dims), candidate.second);
    }
    std::sort(ordered.begin(), ordered.end());
    for (size_t i = 0; i < k; i++) {
        result[i] = ordered[i].second;
    }
}

template <Metric kMetric>
Matrix<int32_t> search(const Matrix<float> &base, const Matrix<float> &queries, size_t k,
                       size_t threads) {
    Matrix<int32_t> result{queries.rows, k, std::vector<int32_t>(queries.rows * k)};
    std::atomic<size_t> next{0};
    const auto work = [&] {
        for (;;) {
            const size_t first = next.fetch_add(kQueriesPerPass);
            if (first >= queries.rows) {
                return;
            }
            const size_t last = std::min(first + kQueriesPerPass, queries.rows);
            std::vector<Candidates> heaps(last - first);
            for (size_t i = 0; i < base.rows; i++) {
                for (size_t q = first; q < last; q++) {
                    offer(heaps[q - first], k + kSpareCandidates,
                          quick_distance<kMetric>(queries.row(q), base.row(i), base.dims),
                          static_cast<int32_t>(i));
                }
            }
            for (size_t q = first; q < last; q++) {
                order_nearest<kMetric>(heaps[q - first], queries.row(q), base, k, result.row(q));
            }
        }
    };
    std::vector<std::thread> workers;
    for (size_t t = 0; t < threads; t++) {
        workers.emplace_back(work);
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    return result;
}

}  // namespace

Matrix<int32_t> nearest_rows(Metric metric, Matrix<float> &base, Matrix<float> &queries, size_t k,
                             size_t threads) {
    if (base.dims != queries.dims || base.rows < k) {
        die("base and queries differ in dimensions, or the base has too few rows");
    }
    if (metric == Metric::kL2) {
        return search<Metric::kL2>(base, queries, k, threads);
    }
    normalize_rows(base);
    normalize_rows(queries);
    return search<Metric::kCosine>(base, queries, k, threads);
}

}  // namespace bench
