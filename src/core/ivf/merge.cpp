#include "ivf/merge.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "ivf/format.h"
#include "ivf/meta.h"
#include "ivf/named_slot.h"

namespace pgslab {

Merge::Merge(const Page &meta, PgsSegments segments, PgsParts parts)
    : meta_(meta),
      segments_(segments),
      parts_(parts),
      key_bytes_(key_bytes(vectors_of(meta_of(meta)).keys)),
      dead_(meta_of(meta).parts),
      live_(meta_of(meta).parts),
      named_(meta_of(meta).parts),
      slots_(meta_of(meta_)),
      fetch_(slots_) {
    const Meta &m = meta_of(meta_);
    PgsParts counted = parts;
    for (uint32_t p = 0; p < m.parts; p++) {
        if (m.part[p].tombstones > 0) {
            add(counted, p);
        }
    }
    walker_.open(m, {.skip = 0, .parts = counted});
    for (uint32_t i = 0; i < m.segments; i++) {
        if (has(segments, i)) {
            readers_.emplace_back(m.segment[i], segment_shape(vectors_of(m)));
            most_codes_ += m.segment[i].rows;
        }
    }
}

void Merge::row(const Row &row) {
    const uint32_t part = walker_.part_number();
    const uint64_t slot = slot_of(row.address);
    const bool dead = (row.record.flags & kTombstone) != 0;
    live_[part] += dead ? 0 : 1;
    if (dead) {
        if (dead_[part].size() <= slot) {
            dead_[part].resize(slot + 1);
        }
        dead_[part][slot] = true;
    }
}

PgsStatus Merge::page(const Page &page, PgsError *error) {
    switch (std::exchange(reading_, Reading::kNothing)) {
        case Reading::kRecords:
            return walker_.page(page, *this, error);
        case Reading::kSegment:
            return wanting_->page(page, error);
        case Reading::kRow:
            return take_page_of_row(page, error);
        default:
            return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "the task has asked for no page");
    }
}

PgsStatus Merge::take_page_of_row(const Page &page, PgsError *error) {
    if (PgsStatus status = fetch_.page(page, error)) {
        return status;
    }
    if (fetch_.wanted().block != PGS_NO_BLOCK) {
        return PGS_OK;
    }
    const SegmentRow &row = copying_->row();
    if (vector_record(fetch_.record()).list != row.list) {
        return wrongly_named(row.address, {row.list, copying_->block()},
                             "which its record says another list has", error);
    }
    const uint64_t address = output_->add_slot(fetch_.row());
    const uint8_t *keys = fetch_.row() + sizeof(Record);
    if (!std::equal(keys, keys + key_bytes_, row.keys)) {
        return wrongly_named(row.address, {row.list, copying_->block()},
                             "which has other keys in its record", error);
    }
    output_->add_row({row.list, address, row.code, row.factors, keys});
    end_row();
    return PGS_OK;
}

void Merge::plan() {
    for (uint32_t p = 0; p < meta_of(meta_).parts; p++) {
        if (is_rewritten(p)) {
            rewritten_ += live_[p];
            named_[p].resize(meta_of(meta_).part[p].slots);
        }
    }
    output_.emplace(meta_of(meta_), nullptr, parts_, rewritten_, most_codes_);
}

void Merge::reserved(const Reservation &reserved) {
    output_->take(reserved);
    phase_ = output_->wanted() > 0 ? Phase::kReserve : Phase::kRows;
}

PgsStatus Merge::next(PgsRequest &request, PgsError *error) {
    reading_ = Reading::kNothing;
    if (phase_ == Phase::kRecords) {
        if (walker_.next_block() != PGS_NO_BLOCK) {
            ask(Reading::kRecords, walker_.next_block(), request);
            return PGS_OK;
        }
        plan();
        if (PgsStatus status = output_->check(error)) {
            return status;
        }
        phase_ = output_->wanted() > 0 ? Phase::kReserve : Phase::kRows;
    }
    if (phase_ == Phase::kReserve) {
        output_->ask(request);
        return PGS_OK;
    }
    request.page = output_->next_page(&request.block);
    if (request.page == nullptr && phase_ == Phase::kRows) {
        if (PgsStatus status = next_of_rows(request, error)) {
            return status;
        }
        if (reading_ != Reading::kNothing) {
            return PGS_OK;
        }
        // Either finished pages wait to be written, or that was all.
        request.page = output_->next_page(&request.block);
        if (request.page == nullptr) {
            if (PgsStatus status = end(error)) {
                return status;
            }
            request.page = output_->next_page(&request.block);
        }
    }
    request.kind = request.page != nullptr ? PGS_REQUEST_WRITE : PGS_REQUEST_DONE;
    return PGS_OK;
}

void Merge::ask(Reading reading, uint32_t block, PgsRequest &request) noexcept {
    reading_ = reading;
    ask_for_page(request, block);
}

// Takes rows until a page is needed, one is finished, or there are no more.
PgsStatus Merge::next_of_rows(PgsRequest &request, PgsError *error) {
    constexpr uint64_t kRowsAtOnce = 64;
    for (uint64_t n = 0; n < kRowsAtOnce || !output_->has_pages(); n++) {
        if (copying_ != nullptr) {
            ask(Reading::kRow, fetch_.wanted().block, request);
            return PGS_OK;
        }
        SegmentReader *first = nullptr;
        for (SegmentReader &reader : readers_) {
            if (reader.at_end()) {
                continue;
            }
            const uint32_t block = reader.wanted().block;
            if (block != PGS_NO_BLOCK) {
                wanting_ = &reader;
                ask(Reading::kSegment, block, request);
                return PGS_OK;
            }
            if (first == nullptr || reader.row().list < first->row().list) {
                first = &reader;
            }
        }
        if (first == nullptr) {
            return PGS_OK;
        }
        if (PgsStatus status = take_row(*first, error)) {
            return status;
        }
    }
    return PGS_OK;
}

PgsStatus Merge::take_row(SegmentReader &reader, PgsError *error) {
    const SegmentRow &row = reader.row();
    const NamedBy by = {row.list, reader.block()};
    Slot slot;
    if (PgsStatus status = find_named(slots_, row.address, by, slot, error)) {
        return status;
    }
    const uint32_t part = slot.extent->part_number;
    const std::vector<bool> &dead = dead_[part];
    copying_ = &reader;
    if (slot.part_slot() < dead.size() && dead[slot.part_slot()]) {
        end_row();
    } else if (is_rewritten(part)) {
        if (named_[part][slot.part_slot()]) {
            return wrongly_named(row.address, by, "which was named before", error);
        }
        named_[part][slot.part_slot()] = true;
        fetch_.begin(slot);
    } else {
        output_->add_row(row);
        end_row();
    }
    return PGS_OK;
}

void Merge::end_row() {
    copying_->next();
    copying_ = nullptr;
    rows_++;
}

PgsStatus Merge::end(PgsError *error) {
    if (output_->slots() != rewritten_) {
        return fail(error, PGS_CORRUPT, PGS_NO_BLOCK, "lists name %llu rows of %llu",
                    static_cast<unsigned long long>(output_->slots()),
                    static_cast<unsigned long long>(rewritten_));
    }
    phase_ = Phase::kEnd;
    output_->end();
    made_ = output_->made();
    name_replaced(meta_of(meta_), parts_, segments_, made_);
    return PGS_OK;
}

PgsTaskWork Merge::work() const noexcept {
    PgsTaskWork work = {};
    work.rows = rows_;
    work.total = most_codes_;
    return work;
}

}  // namespace pgslab
