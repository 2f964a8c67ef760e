#include "inverted/forward_row.h"

#include <cmath>
#include <cstring>

#include "inverted/dictionary.h"
#include "inverted/posting_block.h"

namespace pgslab::inverted {

namespace {

constexpr uint32_t kLengthBytes = 2;  // of a term of text
constexpr uint32_t kDimensionBytes = 4;
constexpr uint32_t kWeightBytes = 4;

// Reads forward rows from front to back.
class Cursor {
  public:
    explicit Cursor(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    bool take(void *to, size_t n) noexcept {
        if (bytes_.size() < n) {
            return false;
        }
        std::memcpy(to, bytes_.data(), n);
        bytes_ = bytes_.subspan(n);
        return true;
    }
    const uint8_t *skip(size_t n) noexcept {
        if (bytes_.size() < n) {
            return nullptr;
        }
        const uint8_t *at = bytes_.data();
        bytes_ = bytes_.subspan(n);
        return at;
    }
    std::span<const uint8_t> rest() const noexcept { return bytes_; }

  private:
    std::span<const uint8_t> bytes_;
};

bool read_term(Weights weights, Cursor &cursor, PgsTerm &term) noexcept {
    if (weights == Weights::kOccurrences) {
        uint16_t length = 0;
        uint32_t occurrences = 0;
        if (!cursor.take(&length, sizeof length)) {
            return false;
        }
        term.length = length;
        term.bytes = cursor.skip(length);
        if (term.bytes == nullptr || !cursor.take(&occurrences, sizeof occurrences)) {
            return false;
        }
        term.weight = static_cast<float>(occurrences);
        return length > 0 && length <= PGS_MAX_TERM_BYTES && occurrences > 0 &&
               occurrences <= static_cast<uint32_t>(kMostOccurrences);
    }
    term.length = kDimensionBytes;
    term.bytes = cursor.skip(kDimensionBytes);
    return term.bytes != nullptr && cursor.take(&term.weight, sizeof term.weight) &&
           std::isfinite(term.weight) && term.weight != 0;
}

Bytes bytes_of(const PgsTerm &term) noexcept {
    return {static_cast<const uint8_t *>(term.bytes), term.length};
}

}  // namespace

uint64_t forward_bytes(Weights weights, const PgsTerm *terms, uint32_t count) noexcept {
    uint64_t bytes = sizeof(ForwardHeader);
    if (weights != Weights::kOccurrences) {
        return bytes + uint64_t{count} * (kDimensionBytes + kWeightBytes);
    }
    for (uint32_t i = 0; i < count; i++) {
        bytes += kLengthBytes + terms[i].length + kWeightBytes;
    }
    return bytes;
}

void write_forward(Weights weights, const PgsTerm *terms, uint32_t count, uint8_t *out) noexcept {
    const uint64_t bytes = forward_bytes(weights, terms, count);
    const ForwardHeader header = {count, static_cast<uint32_t>(bytes)};
    uint8_t *at = out;
    const auto put = [&at](const void *from, size_t n) {
        std::memcpy(at, from, n);
        at += n;
    };
    put(&header, sizeof header);
    for (uint32_t i = 0; i < count; i++) {
        if (weights == Weights::kOccurrences) {
            const auto length = static_cast<uint16_t>(terms[i].length);
            const auto occurrences = static_cast<uint32_t>(terms[i].weight);
            put(&length, sizeof length);
            put(terms[i].bytes, length);
            put(&occurrences, sizeof occurrences);
        } else {
            put(terms[i].bytes, kDimensionBytes);
            put(&terms[i].weight, sizeof terms[i].weight);
        }
    }
    std::memset(at, 0, slots_of(bytes) * kPieceBytes - bytes);
}

DocumentMeasure measure_of(Weights weights, const PgsTerm *terms, uint32_t count) noexcept {
    DocumentMeasure measure;
    for (uint32_t i = 0; i < count; i++) {
        if (weights == Weights::kOccurrences) {
            measure.length += static_cast<uint32_t>(terms[i].weight);
        } else if (weights == Weights::kCosines) {
            measure.square += double{terms[i].weight} * double{terms[i].weight};
        }
    }
    return measure;
}

bool read_forward(Weights weights, std::span<const uint8_t> row, std::vector<PgsTerm> &terms) {
    terms.clear();
    Cursor cursor(row);
    ForwardHeader header;
    if (!cursor.take(&header, sizeof header) || header.bytes > row.size() ||
        slots_of(header.bytes) * kPieceBytes != row.size()) {
        return false;
    }
    for (uint32_t i = 0; i < header.terms; i++) {
        PgsTerm term;
        if (!read_term(weights, cursor, term) ||
            (i > 0 && compare_terms(bytes_of(terms.back()), bytes_of(term)) >= 0)) {
            return false;
        }
        terms.push_back(term);
    }
    return row.size() - cursor.rest().size() == header.bytes;
}

void PieceReader::piece(uint32_t offset, const uint8_t *bytes, uint32_t n) {
    if (offset == 0) {
        if (is_whole_) {
            forget();
        }
        piece_ = bytes_.size();
    }
    bytes_.insert(bytes_.end(), bytes, bytes + n);
}

bool PieceReader::row(const Row &row) {
    const uint32_t piece = document_record(row.record).piece;
    const uint32_t number = piece & ~kLastPiece;
    if (number == 0) {
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(piece_));
    } else if (number != pieces_ || row.address != next_address_) {
        forget();
        return false;
    }
    pieces_ = number + 1;
    next_address_ = row.address + 1;
    is_whole_ = (piece & kLastPiece) != 0;
    return is_whole_;
}

void PieceReader::forget() noexcept {
    bytes_.clear();
    pieces_ = 0;
    next_address_ = 0;
    is_whole_ = false;
}

bool PieceReader::read(const Row &row, std::vector<PgsTerm> &terms) {
    if (!read_forward(weights_, bytes_, terms)) {
        return false;
    }
    const DocumentMeasure measure =
        measure_of(weights_, terms.data(), static_cast<uint32_t>(terms.size()));
    const DocumentRecord record = document_record(row.record);
    return measure.length == record.length && measure.square == record.square;
}

}  // namespace pgslab::inverted
