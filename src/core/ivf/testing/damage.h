// A small index that is sound, damage to its pages, and what those who read them say.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ivf/meta.h"
#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"
#include "store/testing/patches.h"

namespace pgslab {

constexpr uint32_t kLists = 5;

// A codebook, a sealed part with its segment and an open part of two extents, rows of which are
// tombstones.
inline MemoryIndex sound_index(int dims, uint32_t rows) {
    Random random(28);
    const PgsOptions options = {dims, PGS_L2, PGS_F16, "", "", 4};
    Table table(
        random, options, rows,
        [&] { return hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary); }, kLists);
    table.index().grow();
    return table.index();
}

inline const MemoryIndex &small_index() {
    static const MemoryIndex index = sound_index(100, 900);
    return index;
}

struct Finding {
    PgsStatus status = PGS_OK;
    uint32_t block = PGS_NO_BLOCK;
    std::string detail;
};

template <typename Read>
inline Finding finding_of(Read read) {
    try {
        read();
    } catch (const CoreFailure &failure) {
        return {failure.error.status, failure.error.block, failure.error.detail};
    }
    return {};
}

inline Finding verify_finding(const PageStore &store) {
    return finding_of([&] { verify(store); });
}

inline std::vector<ScannedRow> scan_of(const PageStore &store,
                                       const PgsEffort &effort = kExactAsStored) {
    PgsError error;
    const Page meta = store.read(0);
    require(pgs_meta_check(&meta, &error), error);
    const auto codebook = load_codebook(store, meta);
    Scanner scanner(1 << 20);
    const Vector query(vectors_of(meta_of(meta)).dims, 0.5f);
    scanner.start(store, meta, codebook.get(), nullptr, query.data(), false, effort);
    return scanner.rest();
}

inline bool same_rows(const std::vector<ScannedRow> &a, const std::vector<ScannedRow> &b) {
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(), [](const ScannedRow &x, const ScannedRow &y) {
            return x.slot == y.slot && x.bound == y.bound && number_of(x.tid) == number_of(y.tid);
        });
}

inline const std::vector<ScannedRow> &sound_scan(const PgsEffort &effort) {
    static const std::vector<ScannedRow> exact = scan_of(small_index().store());
    static const std::vector<ScannedRow> other =
        scan_of(small_index().store(), effort_as_stored(0.5));
    return effort.exact ? exact : other;
}

// Verification finds the damage at that block. An exact scan either finds it there too or, where it
// does not need the page, gives the rows it gives without. So does another scan, of what only such
// read.
inline void expect_found(const PageStore &store, uint32_t block, const std::string &what,
                         PgsStatus status = PGS_CORRUPT) {
    const Finding found = verify_finding(store);
    EXPECT_EQ(found.status, status) << what << " of block " << block << ": " << found.detail;
    EXPECT_EQ(found.block, block) << what << ": " << found.detail;

    std::vector<PgsEffort> efforts = {kExactAsStored};
    const PgsRole role = pgs_block_role(&small_index().meta(), block);
    if (role == PGS_ROLE_DIRECTORY || role == PGS_ROLE_LIST || role == PGS_ROLE_REFINE) {
        efforts.push_back(effort_as_stored(0.5));
    }
    for (const PgsEffort &effort : efforts) {
        std::vector<ScannedRow> rows;
        const Finding met = finding_of([&] { rows = scan_of(store, effort); });
        if (met.status == PGS_OK) {
            EXPECT_TRUE(same_rows(rows, sound_scan(effort))) << what << " of block " << block;
        } else {
            EXPECT_EQ(met.status, status) << what << " of block " << block;
            EXPECT_EQ(met.block, block) << what;
        }
    }
}

template <typename Damage>
inline void expect_damage_found(uint32_t block, const std::string &what, Damage damage,
                                PgsStatus status = PGS_CORRUPT) {
    PageStore store = small_index().store();
    damage(store.damage(block));
    expect_found(store, block, what, status);
}

inline void expect_forgery_found(uint32_t block, const std::string &what,
                                 const std::function<void(Page &)> &forge) {
    PageStore store = small_index().store();
    forge(store.damage(block));
    repair_checksum(store.damage(block));
    const Finding found = verify_finding(store);
    EXPECT_EQ(found.status, PGS_CORRUPT) << what;
    EXPECT_EQ(found.block, block) << what << ": " << found.detail;
}

}  // namespace pgslab
