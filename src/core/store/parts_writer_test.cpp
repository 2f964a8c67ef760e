// Rows that are written to parts lie where the layout says.
#include "store/parts_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <vector>

#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

constexpr PageKind kItemPage{0x5653};

// Records and items of so many bytes; flags of each.
Columns columns_of(const std::vector<std::pair<uint32_t, uint16_t>> &items) {
    Columns columns = {};
    columns.column[columns.count++] = {PageKind::kRecord, kWhole, sizeof(Record)};
    for (const auto &[bytes, flags] : items) {
        columns.column[columns.count++] = {kItemPage, flags, bytes};
    }
    return columns;
}

// Two parts, of which the first has two extents.
std::vector<WrittenPart> two_parts(const Columns &columns) {
    uint32_t block = 10;
    std::vector<WrittenPart> parts;
    for (const std::vector<uint32_t> &extents : {std::vector<uint32_t>{700, 50}, {341}}) {
        WrittenPart written = {};
        written.part.id = 11 + parts.size();
        written.part.handle = static_cast<uint16_t>(128 + parts.size());
        written.part.generation = 4;
        written.part.state = PartState::kSealed;
        for (uint32_t slots : extents) {
            written.part.slots += slots;
            written.extents.push_back({block, slots, 1});
            block += static_cast<uint32_t>(stride_blocks(columns, slots)) + 5;
        }
        parts.push_back(written);
    }
    return parts;
}

TEST(PartsWriter, EachSlotIsWhereItIsLookedFor) {
    Random random(3);
    for (const Columns &columns :
         {columns_of({{8, 0}, {64, kWhole}}), columns_of({{1536, kValues}, {416, kWhole}}),
          columns_of({{64000, 0}, {8032, kWhole}}), columns_of({{8, 0}}),
          columns_of({{6144, 0}, {4064, kWhole}, {9, kWhole}, {64, 0}}), columns_of({})}) {
        const RowLayout layout = row_layout(columns);
        const std::vector<WrittenPart> parts = two_parts(columns);
        std::deque<ReadyPage> ready;
        PartsWriter writer(parts, columns, ready);
        std::vector<std::vector<uint8_t>> rows;
        for (const WrittenPart &written : parts) {
            for (uint64_t slot = 0; slot < written.part.slots; slot++) {
                std::vector<uint8_t> row(layout.bytes);
                std::generate(row.begin(), row.end(),
                              [&] { return static_cast<uint8_t>(random()); });
                ASSERT_EQ(writer.add(row.data()), make_address(written.part.handle, slot));
                rows.push_back(std::move(row));
            }
        }
        writer.end();
        std::map<uint32_t, Page> pages;
        for (const ReadyPage &page : ready) {
            ASSERT_TRUE(pages.emplace(page.block, page.page).second) << "written twice";
        }
        size_t expected = 0;
        size_t row = 0;
        for (const WrittenPart &written : parts) {
            ExtentPlace place = {};
            for (const Extent &extent : written.extents) {
                place = place.part == nullptr ? extent_place(written.part, columns, extent)
                                              : next_place(place, extent);
                expected += place.blocks();
                for (uint32_t i = 0; i < place.blocks(); i++) {
                    const PageIdentity identity = stride_page(place, 0, i);
                    ASSERT_EQ(verify_page(pages.at(identity.block), identity, nullptr), PGS_OK);
                }
                for (uint32_t slot = 0; slot < extent.slots; slot++, row++) {
                    for (uint32_t c = 0; c < columns.count; c++) {
                        const uint32_t item = columns.column[c].item;
                        for (uint32_t done = 0; done < item;) {
                            const ItemPlace at = item_place(columns.column[c], slot, done, item);
                            const Page &page = pages.at(table_page(place, 0, c, at.page).block);
                            ASSERT_EQ(
                                std::memcmp(page.payload + at.offset,
                                            rows[row].data() + layout.item[c] + done, at.bytes),
                                0);
                            done += at.bytes;
                        }
                    }
                }
            }
        }
        EXPECT_EQ(pages.size(), expected);
    }
}

TEST(PartsWriter, SlotsAreDividedEvenly) {
    for (uint64_t slots : {1u, 7u, 8u, 100u, 1001u}) {
        for (uint64_t most : {1u, 3u, 100u, 5000u}) {
            const std::vector<uint32_t> parts = divide_slots(slots, most);
            EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), uint64_t{0}), slots);
            EXPECT_EQ(parts.size(), (slots + most - 1) / most);
            const auto [least, largest] = std::minmax_element(parts.begin(), parts.end());
            EXPECT_LE(*largest, most);
            EXPECT_LE(*largest - *least, 1u);
        }
    }
}

}  // namespace
}  // namespace pgslab
