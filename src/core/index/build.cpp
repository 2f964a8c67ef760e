#include "index/build.h"

#include <algorithm>

#include "format/layout.h"
#include "format/meta.h"
#include "format/page.h"
#include "quantize/encode.h"

namespace pgslab {

namespace {

constexpr uint32_t kFirstPart = 1;
constexpr uint64_t kFirstGeneration = 1;

}  // namespace

Build::Build(const PgsOptions &options)
    : options_(options),
      item_bytes_(
          item_bytes(static_cast<uint32_t>(options.dims), static_cast<Storage>(options.storage))),
      item_(divide_up(item_bytes_, sizeof(uint64_t))),
      item_done_(item_bytes_) {}

bool Build::add(const float *vector, PgsTid tid, Record *record) noexcept {
    if (!encode(static_cast<Metric>(options_.metric), static_cast<Storage>(options_.storage),
                vector, static_cast<uint32_t>(options_.dims), item_.data(), record)) {
        return false;
    }
    set_tid(*record, tid);
    item_done_ = 0;
    rows_++;
    put_item();
    return true;
}

// Puts as much of the vector on the page as fits.
void Build::put_item() noexcept {
    turn_page(PageKind::kSlab);
    const auto *bytes = reinterpret_cast<const uint8_t *>(item_.data());
    const uint32_t n = std::min(item_bytes_ - item_done_, kPayloadBytes - used_bytes(page_));
    std::copy_n(bytes + item_done_, n, page_.payload + used_bytes(page_));
    page_.server.lower = static_cast<uint16_t>(page_.server.lower + n);
    item_done_ += n;
    if (used_bytes(page_) == kPayloadBytes) {
        finish_page();
    }
}

void Build::end_rows() noexcept {
    if (page_begun_) {
        finish_page();
    }
    sequence_ = 0;
}

void Build::add_record(const Record &record) noexcept {
    turn_page(PageKind::kRecord);
    std::copy_n(reinterpret_cast<const uint8_t *>(&record), sizeof record,
                page_.payload + used_bytes(page_));
    page_.server.lower = static_cast<uint16_t>(page_.server.lower + sizeof record);
    if (used_bytes(page_) == kRecordsPerPage * sizeof(Record)) {
        finish_page();
    }
}

void Build::end_records() noexcept {
    if (page_begun_) {
        finish_page();
    }
}

void Build::turn_page(PageKind kind) noexcept {
    if (!page_begun_) {
        format_page(page_, kind, kFirstPart, kFirstGeneration, sequence_);
        page_begun_ = true;
    }
}

void Build::finish_page() noexcept {
    page_.slab.checksum = page_checksum(page_);
    page_begun_ = false;
    page_finished_ = true;
    sequence_++;
    slab_blocks_ += page_.slab.kind == PageKind::kSlab ? 1 : 0;
}

const Page *Build::next_page() noexcept {
    while (!page_finished_ && item_done_ < item_bytes_) {
        put_item();
    }
    if (!page_finished_) {
        return nullptr;
    }
    page_finished_ = false;
    return &page_;
}

void Build::write_meta(Page &page) const noexcept {
    init_meta(page, options_);
    if (rows_ > 0) {
        add_sealed_part(page, {1 + slab_blocks_, 1, static_cast<uint32_t>(rows_)});
    }
}

}  // namespace pgslab
