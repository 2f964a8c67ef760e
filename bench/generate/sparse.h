// Sparse vectors like those that a learned sparse encoder makes of texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <utility>
#include <vector>

namespace bench {

struct SparseShape {
    size_t dims = 30522;  // BERT's vocabulary, which such encoders weigh
    size_t topics = 2000;
    size_t topic_terms = 200;
    size_t row_terms = 120;
    size_t least_query_terms = 30;
    size_t most_query_terms = 40;
};

// Terms are as frequent as words: the probability of the one of rank r falls as (r + 20)^-0.9. A
// topic is a choice of terms, of which its first ones are the most frequent in its rows. A row has
// six tenths of its terms from its topic, a query seven tenths. Weights are log-normal, at most 3,
// greater for terms of the topic and smaller for those that are frequent everywhere.
class SparseRows {
  public:
    using Row = std::vector<std::pair<uint32_t, float>>;  // dimensions from 1, ascending

    SparseRows(const SparseShape &shape, uint64_t seed);

    Row row(uint64_t i) const;
    Row query(uint64_t i) const;

  private:
    Row make(uint64_t stream, size_t terms, double share_of_topic, double location) const;
    uint32_t rank_at(double u) const;

    SparseShape shape_;
    uint64_t seed_;
    std::vector<double> cumulative_;           // of the ranks' probabilities
    std::vector<uint32_t> dimension_of_rank_;  // a permutation
    std::vector<std::vector<uint32_t>> topics_;
};

// Lines of a number, a tab and a vector, {dimension:weight,...}/dims, as COPY reads them.
void write_sparse(const SparseRows &rows, const SparseShape &shape, bool queries, size_t count,
                  std::ostream &out);

}  // namespace bench
