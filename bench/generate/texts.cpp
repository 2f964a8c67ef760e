#include "generate/texts.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <span>
#include <utility>

#include "common/vecs.h"
#include "generate/random.h"
#include "generate/svd.h"
#include "generate/terms.h"

namespace bench {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;

constexpr size_t kMinTexts = 3;
constexpr Index kTextDims = 256;
constexpr Index kWordDims = 128;
constexpr size_t kQueries = 1000;

std::vector<Index> shuffled(size_t count, uint64_t seed) {
    Random random(seed, 1);
    std::vector<Index> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    for (size_t left = count; left > 1; left--) {
        std::swap(numbers[left - 1], numbers[random.bits() % left]);
    }
    return numbers;
}

void write_rows(const MatrixXf &vectors, std::span<const Index> numbers, const std::string &path) {
    VecsWriter<float> writer(path);
    for (const Index number : numbers) {
        const Eigen::VectorXf row = vectors.row(number);
        writer.append(row.data(), static_cast<size_t>(row.size()));
    }
    writer.finish();
}

void write_set(MatrixXf vectors, uint64_t seed, const std::string &folder) {
    vectors.rowwise().normalize();
    const std::vector<Index> order = shuffled(static_cast<size_t>(vectors.rows()), seed);
    const std::span<const Index> numbers(order);
    std::filesystem::create_directories(folder);
    write_rows(vectors, numbers.first(kQueries), folder + "/query.fvecs");
    write_rows(vectors, numbers.subspan(kQueries), folder + "/base.fvecs");
}

}  // namespace

void write_text_sets(const std::vector<std::string> &texts, uint64_t seed,
                     const std::string &folder) {
    const TermMatrix terms = term_matrix(texts, kMinTexts);
    if (static_cast<size_t>(std::min(terms.weights.rows(), terms.weights.cols())) < 2 * kQueries) {
        die("there are too few texts, or words in them");
    }
    const Svd svd = truncated_svd(terms.weights, kTextDims, seed);
    // Scaled by the singular values, a text is the projection of its words. Words are more alike in
    // meaning by the roots of these (Levy, Goldberg and Dagan, TACL 3 (2015), section 3.3).
    write_set(svd.v * svd.s.asDiagonal(), seed, folder + "/docs256");
    write_set(svd.u.leftCols(kWordDims) * svd.s.head(kWordDims).cwiseSqrt().asDiagonal(), seed,
              folder + "/words128");
}

}  // namespace bench
