#include "ivf/build.h"

#include "base/error.h"
#include "ivf/meta.h"
#include "store/manifest.h"
#include "store/sets.h"

namespace pgslab {

Build::Build(const PgsOptions &options, const Codebook &codebook) : codebook_(codebook) {
    init_meta(meta_, options);
    vectors_of(meta_of(meta_)).offset_checksum = codebook.offset_checksum();
    finish_meta(meta_);
}

PgsStatus Build::begin() {
    uint32_t blocks = 0;
    if (PgsStatus status = begin_rows(0, &blocks, nullptr)) {
        return status;
    }
    return end_rows(nullptr);
}

PgsStatus Build::begin_rows(uint64_t rows, uint32_t *blocks, PgsError *error) {
    rewrite_.emplace(meta_, codebook_, PgsParts{}, rows);
    const PgsStatus status = reserve_runs(error);
    *blocks = meta_of(meta_).end_block;
    return status;
}

// Of its own manifest, where nobody else takes any.
PgsStatus Build::reserve_runs(PgsError *error) {
    while (rewrite_->awaits() == PGS_REQUEST_RUN) {
        PgsRequest request = {};
        Reservation reserved;
        if (PgsStatus status = rewrite_->next(request, error)) {
            return status;
        }
        if (PgsStatus status = reserve_run(meta_, request.blocks, request.ids, reserved, error)) {
            return status;
        }
        rewrite_->reserved(reserved);
    }
    return rewrite_->check(error);
}

PgsStatus Build::add_row(const uint8_t *row, uint32_t list, PgsError *error) {
    return rewrite_->row(row, list, error);
}

// The manifest that names what was written is the index's first.
PgsStatus Build::end_rows(PgsError *error) {
    if (rewrite_->awaits() == PGS_REQUEST_ROW) {
        if (PgsStatus status = rewrite_->row(nullptr, 0, error)) {
            return status;
        }
    }
    if (PgsStatus status = publish_replacement(meta_, rewrite_->made(), 0, error)) {
        return status;
    }
    Meta &meta = meta_of(meta_);
    meta.generation = 1;
    meta.other_bytes_written = 0;
    meta.value_bytes_written = 0;
    rewrite_->amend(meta);
    Vectors &vectors = vectors_of(meta);
    vectors.trained.sum += vectors.coded.sum;
    vectors.trained.rows += vectors.coded.rows;
    vectors.coded = {};
    finish_meta(meta_);
    return PGS_OK;
}

const Page *Build::next_page(uint32_t *block) noexcept {
    return rewrite_ ? rewrite_->next_page(block) : nullptr;
}

}  // namespace pgslab
