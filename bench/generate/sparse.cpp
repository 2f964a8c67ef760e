#include "generate/sparse.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <string>

#include "generate/random.h"

namespace bench {
namespace {

constexpr double kFlatRanks = 20;
constexpr double kExponent = 0.9;
constexpr double kMostWeight = 3;

// Streams of random numbers: one for the permutation, then topics, rows and queries.
constexpr uint64_t kTopics = 1;
constexpr uint64_t kRows = uint64_t{1} << 32;
constexpr uint64_t kQueries = uint64_t{1} << 48;

}  // namespace

SparseRows::SparseRows(const SparseShape &shape, uint64_t seed) : shape_(shape), seed_(seed) {
    double sum = 0;
    for (size_t rank = 0; rank < shape.dims; rank++) {
        sum += std::pow(static_cast<double>(rank) + kFlatRanks, -kExponent);
        cumulative_.push_back(sum);
    }
    for (double &value : cumulative_) {
        value /= sum;
    }
    Random random(seed, 0);
    dimension_of_rank_.resize(shape.dims);
    std::iota(dimension_of_rank_.begin(), dimension_of_rank_.end(), 1);
    for (size_t left = shape.dims; left > 1; left--) {
        std::swap(dimension_of_rank_[left - 1], dimension_of_rank_[random.bits() % left]);
    }
    for (size_t topic = 0; topic < shape.topics; topic++) {
        Random of_topic(seed, kTopics + topic);
        std::vector<uint32_t> ranks;
        while (ranks.size() < shape.topic_terms) {
            const uint32_t rank = rank_at(of_topic.uniform());
            if (std::find(ranks.begin(), ranks.end(), rank) == ranks.end()) {
                ranks.push_back(rank);
            }
        }
        topics_.push_back(std::move(ranks));
    }
}

SparseRows::Row SparseRows::row(uint64_t i) const {
    return make(kRows + i, shape_.row_terms, 0.6, -0.8);
}

SparseRows::Row SparseRows::query(uint64_t i) const {
    const size_t more = shape_.most_query_terms - shape_.least_query_terms + 1;
    return make(kQueries + i, shape_.least_query_terms + i % more, 0.7, -0.4);
}

SparseRows::Row SparseRows::make(uint64_t stream, size_t terms, double share_of_topic,
                                 double location) const {
    Random random(seed_, stream);
    const std::vector<uint32_t> &topic = topics_[random.bits() % topics_.size()];
    std::map<uint32_t, float> weights;
    while (weights.size() < terms) {
        const bool of_topic = random.uniform() < share_of_topic;
        // The square prefers the first terms of a topic.
        const double u = random.uniform();
        const uint32_t rank =
            of_topic ? topic[static_cast<size_t>(u * u * static_cast<double>(topic.size()))]
                     : rank_at(u);
        const double rarity = 0.6 + 0.4 * rank / (rank + 1000.0);
        const double weight =
            std::exp(location + (of_topic ? 0.4 : 0.0) + 0.6 * random.normal()) * rarity;
        weights.emplace(dimension_of_rank_[rank],
                        static_cast<float>(std::min(weight, kMostWeight)));
    }
    return {weights.begin(), weights.end()};
}

uint32_t SparseRows::rank_at(double u) const {
    const auto at = std::lower_bound(cumulative_.begin(), cumulative_.end(), u);
    return static_cast<uint32_t>(std::min<size_t>(at - cumulative_.begin(), shape_.dims - 1));
}

void write_sparse(const SparseRows &rows, const SparseShape &shape, bool queries, size_t count,
                  std::ostream &out) {
    char text[32];
    for (size_t i = 0; i < count; i++) {
        std::string line = std::to_string(i) + "\t{";
        for (const auto &[dimension, weight] : queries ? rows.query(i) : rows.row(i)) {
            // Four digits after the point are what makes a difference, and never give 0.
            std::snprintf(text, sizeof text, "%u:%.4f,", dimension, std::max(weight, 0.001F));
            line += text;
        }
        line.back() = '}';
        out << line << '/' << shape.dims << '\n';
    }
}

}  // namespace bench
