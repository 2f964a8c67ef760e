#include "generate/terms.h"

#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace bench {
namespace {

// A row of counts: the columns that have one, ascending, each with its count.
using Counts = std::vector<std::pair<int, int>>;

bool in_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
}

std::vector<std::string> words_of(const std::string &text) {
    std::vector<std::string> words;
    std::string word;
    for (char c : text + ' ') {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
        if (in_word(c)) {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    return words;
}

// A row for each text. Columns are numbers of words, which are added to `words` as they come.
std::vector<Counts> count_words(const std::vector<std::string> &texts,
                                std::vector<std::string> &words) {
    std::unordered_map<std::string, int> numbers;
    std::vector<Counts> rows;
    for (const std::string &text : texts) {
        std::map<int, int> counts;
        for (const std::string &word : words_of(text)) {
            const auto [found, added] = numbers.emplace(word, static_cast<int>(words.size()));
            if (added) {
                words.push_back(word);
            }
            counts[found->second]++;
        }
        rows.emplace_back(counts.begin(), counts.end());
    }
    return rows;
}

std::vector<Counts> transposed(const std::vector<Counts> &rows, size_t columns) {
    std::vector<Counts> result(columns);
    for (size_t i = 0; i < rows.size(); i++) {
        for (const auto &[column, count] : rows[i]) {
            result[static_cast<size_t>(column)].emplace_back(static_cast<int>(i), count);
        }
    }
    return result;
}

// Leaves the first of rows that are equal, and none without counts.
void keep_distinct(std::vector<Counts> &rows) {
    std::set<Counts> seen;
    std::vector<Counts> kept;
    for (Counts &row : rows) {
        if (!row.empty() && seen.insert(row).second) {
            kept.push_back(std::move(row));
        }
    }
    rows = std::move(kept);
}

// Distinct texts as rows, without words that are rare among them.
std::vector<Counts> texts_of_frequent_words(std::vector<Counts> texts, size_t words,
                                            size_t min_texts) {
    keep_distinct(texts);
    std::vector<Counts> by_word = transposed(texts, words);
    for (Counts &word : by_word) {
        if (word.size() < min_texts) {
            word.clear();
        }
    }
    texts = transposed(by_word, texts.size());
    keep_distinct(texts);  // some differed by rare words alone
    return texts;
}

void normalize_columns(Eigen::SparseMatrix<float> &matrix) {
    for (Eigen::Index column = 0; column < matrix.cols(); column++) {
        const float length = matrix.col(column).norm();
        for (Eigen::SparseMatrix<float>::InnerIterator entry(matrix, column); entry; ++entry) {
            entry.valueRef() /= length;
        }
    }
}

}  // namespace

TermMatrix term_matrix(const std::vector<std::string> &texts, size_t min_texts) {
    std::vector<std::string> words;
    const std::vector<Counts> by_text = count_words(texts, words);
    const std::vector<Counts> columns = texts_of_frequent_words(by_text, words.size(), min_texts);
    const std::vector<Counts> by_word = transposed(columns, words.size());

    TermMatrix matrix;
    std::set<Counts> seen;
    std::vector<Eigen::Triplet<float>> entries;
    for (size_t i = 0; i < words.size(); i++) {
        const Counts &counts = by_word[i];
        if (counts.empty() || !seen.insert(counts).second) {
            continue;
        }
        const auto row = static_cast<int>(matrix.words.size());
        matrix.words.push_back(words[i]);
        const double idf = std::log(static_cast<double>(columns.size()) / counts.size());
        for (const auto &[column, count] : counts) {
            entries.emplace_back(row, column, static_cast<float>((1 + std::log(count)) * idf));
        }
    }
    matrix.weights.resize(static_cast<Eigen::Index>(matrix.words.size()),
                          static_cast<Eigen::Index>(columns.size()));
    matrix.weights.setFromTriplets(entries.begin(), entries.end());
    normalize_columns(matrix.weights);
    return matrix;
}

}  // namespace bench
