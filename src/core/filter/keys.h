// The keys of a row (pgslab/filter.h) as they are stored: behind its record, and in segments. One
// after the other, in the order of the columns, without gaps.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "pgslab/filter.h"
#include "pgslab/index.h"

namespace pgslab {

// A filter column, as the metapage has it; 0 stands for none, and none comes behind it.
enum class KeyFormat : uint8_t {};
constexpr uint8_t kWideKeys = 0x80;     // keys of 8 bytes; else of 4
constexpr uint8_t kAddressKeys = 0x40;  // of rows' addresses. Below: how many

constexpr KeyFormat key_format(const PgsKeyColumn &column) noexcept {
    return KeyFormat{static_cast<uint8_t>((column.key_bytes == 8 ? kWideKeys : 0) |
                                          (column.is_address ? kAddressKeys : 0) | column.keys)};
}
constexpr PgsKeyColumn key_column(KeyFormat format) noexcept {
    const auto bits = static_cast<uint8_t>(format);
    return {static_cast<uint8_t>((bits & kWideKeys) != 0 ? 8 : 4),
            static_cast<uint8_t>(bits & ~(kWideKeys | kAddressKeys)), (bits & kAddressKeys) != 0};
}

using KeyFormats = std::array<KeyFormat, PGS_MAX_FILTER_COLUMNS>;

// The number of the column of addresses; as many as there are columns if there is none.
constexpr uint32_t address_column(const PgsKeyColumns &columns) noexcept {
    uint32_t c = 0;
    while (c < columns.count && !columns.column[c].is_address) {
        c++;
    }
    return c;
}

constexpr bool are_possible(const PgsKeyColumns &columns) noexcept {
    bool possible = columns.count <= PGS_MAX_FILTER_COLUMNS;
    for (uint32_t c = 0; possible && c < columns.count; c++) {
        const PgsKeyColumn &column = columns.column[c];
        possible = (column.key_bytes == 4 || column.key_bytes == 8) && column.keys >= 1 &&
                   column.keys <= PGS_MAX_SET_KEYS &&
                   (!column.is_address ||
                    (column.key_bytes == 8 && column.keys == 1 && c == address_column(columns)));
    }
    return possible;
}

constexpr KeyFormats key_formats(const PgsKeyColumns &columns) noexcept {
    KeyFormats formats = {};
    for (uint32_t c = 0; c < columns.count; c++) {
        formats[c] = key_format(columns.column[c]);
    }
    return formats;
}

// Up to the first that is none.
constexpr PgsKeyColumns key_columns(const KeyFormats &formats) noexcept {
    PgsKeyColumns columns = {};
    for (; columns.count < formats.size() && formats[columns.count] != KeyFormat{};
         columns.count++) {
        columns.column[columns.count] = key_column(formats[columns.count]);
    }
    return columns;
}

// Bytes of a row's keys of the first so many columns: where those of the next one begin.
constexpr uint32_t key_bytes(const PgsKeyColumns &columns, uint32_t count) noexcept {
    uint32_t bytes = 0;
    for (uint32_t c = 0; c < count; c++) {
        bytes += uint32_t{columns.column[c].key_bytes} * columns.column[c].keys;
    }
    return bytes;
}
constexpr uint32_t key_bytes(const PgsKeyColumns &columns) noexcept {
    return key_bytes(columns, columns.count);
}
constexpr uint32_t key_bytes(const KeyFormats &formats) noexcept {
    return key_bytes(key_columns(formats));
}

inline uint64_t load_key(const uint8_t *at, unsigned bytes) noexcept {
    if (bytes == 4) {
        uint32_t key;
        std::memcpy(&key, at, sizeof key);
        return key;
    }
    uint64_t key;
    std::memcpy(&key, at, sizeof key);
    return key;
}

// Of which the lower bytes count.
inline void store_key(uint8_t *at, unsigned bytes, uint64_t key) noexcept {
    if (bytes == 4) {
        const auto low = static_cast<uint32_t>(key);
        std::memcpy(at, &low, sizeof low);
    } else {
        std::memcpy(at, &key, sizeof key);
    }
}

// In the order of addresses.
constexpr uint64_t address_key(PgsTid tid) noexcept {
    return uint64_t{tid.block} << 16 | tid.offset;
}
constexpr PgsTid tid_of_key(uint64_t key) noexcept {
    return {static_cast<uint32_t>(key >> 16), static_cast<uint16_t>(key)};
}

// All keys of a row, to where they are stored: one number each, but for that of its address.
inline void store_keys(const PgsKeyColumns &columns, const uint64_t *keys, PgsTid tid,
                       uint8_t *at) noexcept {
    for (uint32_t c = 0; c < columns.count; c++) {
        const PgsKeyColumn &column = columns.column[c];
        for (uint32_t k = 0; k < column.keys; k++) {
            store_key(at, column.key_bytes, column.is_address ? address_key(tid) : *keys++);
            at += column.key_bytes;
        }
    }
}

}  // namespace pgslab
