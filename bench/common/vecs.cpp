#include "common/vecs.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace bench {

void die(const std::string &message) {
    std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, message.c_str());
    std::exit(1);
}

template <typename Value>
VecsReader<Value>::VecsReader(const std::string &path)
    : path_(path), file_(std::fopen(path.c_str(), "rb")) {
    if (file_ == nullptr) {
        die(path + ": " + std::strerror(errno));
    }
    int32_t dims = 0;
    if (std::fread(&dims, sizeof dims, 1, file_) != 1 || dims <= 0) {
        die(path + " does not begin with a number of dimensions");
    }
    dims_ = static_cast<size_t>(dims);
    const size_t row_bytes = sizeof dims + dims_ * sizeof(Value);
    std::fseek(file_, 0, SEEK_END);
    const auto bytes = static_cast<size_t>(std::ftell(file_));
    std::rewind(file_);
    if (bytes % row_bytes != 0) {
        die(path + " is cut off, or its rows differ in dimensions");
    }
    rows_ = bytes / row_bytes;
    row_.resize(dims_);
}

template <typename Value>
VecsReader<Value>::~VecsReader() {
    std::fclose(file_);
}

template <typename Value>
void VecsReader<Value>::seek(size_t row) {
    const size_t row_bytes = sizeof(int32_t) + dims_ * sizeof(Value);
    if (row > rows_ || std::fseek(file_, static_cast<long>(row * row_bytes), SEEK_SET) != 0) {
        die(path_ + " has " + std::to_string(rows_) + " rows, no " + std::to_string(row));
    }
    position_ = row;
}

template <typename Value>
const Value *VecsReader<Value>::next() {
    int32_t dims = 0;
    if (std::fread(&dims, sizeof dims, 1, file_) != 1 || static_cast<size_t>(dims) != dims_ ||
        std::fread(row_.data(), sizeof(Value), dims_, file_) != dims_) {
        die(path_ + ": a row is missing or has other dimensions");
    }
    position_++;
    return row_.data();
}

template <typename Value>
Matrix<Value> read_vecs(const std::string &path, size_t limit) {
    VecsReader<Value> reader(path);
    Matrix<Value> matrix{std::min(reader.rows(), limit), reader.dims(), {}};
    matrix.values.resize(matrix.rows * matrix.dims);
    for (size_t i = 0; i < matrix.rows; i++) {
        std::memcpy(matrix.row(i), reader.next(), matrix.dims * sizeof(Value));
    }
    return matrix;
}

template <typename Value>
VecsWriter<Value>::VecsWriter(const std::string &path)
    : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) {
        die(path + ": " + std::strerror(errno));
    }
}

template <typename Value>
VecsWriter<Value>::~VecsWriter() {
    if (file_ != nullptr) {
        std::fclose(file_);
    }
}

template <typename Value>
void VecsWriter<Value>::append(const Value *values, size_t dims) {
    const auto header = static_cast<int32_t>(dims);
    if (std::fwrite(&header, sizeof header, 1, file_) != 1 ||
        std::fwrite(values, sizeof(Value), dims, file_) != dims) {
        die(path_ + ": " + std::strerror(errno));
    }
}

template <typename Value>
void VecsWriter<Value>::finish() {
    const int status = std::fclose(file_);
    file_ = nullptr;
    if (status != 0) {
        die(path_ + ": " + std::strerror(errno));
    }
}

void normalize_rows(Matrix<float> &matrix) {
    for (size_t i = 0; i < matrix.rows; i++) {
        float *row = matrix.row(i);
        double squares = 0;
        for (size_t k = 0; k < matrix.dims; k++) {
            squares += row[k] * row[k];
        }
        const auto scale = static_cast<float>(1 / std::sqrt(squares));
        for (size_t k = 0; k < matrix.dims; k++) {
            row[k] *= scale;
        }
    }
}

template class VecsReader<float>;
template class VecsReader<int32_t>;
template class VecsWriter<float>;
template class VecsWriter<int32_t>;
template Matrix<float> read_vecs(const std::string &path, size_t limit);
template Matrix<int32_t> read_vecs(const std::string &path, size_t limit);

}  // namespace bench
