#include "store/parts_writer.h"

#include <algorithm>
#include <utility>

namespace pgslab {

uint64_t slots_of_part(uint64_t index_slots, const Columns &columns) noexcept {
    constexpr uint64_t kSmallest = 4 * 1024 * 1024;  // bytes: less is not worth a part
    return std::max(divide_up(index_slots, kMostPartsOfIndex),
                    divide_up(kSmallest, slot_bytes(columns)));
}

std::vector<uint32_t> divide_slots(uint64_t slots, uint64_t most) {
    const uint64_t count = divide_up(slots, most);
    std::vector<uint32_t> parts;
    for (uint64_t i = 0; i < count; i++) {
        parts.push_back(static_cast<uint32_t>(slots * (i + 1) / count - slots * i / count));
    }
    return parts;
}

PartsWriter::PartsWriter(std::vector<WrittenPart> parts, const Columns &columns,
                         std::deque<ReadyPage> &ready)
    : parts_(std::move(parts)), columns_(columns), layout_(row_layout(columns)), ready_(&ready) {}

// The next extent of the part in hand, or the first of the next one.
void PartsWriter::begin_extent() {
    if (!tables_.empty()) {
        end_extent();
        if (extent_ == parts_[part_].extents.size()) {
            part_++;
            extent_ = 0;
        }
    }
    const WrittenPart &written = parts_[part_];
    const Extent &extent = written.extents[extent_];
    place_ =
        extent_ == 0 ? extent_place(written.part, columns_, extent) : next_place(place_, extent);
    slot_ = place_.part_slot;
    extent_++;
    for (uint32_t c = 0; c < columns_.count; c++) {
        tables_.emplace_back(table_page(place_, 0, c, 0), *ready_);
    }
}

void PartsWriter::end_extent() {
    for (PageStream &table : tables_) {
        table.end();
    }
    tables_.clear();
}

uint64_t PartsWriter::add(const uint8_t *row) {
    if (tables_.empty() || slot_ - place_.part_slot == place_.capacity()) {
        begin_extent();
    }
    for (uint32_t c = 0; c < columns_.count; c++) {
        const Column &column = columns_.column[c];
        if ((column.flags & kWhole) != 0) {
            tables_[c].append_whole(row + layout_.item[c], column.item);
        } else {
            tables_[c].append(row + layout_.item[c], column.item);
        }
    }
    return make_address(parts_[part_].part.handle, slot_++);
}

void PartsWriter::end() {
    end_extent();
}

}  // namespace pgslab
