#include "cluster/points.h"

#include "kernels/kernels.h"

namespace pgslab {

void Centroids::add(const float *centroid, uint32_t dims) {
    values.insert(values.end(), centroid, centroid + dims);
    halves.push_back(dot_f32(centroid, centroid, dims) / 2);
}

void Centroids::set(size_t i, const float *centroid, uint32_t dims) noexcept {
    std::copy_n(centroid, dims, values.data() + i * dims);
    halves[i] = dot_f32(centroid, centroid, dims) / 2;
}

void Centroids::set_mean(size_t i, const double *sums, size_t n, uint32_t dims) noexcept {
    float *centroid = values.data() + i * dims;
    for (uint32_t d = 0; d < dims; d++) {
        centroid[d] = static_cast<float>(sums[d] / static_cast<double>(n));
    }
    halves[i] = dot_f32(centroid, centroid, dims) / 2;
}

void Centroids::keep(const std::vector<bool> &kept, uint32_t dims) {
    size_t to = 0;
    for (size_t from = 0; from < kept.size(); from++) {
        if (kept[from]) {
            if (to != from) {
                std::copy_n(at(from, dims), dims, values.data() + to * dims);
                halves[to] = halves[from];
            }
            to++;
        }
    }
    values.resize(to * dims);
    halves.resize(to);
}

Tile::Tile(uint32_t dims, size_t capacity)
    : dims_(dims), rows_(capacity * dims), norms_(capacity) {}

void Tile::fill(const Points &points, const uint32_t *rows, size_t n, const float *origin,
                size_t at) {
    for (size_t i = 0; i < n; i++) {
        if (i + kAhead < n) {
            points.prefetch(rows[i + kAhead]);
        }
        norms_[at + i] = points.relative(rows[i], origin, rows_.data() + (at + i) * dims_);
    }
}

void Tile::compare(const Centroids &centroids, size_t n, size_t at) {
    at_ = at;
    compared_ = centroids.size();
    halves_ = centroids.halves.data();
    products_.resize(std::max(products_.size(), n * compared_));
    kernels().dot_tile(row(at), n, centroids.values.data(), compared_, dims_, products_.data());
}

Nearest Tile::nearest(size_t i) const noexcept {
    const float *products = products_.data() + i * compared_;
    size_t best = 0;
    float least = halves_[0] - products[0];
    for (size_t c = 1; c < compared_; c++) {
        const float half = halves_[c] - products[c];
        if (half < least) {
            least = half;
            best = c;
        }
    }
    return {static_cast<uint32_t>(best), clean(norms_[at_ + i], least)};
}

Members group_by_list(const std::vector<uint32_t> &lists, size_t number_of_lists,
                      const uint32_t *rows) {
    Members members;
    members.begin.resize(number_of_lists + 1);
    members.rows.resize(lists.size());
    for (const uint32_t list : lists) {
        members.begin[list + 1]++;
    }
    for (size_t l = 0; l < number_of_lists; l++) {
        members.begin[l + 1] += members.begin[l];
    }
    std::vector<size_t> next(members.begin.begin(), members.begin.end() - 1);
    for (size_t i = 0; i < lists.size(); i++) {
        members.rows[next[lists[i]]++] = rows != nullptr ? rows[i] : static_cast<uint32_t>(i);
    }
    return members;
}

}  // namespace pgslab
