// The leading part of the singular value decomposition of a large sparse matrix.
#pragma once

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <cstdint>

namespace bench {

// a ~ u * diag(s) * v', with s descending.
struct Svd {
    Eigen::MatrixXf u;  // [rows of a][rank]
    Eigen::VectorXf s;  // [rank]
    Eigen::MatrixXf v;  // [columns of a][rank]
};

// By randomised subspace iteration: Halko, Martinsson and Tropp, "Finding structure with
// randomness", SIAM Review 53 (2011), algorithms 4.4 and 5.1. The matrix has more rows and columns
// than the rank by some dozens. The seed decides the result up to rounding, which may differ
// between processors.
Svd truncated_svd(const Eigen::SparseMatrix<float> &a, Eigen::Index rank, uint64_t seed);

}  // namespace bench
