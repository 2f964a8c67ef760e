#include "search/directories.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/error.h"
#include "ivf/segment_layout.h"

namespace pgslab {

namespace {

uint64_t end_of(const ListRun &run) noexcept {
    return uint64_t{run.first_row} + run.rows;
}

}  // namespace

const ListRun *Directories::run_of(uint32_t segment, uint32_t list) const noexcept {
    const Directory &directory = directories_[segment];
    const uint32_t page = list / kRunsPerPage;
    return page < directory.is_read.size() && directory.is_read[page] ? &directory.runs[list]
                                                                      : nullptr;
}

PgsStatus Directories::check_run(uint32_t segment, uint32_t list, PgsError *error) const {
    const Segment &of = context_.meta().segment[segment];
    if (end_of(*run_of(segment, list)) > of.rows) {
        return fail(error, PGS_CORRUPT, page_of_segment(of, list / kRunsPerPage).block,
                    "list %u of segment %llu lies outside the segment", list,
                    static_cast<unsigned long long>(of.id));
    }
    return PGS_OK;
}

PgsStatus Directories::find(uint32_t segment, uint64_t row, uint32_t *list, PgsError *error) {
    const Segment &of = context_.meta().segment[segment];
    PGSLAB_ASSERT(row < of.rows);
    *list = kNoList;
    // The row is on none of the pages before `page`, which have those before `first`, nor on those
    // from `end` on, which have those from `rows` on.
    uint32_t page = 0;
    uint32_t end = of.first_blocks;
    uint64_t first = 0;
    uint64_t rows = of.rows;
    while (page < end) {
        const auto guess =
            page + static_cast<uint32_t>((row - first) * (end - page) / (rows - first));
        const ListRun *const run = run_of(segment, guess * kRunsPerPage);
        if (run == nullptr) {
            want(segment, guess * kRunsPerPage);
            return PGS_OK;
        }
        const uint32_t lists = context_.codebook->lists();
        const ListRun *const last = run + std::min(lists - guess * kRunsPerPage, kRunsPerPage) - 1;
        if (row < run->first_row) {
            end = guess;
            rows = run->first_row;
        } else if (row >= end_of(*last)) {
            page = guess + 1;
            first = end_of(*last);
        } else {
            // Of lists that begin at the same row all but the last are empty.
            const ListRun *const found = std::upper_bound(run, last + 1, row,
                                                          [](uint64_t r, const ListRun &other) {
                                                              return r < other.first_row;
                                                          }) -
                                         1;
            if (row >= end_of(*found)) {
                page = guess;
                break;
            }
            *list = guess * kRunsPerPage + static_cast<uint32_t>(found - run);
            return check_run(segment, *list, error);
        }
    }
    return fail(error, PGS_CORRUPT, page_of_segment(of, std::min(page, of.first_blocks - 1)).block,
                "no list of segment %llu has its row %llu", static_cast<unsigned long long>(of.id),
                static_cast<unsigned long long>(row));
}

void Directories::want(uint32_t segment, uint32_t list) noexcept {
    reading_ = segment;
    wanted_ = page_of_segment(context_.meta().segment[segment], list / kRunsPerPage);
}

bool Directories::want_any() noexcept {
    const Meta &meta = context_.meta();
    for (uint32_t s = 0; s < meta.segments; s++) {
        for (uint32_t page = 0; page < meta.segment[s].first_blocks; page++) {
            if (run_of(s, page * kRunsPerPage) == nullptr) {
                want(s, page * kRunsPerPage);
                return true;
            }
        }
    }
    return false;
}

PgsStatus Directories::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(reading_ < directories_.size());
    Directory &directory = directories_[reading_];
    if (directory.runs.empty()) {
        directory.runs.resize(context_.codebook->lists());
        directory.is_read.resize(context_.meta().segment[reading_].first_blocks);
    }
    PGSLAB_ASSERT(!directory.is_read[wanted_.sequence]);
    const size_t first = size_t{wanted_.sequence} * kRunsPerPage;
    PGSLAB_ASSERT(first < directory.runs.size());
    const size_t n = std::min<size_t>(kRunsPerPage, directory.runs.size() - first);
    if (used_bytes(page) != n * sizeof(ListRun)) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the directory page uses %u bytes",
                    used_bytes(page));
    }
    std::memcpy(directory.runs.data() + first, page.payload, n * sizeof(ListRun));
    directory.is_read[wanted_.sequence] = true;
    return PGS_OK;
}

}  // namespace pgslab
