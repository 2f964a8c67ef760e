// pgslab/verify.h.
#include <algorithm>
#include <optional>
#include <vector>

#include "api/guard.h"
#include "api/kind.h"
#include "api/page_kinds.h"
#include "inverted/verify.h"
#include "ivf/verify.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "pgslab/verify.h"
#include "store/layout.h"
#include "store/meta.h"
#include "store/page.h"

using namespace pgslab;

// Of one kind of index or the other.
struct PgsVerify {
    explicit PgsVerify(const Page &meta) {
        is_inverted(meta_of(meta)) ? (void)documents.emplace(meta) : (void)vectors.emplace(meta);
    }

    std::optional<Verify> vectors;
    std::optional<inverted::Verify> documents;
};

namespace {

const char *kind_name(const Page &page) noexcept {
    if (const NamedKind *named = named_kind(page.slab.kind)) {
        return named->name;
    }
    return is_blank(page) ? "empty" : "unknown";
}

}  // namespace

PgsStatus pgs_verify_create(const void *meta, PgsVerify **verify) {
    return guard(nullptr, [&] {
        *verify = new PgsVerify(as_page(meta));
        return PGS_OK;
    });
}

void pgs_verify_destroy(PgsVerify *verify) {
    delete verify;
}

PgsMachine *pgs_verify_machine(PgsVerify *verify) {
    return verify->vectors ? static_cast<PgsMachine *>(&*verify->vectors) : &*verify->documents;
}

const PgsVerifiedRow *pgs_verify_rows(const PgsVerify *verify, size_t *count) {
    const std::vector<PgsVerifiedRow> &rows =
        verify->vectors ? verify->vectors->rows() : verify->documents->rows();
    *count = rows.size();
    return rows.data();
}

void pgs_page_info(const void *page_bytes, PgsPageInfo *info) {
    const Page &page = as_page(page_bytes);
    *info = {};
    info->kind = kind_name(page);
    info->part = page.slab.owner;
    info->generation = page.slab.generation;
    info->sequence = page.slab.sequence;
    if (!bounds_are_sane(page)) {
        return;
    }
    info->used_bytes = used_bytes(page);
    info->checksum_ok = page.slab.checksum == page_checksum(page);
    if (page.slab.kind == PageKind::kRecord && page.slab.extra < kMostRecordBytes) {
        info->records = info->used_bytes / record_bytes(page);
        for (uint32_t i = 0; i < info->records; i++) {
            info->tombstones += record_at(page, i).flags != 0 ? 1 : 0;
        }
    }
}

// What a page of that kind is for.
static PgsRole role_of(PageKind kind) {
    const NamedKind *named = named_kind(kind);
    return named == nullptr ? PGS_ROLE_BEYOND : named->role;
}

PgsRole pgs_block_role(const void *meta_page, uint32_t block) {
    const Meta &meta = meta_of(as_page(meta_page));
    const auto within = [block](const Run &run) {
        return block >= run.block && block - run.block < run.blocks;
    };
    if (block == kMetaBlock) {
        return PGS_ROLE_META;
    }
    if (within(meta.growth.run)) {
        return PGS_ROLE_IN_PROGRESS;
    }
    if (within(meta.dictionary.run)) {
        return PGS_ROLE_CODEBOOK;
    }
    for (uint32_t i = 0; i < meta.segments; i++) {
        const Segment &segment = meta.segment[i];
        if (within(segment.run)) {
            return role_of(segment_page(meta.kinds, segment, block - segment.run.block).kind);
        }
    }
    for (uint32_t i = 0; i < meta.spares; i++) {
        if (within(meta.spare[i].run)) {
            return PGS_ROLE_SPARE;
        }
    }
    PgsRole role = PGS_ROLE_BEYOND;
    each_extent(meta, [&](const ExtentPlace &place) {
        if (within({place.extent.block, place.blocks()})) {
            const uint32_t at = block - place.extent.block;
            role = role_of(
                stride_page(place, at / place.stride_blocks, at % place.stride_blocks).kind);
        }
        return role != PGS_ROLE_BEYOND;
    });
    return role;
}
