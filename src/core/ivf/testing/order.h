// What is promised of the rows of a scan that was read to its end.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "ivf/testing/memory_index.h"
#include "ivf/testing/scanner.h"

namespace pgslab {

// The operator's values of rows, by the number of their tid.
using RowValues = std::map<uint32_t, double>;

// Rows come in ascending order of the operator's values, each once, and none that is not there.
inline void expect_in_order(const std::vector<ScannedRow> &rows, const RowValues &values) {
    std::set<uint32_t> numbers;
    double before = -INFINITY;
    for (const ScannedRow &row : rows) {
        const uint32_t number = number_of(row.tid);
        ASSERT_TRUE(numbers.insert(number).second) << "row " << number << " came twice";
        ASSERT_TRUE(values.contains(number)) << "row " << number << " is not live";
        const double value = values.at(number);
        ASSERT_FALSE(value < before) << "row " << number << " at " << value << " after " << before;
        ASSERT_FALSE(row.bound > value) << "row " << number;
        before = value;
    }
}

// Besides, an approximate scan leaves out no rows but such as lie before the last.
inline void expect_as_approximate(const std::vector<ScannedRow> &rows, const RowValues &values) {
    ASSERT_NO_FATAL_FAILURE(expect_in_order(rows, values));
    std::set<uint32_t> numbers;
    for (const ScannedRow &row : rows) {
        numbers.insert(number_of(row.tid));
    }
    ASSERT_EQ(rows.empty(), values.empty());
    for (const auto &[number, value] : values) {
        ASSERT_TRUE(numbers.contains(number) || value < values.at(number_of(rows.back().tid)))
            << "row " << number << " at " << value << " is missing";
    }
}

}  // namespace pgslab
