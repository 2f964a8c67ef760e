// The points to cluster, and tiles of them in the form the kernels take.
//
// Everything is computed on p * scale - origin. The scale, a power of two, keeps squares inside
// float32; an origin near the points compared keeps the precision that
//
//   |p - c|^2 = |p|^2 + 2 (|c|^2 / 2 - <p, c>)
//
// would lose to a common offset.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"

namespace pgslab {

struct Points {
    const float *data;  // float[count][dims]
    size_t count;
    uint32_t dims;
    float scale;

    const float *row(size_t i) const noexcept { return data + i * dims; }

    // Has the processor fetch a point that is wanted soon. Points are taken in the order of lists,
    // which is none that it could foresee.
    void prefetch(size_t i) const noexcept {
        constexpr size_t kLine = 64;
        const auto *bytes = reinterpret_cast<const char *>(row(i));
        for (size_t at = 0; at < dims * sizeof(float); at += kLine) {
            __builtin_prefetch(bytes + at);
        }
    }

    // out[dims] = p_i * scale - origin; gives the square of its norm.
    float relative(size_t i, const float *origin, float *out) const noexcept {
        Lanes lanes;
        kernels().relative(lanes, row(i), scale, origin, out, dims);
        return sum(lanes);
    }
};

// Points to prefetch before they are wanted.
constexpr size_t kAhead = 2;

// sums[dims] += x
inline void add_to(double *sums, const float *x, uint32_t dims) noexcept {
    kernels().add_to(sums, x, dims);
}

// Centroids relative to some origin, with what a comparison needs of them.
struct Centroids {
    std::vector<float> values;  // float[size][dims]
    std::vector<float> halves;  // |c|^2 / 2

    size_t size() const noexcept { return halves.size(); }

    const float *at(size_t i, uint32_t dims) const noexcept { return values.data() + i * dims; }

    // Appends one of dims elements; may throw std::bad_alloc.
    void add(const float *centroid, uint32_t dims);

    // Replaces one, by float[dims] or by the mean of n >= 1 points.
    void set(size_t i, const float *centroid, uint32_t dims) noexcept;
    void set_mean(size_t i, const double *sums, size_t n, uint32_t dims) noexcept;

    // Keeps those whose flag is set, in order.
    void keep(const std::vector<bool> &kept, uint32_t dims);
};

// The nearest of several centroids: the first of those equally near.
struct Nearest {
    uint32_t index;
    float distance;  // squared; what rounding alone may have caused counts as 0
};

// Some points at a time, as a matrix of consecutive rows that fits a cache.
class Tile {
  public:
    static constexpr size_t kMostRows = 240;

    // Points to take at a time, for points of so many elements.
    static size_t rows_for(uint32_t dims) noexcept {
        return std::clamp<size_t>(size_t{65536} / dims, 12, kMostRows);
    }

    // About what it takes to fill a tile with n points and compare them with k centroids, in
    // multiply-adds.
    static size_t work(size_t n, size_t k, uint32_t dims) noexcept {
        return n * (k + 8) * (dims + 32);
    }

    // Room for so many points: capacity * (dims + 1) floats and, once compare() was called, as many
    // more as it has results. All may throw std::bad_alloc.
    Tile(uint32_t dims, size_t capacity);

    // Rows at .. at + n become points rows[0 .. n).
    void fill(const Points &points, const uint32_t *rows, size_t n, const float *origin,
              size_t at = 0);

    // Compares the n rows from `at` on with all centroids, of the same origin.
    void compare(const Centroids &centroids, size_t n, size_t at = 0);

    const float *row(size_t i) const noexcept { return rows_.data() + i * dims_; }

    // After compare(), for row at + i.
    float distance(size_t i, size_t centroid) const noexcept {
        return clean(norms_[at_ + i], halves_[centroid] - products_[i * compared_ + centroid]);
    }
    Nearest nearest(size_t i) const noexcept;

  private:
    // |p|^2 + 2 half, where it is more than the rounding of float32 sums.
    static float clean(float norm, float half) noexcept {
        const float distance = norm + 2 * half;
        return distance > norm * 0x1p-18f ? distance : 0;
    }

    uint32_t dims_;
    size_t at_ = 0;                  // the first row compared
    size_t compared_ = 0;            // centroids
    const float *halves_ = nullptr;  // of the centroids compared with
    std::vector<float> rows_;
    std::vector<float> norms_;     // |p|^2
    std::vector<float> products_;  // float[rows compared][compared_]
};

// Rows by list: those of list l are rows[begin[l] .. begin[l + 1]).
struct Members {
    std::vector<uint32_t> rows;
    std::vector<size_t> begin;

    size_t lists() const noexcept { return begin.size() - 1; }
    size_t size(size_t list) const noexcept { return begin[list + 1] - begin[list]; }
    const uint32_t *of(size_t list) const noexcept { return rows.data() + begin[list]; }
};

// lists[i] is the list of rows[i], or of row i where rows is null. May throw std::bad_alloc.
Members group_by_list(const std::vector<uint32_t> &lists, size_t number_of_lists,
                      const uint32_t *rows);

}  // namespace pgslab
