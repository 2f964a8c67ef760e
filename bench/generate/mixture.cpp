#include "generate/mixture.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "generate/random.h"

namespace bench {
namespace {

// Streams of random numbers; row i has stream i + 1.
constexpr uint64_t kLatentStream = 0xA11CE;
constexpr uint64_t kClusterStream = 0xC0000000;

// Products are rounded to float, sums are kept in double.
double dot(const float *a, const float *b, size_t dims) {
    double sum = 0;
    for (size_t k = 0; k < dims; k++) {
        sum += a[k] * b[k];
    }
    return sum;
}

}  // namespace

Mixture::Mixture(const MixtureShape &shape, uint64_t seed)
    : shape_(shape),
      seed_(seed),
      sigma_(std::sqrt(shape.noise / static_cast<double>(shape.dims))),
      cumulative_(shape.clusters),
      spread_(shape.sub),
      weights_(shape.dims, 1.0F),
      latent_basis_(shape.latent * shape.dims),
      directions_(shape.clusters * shape.sub * shape.dims),
      means_(shape.clusters * shape.dims) {
    double total = 0;
    for (size_t i = 0; i < shape.clusters; i++) {
        total += std::pow(i + 1, -shape.zipf);
        cumulative_[i] = total;
    }
    for (double &probability : cumulative_) {
        probability /= total;
    }
    double energy = 0;
    for (size_t j = 0; j < shape.sub; j++) {
        spread_[j] = std::pow(j + 1, -shape.alpha);
        energy += spread_[j] * spread_[j];
    }
    for (double &s : spread_) {
        s /= std::sqrt(energy);
    }
    for (size_t k = 0; shape.decay != 0 && k < shape.dims; k++) {
        weights_[k] = static_cast<float>(std::pow(k + 1, -shape.decay));
    }
    make_latent_basis();
    for (size_t cluster = 0; cluster < shape.clusters; cluster++) {
        make_cluster(cluster);
    }
}

void Mixture::make_latent_basis() {
    Random random(seed_, kLatentStream);
    const double scale = std::sqrt(static_cast<double>(shape_.dims));
    for (float &x : latent_basis_) {
        x = static_cast<float>(random.normal() / scale);
    }
}

void Mixture::make_cluster(size_t cluster) {
    const size_t dims = shape_.dims;
    Random random(seed_, kClusterStream + cluster);
    for (size_t j = 0; j < shape_.sub; j++) {  // Gram-Schmidt
        float *u = direction(cluster, j);
        for (size_t k = 0; k < dims; k++) {
            u[k] = static_cast<float>(random.normal());
        }
        for (size_t earlier = 0; earlier < j; earlier++) {
            const float *w = direction(cluster, earlier);
            const double projection = dot(u, w, dims);
            for (size_t k = 0; k < dims; k++) {
                u[k] = static_cast<float>(u[k] - projection * w[k]);
            }
        }
        const double length = std::sqrt(dot(u, u, dims));
        for (size_t k = 0; k < dims; k++) {
            u[k] = static_cast<float>(u[k] / length);
        }
    }
    float *mean = means_.data() + cluster * dims;
    for (size_t l = 0; l < shape_.latent; l++) {
        const double weight = random.normal();
        const float *basis = latent_basis_.data() + l * dims;
        for (size_t k = 0; k < dims; k++) {
            mean[k] = static_cast<float>(mean[k] + weight * basis[k]);
        }
    }
    const double scale = shape_.center / std::sqrt(dot(mean, mean, dims));
    for (size_t k = 0; k < dims; k++) {
        mean[k] = static_cast<float>(mean[k] * scale);
    }
}

void Mixture::row(uint64_t id, float *x) const {
    const size_t dims = shape_.dims;
    Random random(seed_, id + 1);
    const auto drawn = std::lower_bound(cumulative_.begin(), cumulative_.end(), random.uniform());
    const size_t cluster =
        std::min(static_cast<size_t>(drawn - cumulative_.begin()), shape_.clusters - 1);
    std::memcpy(x, means_.data() + cluster * dims, dims * sizeof *x);
    for (size_t j = 0; j < shape_.sub; j++) {
        const auto weight = static_cast<float>(random.normal() * spread_[j]);
        const float *u = direction(cluster, j);
        for (size_t k = 0; k < dims; k++) {
            x[k] += weight * u[k];
        }
    }
    double squares = 0;
    for (size_t k = 0; k < dims; k++) {
        x[k] = static_cast<float>(x[k] + sigma_ * random.normal()) * weights_[k];
        squares += x[k] * x[k];
    }
    const auto scale = static_cast<float>(1 / std::sqrt(squares));
    for (size_t k = 0; k < dims; k++) {
        x[k] *= scale;
    }
}

}  // namespace bench
