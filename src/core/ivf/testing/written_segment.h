// A segment of random codes, with what was put into it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "ivf/format.h"
#include "ivf/meta.h"
#include "ivf/segment_writer.h"
#include "ivf/testing/tables.h"
#include "quantize/code.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {

struct WrittenRow {
    uint32_t list;
    uint64_t address;
    std::vector<uint8_t> code;
    ScanFactors factors;
    std::vector<uint8_t> keys;
};

// A segment of rows of random codes: so many of each list.
class WrittenSegment {
  public:
    WrittenSegment(Random &random, uint32_t dims, const std::vector<uint32_t> &rows,
                   const PgsKeyColumns &keys = {})
        : lists_(static_cast<uint32_t>(rows.size())), padded_(padded_dims(dims)), keys_(keys) {
        for (uint32_t list = 0; list < lists_; list++) {
            for (uint32_t i = 0; i < rows[list]; i++) {
                WrittenRow row = {list,
                                  uint64_t{random()} << 32 | random(),
                                  std::vector<uint8_t>(padded_ / 8),
                                  {},
                                  std::vector<uint8_t>(key_bytes(keys))};
                std::generate(row.code.begin(), row.code.end(),
                              [&] { return static_cast<uint8_t>(random()); });
                std::generate(row.keys.begin(), row.keys.end(),
                              [&] { return static_cast<uint8_t>(random()); });
                row.factors = {static_cast<float>(random()), -static_cast<float>(random()),
                               static_cast<float>(random())};
                rows_.push_back(std::move(row));
            }
        }
        const uint32_t directory = directory_blocks(lists_);
        const Run run = {100, static_cast<uint32_t>(SegmentLayout(shape()).blocks(rows_.size()))};
        segment_ = {7, 12, rows_.size(), run, directory, 0};
        std::deque<ReadyPage> ready;
        SegmentWriter writer(segment_, shape(), ready);
        for (const WrittenRow &row : rows_) {
            writer.add({row.list, row.address, row.code.data(), row.factors, row.keys.data()});
            EXPECT_EQ(writer.list(), row.list);
        }
        EXPECT_EQ(writer.rows(), rows_.size());
        EXPECT_EQ(writer.end(), segment_.run.blocks);
        for (const ReadyPage &page : ready) {
            EXPECT_TRUE(pages_.emplace(page.block, page.page).second) << "written twice";
        }
    }

    const Segment &segment() const { return segment_; }
    uint32_t lists() const { return lists_; }
    uint32_t padded() const { return padded_; }
    SegmentShape shape() const { return {lists_, padded_, keys_}; }
    const std::vector<WrittenRow> &rows() const { return rows_; }
    const std::map<uint32_t, Page> &pages() const { return pages_; }

    std::vector<ListRun> directory() const {
        std::vector<ListRun> runs(directory_blocks(lists_) * kPayloadBytes / sizeof(ListRun));
        for (uint32_t i = 0; i < segment_.first_blocks; i++) {
            const Page &page = pages_.at(segment_.run.block + i);
            std::memcpy(runs.data() + size_t{i} * kPayloadBytes / sizeof(ListRun), page.payload,
                        used_bytes(page));
        }
        runs.resize(lists_);
        return runs;
    }

  private:
    uint32_t lists_;
    uint32_t padded_;
    PgsKeyColumns keys_;
    std::vector<WrittenRow> rows_;
    Segment segment_ = {};
    std::map<uint32_t, Page> pages_;
};

// Rows of a few lists, or of many; short, or long enough for several blocks.
inline std::vector<uint32_t> random_lists(Random &random) {
    std::vector<uint32_t> rows(1 + random() % (random() % 8 == 0 ? 2500 : 40));
    const auto most = static_cast<uint32_t>(1 + random() % (rows.size() > 100 ? 3 : 120));
    for (uint32_t &n : rows) {
        n = random() % 3 == 0 ? 0 : static_cast<uint32_t>(random() % most);
    }
    rows[random() % rows.size()]++;  // there is one
    return rows;
}

}  // namespace pgslab
