// Points to cluster, and what plain code makes of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "cluster/cluster.h"

namespace pgslab {

struct DataSet {
    uint32_t dims;
    std::vector<float> values = {};

    size_t size() const { return values.size() / dims; }
    const float *row(size_t i) const { return values.data() + i * dims; }
    void add(const std::vector<float> &point) {
        values.insert(values.end(), point.begin(), point.end());
    }
};

// Adds n normal deviates around a centre.
inline void add_blob(DataSet &data, size_t n, const std::vector<float> &centre, double spread,
                     std::mt19937 &random) {
    std::normal_distribution<double> normal(0, spread);
    for (size_t i = 0; i < n * data.dims; i++) {
        data.values.push_back(static_cast<float>(centre[i % data.dims] + normal(random)));
    }
}

inline std::vector<float> random_point(uint32_t dims, double size, std::mt19937 &random) {
    std::uniform_real_distribution<double> uniform(-size, size);
    std::vector<float> point(dims);
    std::generate(point.begin(), point.end(), [&] { return static_cast<float>(uniform(random)); });
    return point;
}

// n points in blobs of different weights, spreads and places, in random order of blobs.
inline DataSet mixture(uint32_t dims, size_t n, size_t blobs, unsigned seed) {
    std::mt19937 random(seed);
    DataSet data{dims};
    std::vector<std::vector<float>> centres;
    for (size_t b = 0; b < blobs; b++) {
        centres.push_back(random_point(dims, 3, random));
    }
    for (size_t i = 0; i < n; i++) {
        const size_t b = std::min(random() % blobs, random() % blobs);
        add_blob(data, 1, centres[b], 0.5 + static_cast<double>(b % 5) / 4, random);
    }
    return data;
}

// One dense blob that most of the points are in, and others all around.
inline DataSet skewed(uint32_t dims, size_t n, unsigned seed) {
    std::mt19937 random(seed);
    DataSet data{dims};
    for (size_t i = 0; i < n; i++) {
        if (i % 10 == 0) {
            data.add(random_point(dims, 100, random));
        } else {
            add_blob(data, 1, std::vector<float>(dims, 7), 0.1, random);
        }
    }
    return data;
}

inline size_t different(const DataSet &data) {
    std::set<std::vector<float>> seen;
    for (size_t i = 0; i < data.size(); i++) {
        seen.insert(std::vector<float>(data.row(i), data.row(i) + data.dims));
    }
    return seen.size();
}

inline double squared_distance(const float *a, const float *b, uint32_t dims) {
    double sum = 0;
    for (uint32_t d = 0; d < dims; d++) {
        const double difference = static_cast<double>(a[d]) - b[d];
        sum += difference * difference;
    }
    return sum;
}

// All points with their nearest of float[k][dims].
struct ClusterQuality {
    double error = 0;  // mean squared distance
    std::vector<size_t> nearest = {};
    std::vector<size_t> sizes = {};

    ClusterQuality(const DataSet &data, const std::vector<float> &centroids)
        : nearest(data.size()), sizes(centroids.size() / data.dims) {
        for (size_t i = 0; i < data.size(); i++) {
            double least = std::numeric_limits<double>::infinity();
            for (size_t c = 0; c < sizes.size(); c++) {
                const double distance =
                    squared_distance(data.row(i), centroids.data() + c * data.dims, data.dims);
                if (distance < least) {
                    least = distance;
                    nearest[i] = c;
                }
            }
            error += least / static_cast<double>(data.size());
            sizes[nearest[i]]++;
        }
    }

    size_t largest() const { return *std::max_element(sizes.begin(), sizes.end()); }
};

// Plain Lloyd iterations from random points, in float64. Centroids without points stay.
inline std::vector<float> plain_kmeans(const DataSet &data, size_t k, unsigned iterations,
                                       unsigned seed) {
    std::mt19937 random(seed);
    std::vector<size_t> order(data.size());
    for (size_t i = 0; i < order.size(); i++) {
        order[i] = i;
    }
    std::shuffle(order.begin(), order.end(), random);
    std::vector<float> centroids;
    for (size_t c = 0; c < k; c++) {
        centroids.insert(centroids.end(), data.row(order[c]), data.row(order[c]) + data.dims);
    }
    for (unsigned iteration = 0; iteration < iterations; iteration++) {
        const ClusterQuality now(data, centroids);
        std::vector<double> sums(centroids.size());
        for (size_t i = 0; i < data.size(); i++) {
            for (uint32_t d = 0; d < data.dims; d++) {
                sums[now.nearest[i] * data.dims + d] += data.row(i)[d];
            }
        }
        for (size_t j = 0; j < sums.size(); j++) {
            if (const size_t size = now.sizes[j / data.dims]; size > 0) {
                centroids[j] = static_cast<float>(sums[j] / static_cast<double>(size));
            }
        }
    }
    return centroids;
}

}  // namespace pgslab
