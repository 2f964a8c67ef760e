// Files of vectors: for each row its number of dimensions as a little-endian int32, then that many
// values, float32 (fvecs) or int32 (ivecs). All rows of a file have the same number.
//
// What goes wrong here ends the program with a message: these are tools, not a library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace bench {

// Prints "program: message" and exits with status 1.
[[noreturn]] void die(const std::string &message);

template <typename Value>
struct Matrix {
    size_t rows = 0;
    size_t dims = 0;
    std::vector<Value> values;  // row after row

    Value *row(size_t i) { return values.data() + i * dims; }
    const Value *row(size_t i) const { return values.data() + i * dims; }
};

// Reads a file row by row.
template <typename Value>
class VecsReader {
  public:
    explicit VecsReader(const std::string &path);
    ~VecsReader();
    VecsReader(const VecsReader &) = delete;
    VecsReader &operator=(const VecsReader &) = delete;

    size_t rows() const { return rows_; }
    size_t dims() const { return dims_; }

    // Makes next() return this row, and those behind it.
    void seek(size_t row);

    // Whether next() has returned the last row.
    bool at_end() const { return position_ == rows_; }

    // The next row's dims() values, valid until the next call.
    const Value *next();

  private:
    std::string path_;
    std::FILE *file_;
    size_t rows_ = 0;
    size_t dims_ = 0;
    size_t position_ = 0;
    std::vector<Value> row_;
};

// The first `limit` rows of a file, or all when it has fewer.
template <typename Value>
Matrix<Value> read_vecs(const std::string &path, size_t limit = SIZE_MAX);

// Writes rows in order.
template <typename Value>
class VecsWriter {
  public:
    explicit VecsWriter(const std::string &path);
    ~VecsWriter();  // closes a file that finish() did not
    VecsWriter(const VecsWriter &) = delete;
    VecsWriter &operator=(const VecsWriter &) = delete;

    void append(const Value *values, size_t dims);

    // Ends the program if not everything reached the file.
    void finish();

  private:
    std::string path_;
    std::FILE *file_;
};

// Scales each row to length 1, as searches by cosine do once and for all.
void normalize_rows(Matrix<float> &matrix);

}  // namespace bench
