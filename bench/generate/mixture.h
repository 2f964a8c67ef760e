// Vectors that are distributed as embeddings are: clusters of very different sizes, each of them
// spread over a few directions of its own, at graded distances from each other.
//
//   c ~ Zipf(zipf) over the clusters;  x = mean_c + U_c (s * z) + sigma * e,  then scaled to length
//   1
//
// z and e are standard normal; U_c is a random orthonormal dims x sub basis; s_j falls as
// (j+1)^-alpha with sum s^2 = 1; sigma^2 * dims = noise, the energy of the noise against that of
// the subspace; mean_c has length `center` and lies in a random subspace of `latent` dimensions
// that all clusters share. With a decay, element i is multiplied by (i+1)^-decay before it is
// scaled: the first elements say most, as those of models do that were trained for it.
//
// Row i depends on (seed, i) alone, so the first rows of a larger set are those of a smaller one.
// The bits of the result are part of the contract: built with -ffp-contract=off they do not depend
// on the compiler or the CPU, only on libm's log and pow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

struct MixtureShape {
    size_t dims = 768;
    size_t clusters = 500;
    size_t sub = 32;
    size_t latent = 64;
    double alpha = 0.5;
    double zipf = 1.0;
    double noise = 0.05;
    double center = 1.0;
    double decay = 0.0;
};

class Mixture {
  public:
    // Queries are rows of the same stream, from this one on.
    static constexpr uint64_t kFirstQuery = uint64_t{1} << 40;

    Mixture(const MixtureShape &shape, uint64_t seed);

    // Writes row `id` to x, which has room for shape.dims floats. Threads may share a Mixture.
    void row(uint64_t id, float *x) const;

  private:
    void make_latent_basis();
    void make_cluster(size_t cluster);

    float *direction(size_t cluster, size_t j) {
        return directions_.data() + (cluster * shape_.sub + j) * shape_.dims;
    }
    const float *direction(size_t cluster, size_t j) const {
        return directions_.data() + (cluster * shape_.sub + j) * shape_.dims;
    }

    MixtureShape shape_;
    uint64_t seed_;
    double sigma_;
    std::vector<double> cumulative_;   // [clusters], of their probabilities
    std::vector<double> spread_;       // [sub], s
    std::vector<float> weights_;       // [dims], of elements
    std::vector<float> latent_basis_;  // [latent][dims]
    std::vector<float> directions_;    // [clusters][sub][dims], U_c
    std::vector<float> means_;         // [clusters][dims]
};

}  // namespace bench
