#include "generate/svd.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include "generate/random.h"

namespace bench {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;

// Singular values of texts fall slowly: some vectors more than asked for, and some iterations, keep
// the last of them from being mixed up with what is left out.
constexpr Index kOversampling = 32;
constexpr int kIterations = 4;

MatrixXf gaussian(Index rows, Index columns, uint64_t seed) {
    Random random(seed, 0);
    MatrixXf result(rows, columns);
    for (Index i = 0; i < result.size(); i++) {
        result.data()[i] = static_cast<float>(random.normal());
    }
    return result;
}

// A basis of the space that the columns span.
MatrixXf orthonormal(const MatrixXf &matrix) {
    const Eigen::HouseholderQR<MatrixXf> qr(matrix);
    return qr.householderQ() * MatrixXf::Identity(matrix.rows(), matrix.cols());
}

}  // namespace

Svd truncated_svd(const Eigen::SparseMatrix<float> &a, Index rank, uint64_t seed) {
    const Index sampled = rank + kOversampling;
    MatrixXf q = orthonormal(a * gaussian(a.cols(), sampled, seed));
    for (int i = 0; i < kIterations; i++) {
        q = orthonormal(a.transpose() * q);
        q = orthonormal(a * q);
    }
    // a ~ q b', and the eigenvectors t of b' b turn q into u. What they lose by rounding does not
    // matter for singular values that are not far apart.
    const MatrixXf b = a.transpose() * q;
    const Eigen::SelfAdjointEigenSolver<MatrixXf> gram(b.transpose() * b);
    const MatrixXf t = gram.eigenvectors().rightCols(rank).rowwise().reverse();
    const Eigen::VectorXf s = gram.eigenvalues().tail(rank).reverse().cwiseSqrt();
    return {q * t, s, b * t * s.cwiseInverse().asDiagonal()};
}

}  // namespace bench
