// What texts say, as a matrix with a row for each word and a column for each text.
#pragma once

#include <Eigen/SparseCore>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

struct TermMatrix {
    std::vector<std::string> words;  // of the rows

    // (1 + ln tf) * ln(texts / df), where tf is how often the word occurs in the text and df the
    // number of texts it occurs in. Columns are scaled to length 1.
    Eigen::SparseMatrix<float> weights;
};

// A word is a run of letters and digits, in lower case; bytes outside of ASCII count as letters.
// Words that fewer than `min_texts` different texts have are left out. No two columns are the same
// and no two rows: of texts that have the same words as often, and of words that the same texts
// have as often, the first stands for all.
TermMatrix term_matrix(const std::vector<std::string> &texts, size_t min_texts);

}  // namespace bench
